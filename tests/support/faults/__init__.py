"""Faults, the streams that they hit, and what became of the records."""
