"""What can become of a property someone sets."""

from enum import StrEnum


class Verdict(StrEnum):
    """The user is told of all but the first three."""

    HONOURED = "honoured"  # does here what it does in Spring or Java
    TRANSLATED = "translated"  # handed to librdkafka, under its name there
    NEEDLESS = "needless"  # no meaning here, and nothing is missing without it: told at DEBUG
    IGNORED = "ignored"  # dropped; one warning says why
    REFUSED = "refused"  # the processor does not start
