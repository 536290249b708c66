"""Which errors are about one record, and which about the client, the broker or the process."""

from confluent_kafka import KafkaError, KafkaException

from connectors.errors.client_exceptions import PermissionDeniedError
from connectors.errors.exceptions import RECORD_CODES, ConnectorError, DeliveryError, Interrupted


def is_about_record(error: BaseException) -> bool:
    """Whether an error in our own code for a record is about that record.

    Everything is, but what is known to be about something else: a Kafka error with another code,
    and errors that say so themselves. Not only subclasses of Exception: a function may call exit().
    RecursionError depends on the depth of the record, and MemoryError on its size. Where the whole
    process lacks memory the kernel ends it, and a dead letter is no loss.

    What the function of a step raises is always about the record, also an error of a Kafka client
    of its own.
    """
    kind = type(error)  # not isinstance: that asks the exception, whose __class__ may be a property
    if issubclass(kind, KafkaException):
        cause = kafka_error(error)
        return cause is None or cause.code() in RECORD_CODES
    if issubclass(kind, ConnectorError):
        return bool(error.about_the_record)  # type: ignore[attr-defined]  # of every ConnectorError
    return not issubclass(kind, Interrupted)


def kafka_error(error: BaseException) -> KafkaError | None:
    """What a KafkaException carries, if it does."""
    return error.args[0] if error.args and isinstance(error.args[0], KafkaError) else None


def delivery_error(topic: str, error: KafkaError, *, by_client: bool = False) -> ConnectorError:
    """Return the error of a record that was not delivered.

    Args:
        topic: The topic of the record.
        error: What the client reported.
        by_client: Whether the client refused the record, and no broker was asked.
    """
    if error.code() in PermissionDeniedError.NEEDED:
        return PermissionDeniedError(error, f"WRITE on the topic {topic}")
    return DeliveryError(topic, error, by_client=by_client)
