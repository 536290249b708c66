"""Decides whether an error is about one record, or about the client, the broker or the process."""

from confluent_kafka import KafkaError, KafkaException

from connectors.errors.client_exceptions import PermissionDeniedError
from connectors.errors.exceptions import RECORD_CODES, ConnectorError, DeliveryError, Interrupted


def is_about_record(error: BaseException) -> bool:
    """Return whether an error that a record has caused is about that record.

    Then a dead letter helps. Two kinds of errors are about something else: a Kafka error with
    another code, and an error of this program that says so. All others are about the record. Such
    an error need not be an Exception: a function may call exit(). RecursionError depends on the
    depth of the record, MemoryError on its size. If the whole process lacks memory, the kernel ends
    it.

    An error of a step's function is always about the record. So is an error of the function's own
    Kafka client.

    Args:
        error: The exception.
    """
    kind = type(error)  # isinstance would ask its __class__, which may be a property
    if issubclass(kind, KafkaException):
        cause = kafka_error(error)
        return cause is None or cause.code() in RECORD_CODES
    if issubclass(kind, ConnectorError):
        return bool(error.about_the_record)  # type: ignore[attr-defined]  # every ConnectorError has it
    return not issubclass(kind, Interrupted)


def kafka_error(error: BaseException) -> KafkaError | None:
    """Return the KafkaError in a KafkaException, or None.

    Args:
        error: The exception.
    """
    return error.args[0] if error.args and isinstance(error.args[0], KafkaError) else None


def delivery_error(topic: str, error: KafkaError, *, by_client: bool = False) -> ConnectorError:
    """Return the error of a record that was not delivered.

    Args:
        topic: The topic of the record.
        error: The client's error.
        by_client: Whether the client rejected the record without asking a broker.
    """
    if error.code() in PermissionDeniedError.NEEDED:
        return PermissionDeniedError(error, f"WRITE on the topic {topic}")
    return DeliveryError(topic, error, by_client=by_client)
