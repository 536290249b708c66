"""The root of the errors this program ends with on purpose."""


class ProcessorError(Exception):
    """Its text is the one line for the user: what, where it came from, what is allowed; never a payload, never a secret."""
