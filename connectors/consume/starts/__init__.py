"""Where the reading of a partition starts."""
