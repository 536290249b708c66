"""How this program supports a property."""

from enum import StrEnum


class Support(StrEnum):
    """How a property is supported. The first two are not logged."""

    SUPPORTED = "honoured"  # works as in Spring or Java
    MAPPED = "translated"  # given to librdkafka, under its name there
    NO_EFFECT = "needless"  # has no effect and needs none; logged at DEBUG
    IGNORED = "ignored"  # dropped; one warning says why
    REJECTED = "refused"  # the processor does not start
