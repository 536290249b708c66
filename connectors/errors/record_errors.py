"""Which errors are about one record, and which about the client, the broker or the process."""

from confluent_kafka import KafkaError, KafkaException

from connectors.errors.client_exceptions import PermissionDeniedError
from connectors.errors.exceptions import RECORD_CODES, ConnectorError, DeliveryError, Interrupted


def is_about_record(error: BaseException) -> bool:
    """Whether an error that was raised for a record is about that record. Then a dead letter helps.

    It is, unless it is known to be about something else: a Kafka error with another code, or an
    error that says so. It need not be an Exception: a function may call exit(). RecursionError
    depends on the depth of the record, MemoryError on its size. If the whole process lacks memory,
    the kernel ends it.

    An error of a step's function is always about the record, also one of a Kafka client of its own.

    Args:
        error: What was raised.
    """
    kind = type(error)  # not isinstance: that asks the exception, whose __class__ may be a property
    if issubclass(kind, KafkaException):
        cause = kafka_error(error)
        return cause is None or cause.code() in RECORD_CODES
    if issubclass(kind, ConnectorError):
        return bool(error.about_the_record)  # type: ignore[attr-defined]  # of every ConnectorError
    return not issubclass(kind, Interrupted)


def kafka_error(error: BaseException) -> KafkaError | None:
    """Return the KafkaError in a KafkaException, if there is one."""
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
