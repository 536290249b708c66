"""The records of one poll, and their headers."""
