"""What can become of a property someone sets."""

from enum import StrEnum


class Support(StrEnum):
    """The user is told of all but the first three."""

    SUPPORTED = "honoured"  # does here what it does in Spring or Java
    MAPPED = "translated"  # handed to librdkafka, under its name there
    NO_EFFECT = "needless"  # no meaning here, and nothing is missing without it: told at DEBUG
    IGNORED = "ignored"  # dropped; one warning says why
    REJECTED = "refused"  # the processor does not start
