"""Looks up the error table: the remedy of an error, and its reason."""

from confluent_kafka import KafkaError

from connectors.errors.table import (
    ABOUT_A_RECORD,
    LOST_PRODUCER,
    PASSES,
    PERSON,
    UNEXPECTED,
    Client,
    Remedy,
)

# Codes that mean something else for one client.
_BY_CLIENT: dict[tuple[Client, int], Remedy] = {
    # A partition key expression has chosen a partition that does not exist.
    (Client.PRODUCER, KafkaError._UNKNOWN_PARTITION): Remedy.RECORD,
    (Client.PRODUCER, KafkaError._INVALID_ARG): Remedy.RECORD,
    (Client.PRODUCER, KafkaError._TIMED_OUT): Remedy.NEW_CLIENT,  # of a delivery
    (Client.PRODUCER, KafkaError._FATAL): Remedy.NEW_CLIENT,
    (Client.PRODUCER, KafkaError.INVALID_TIMESTAMP): Remedy.PERSON,
    (Client.CONSUMER, KafkaError.MSG_SIZE_TOO_LARGE): Remedy.PERSON,  # the record cannot be fetched
}

_REMEDIES: dict[int, Remedy] = (
    dict.fromkeys(PASSES, Remedy.WAIT)
    | dict.fromkeys(LOST_PRODUCER, Remedy.NEW_CLIENT)
    | dict.fromkeys(ABOUT_A_RECORD, Remedy.RECORD)
    | dict.fromkeys(PERSON, Remedy.PERSON)
    | dict.fromkeys(UNEXPECTED, Remedy.NONE)
)
# The longest text first, because one text may begin with another.
_TEXTS = dict(
    sorted(((KafkaError(code).str(), code) for code in _REMEDIES), key=lambda row: -len(row[0]))
)


def codes() -> frozenset[int]:
    """Return every code that has a row."""
    return frozenset(_REMEDIES)


def remedy(code: int, client: Client = Client.CONSUMER) -> Remedy:
    """Return what helps against an error code. It is NONE for a code without a row.

    Args:
        code: Kafka's or librdkafka's.
        client: The client that has reported the code.
    """
    return _BY_CLIENT.get((client, code)) or _REMEDIES.get(code, Remedy.NONE)


def look_at(error: KafkaError) -> str:
    """Return the property or permission to look at.

    Args:
        error: An error whose code is in PERSON.
    """
    code = cause(error)
    if code == KafkaError.UNSUPPORTED_VERSION and "ConsumerGroupHeartbeat" in error.str():
        return "group.protocol: this broker does not have the group protocol `consumer`"
    return PERSON[code]


def cause(error: KafkaError) -> int:
    """Return the code of the error, or of the broker's error in the text of a fatal one.

    Args:
        error: The client's error.
    """
    if error.code() != KafkaError._FATAL:
        return int(error.code())
    return next((code for text, code in _TEXTS.items() if text in error.str()), int(error.code()))


def reason(error: KafkaError) -> str:
    """Return the error's text, or its code's text if it has none, as in admin requests.

    Args:
        error: The client's error.
    """
    text = error.str().strip()
    if text and not text.endswith(":"):
        return text
    return f"{text} {KafkaError(error.code()).str() or error.name()}".strip()
