"""What can become of a property that is set."""

from enum import StrEnum


class Support(StrEnum):
    """What becomes of a property; the first three are not logged."""

    SUPPORTED = "honoured"  # does here what it does in Spring or Java
    MAPPED = "translated"  # handed to librdkafka, under its name there
    NO_EFFECT = "needless"  # no meaning here, and nothing is missing without it: logged at DEBUG
    IGNORED = "ignored"  # dropped; one warning says why
    REJECTED = "refused"  # the processor does not start
