"""What is wrong with a configuration file."""

MAX_ENTRIES = 10_000  # properties of one file, after the aliases are written out


class DocumentError(ValueError):
    """Why a file is no configuration file; without a value from it."""
