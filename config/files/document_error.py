"""Errors in a configuration file."""

MAX_ENTRIES = 10_000  # properties of one file, with aliases expanded


class DocumentError(ValueError):
    """The file is no valid configuration file. The text has no value from the file."""
