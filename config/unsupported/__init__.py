"""Names that Spring knows and this program does not use, and why."""
