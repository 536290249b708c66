"""Looks up the error table: what helps against an error, and what is wrong."""

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

# Where one client means something else by a code.
_BY_CLIENT: dict[tuple[Client, int], Remedy] = {
    # The one that a partition key expression has chosen.
    (Client.PRODUCER, KafkaError._UNKNOWN_PARTITION): Remedy.RECORD,
    (Client.PRODUCER, KafkaError._INVALID_ARG): Remedy.RECORD,
    (Client.PRODUCER, KafkaError._TIMED_OUT): Remedy.NEW_CLIENT,  # a delivery
    (Client.PRODUCER, KafkaError._FATAL): Remedy.NEW_CLIENT,
    (Client.PRODUCER, KafkaError.INVALID_TIMESTAMP): Remedy.PERSON,
    (Client.CONSUMER, KafkaError.MSG_SIZE_TOO_LARGE): Remedy.PERSON,  # it cannot be fetched
}

_REMEDIES: dict[int, Remedy] = (
    dict.fromkeys(PASSES, Remedy.WAIT)
    | dict.fromkeys(LOST_PRODUCER, Remedy.NEW_CLIENT)
    | dict.fromkeys(ABOUT_A_RECORD, Remedy.RECORD)
    | dict.fromkeys(PERSON, Remedy.PERSON)
    | dict.fromkeys(UNEXPECTED, Remedy.NONE)
)
# The longest first: one text may begin with another.
_TEXTS = dict(
    sorted(((KafkaError(code).str(), code) for code in _REMEDIES), key=lambda row: -len(row[0]))
)


def codes() -> frozenset[int]:
    """Every code that has a row."""
    return frozenset(_REMEDIES)


def remedy(code: int, client: Client = Client.CONSUMER) -> Remedy:
    """Return what helps against an error code; NONE for a code without a row.

    Args:
        code: Kafka's or librdkafka's.
        client: The client that has reported it.
    """
    return _BY_CLIENT.get((client, code)) or _REMEDIES.get(code, Remedy.NONE)


def look_at(error: KafkaError) -> str:
    """Return the property or permission that an error of PERSON is about."""
    code = cause(error)
    if code == KafkaError.UNSUPPORTED_VERSION and "ConsumerGroupHeartbeat" in error.str():
        return "group.protocol: this broker does not have the group protocol `consumer`"
    return PERSON[code]


def cause(error: KafkaError) -> int:
    """Return the code of the error, or of the broker's error in the text of a fatal one."""
    if error.code() != KafkaError._FATAL:
        return int(error.code())
    return next((code for text, code in _TEXTS.items() if text in error.str()), int(error.code()))


def reason(error: KafkaError) -> str:
    """Return what is wrong, never empty: errors of admin requests may have no text."""
    text = error.str().strip()
    if text and not text.endswith(":"):
        return text
    return f"{text} {KafkaError(error.code()).str() or error.name()}".strip()
