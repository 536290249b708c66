"""A task in which single records fail."""
