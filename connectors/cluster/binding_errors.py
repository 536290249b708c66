"""Why topics cannot be used."""

from confluent_kafka import KafkaException

from connectors.errors.exceptions import ConnectorError


class BindingError(ConnectorError):
    """A topic cannot be used yet. Binding is tried again."""


class BrokerAwayError(BindingError):
    """No broker answered."""


class MissingError(BindingError):
    """A topic does not exist and may not be created."""


class AdminRequestError(BindingError):
    """The broker does not allow a change. Another try would not help."""


def kafka_code(error: BindingError) -> int | None:
    """Return Kafka's code for the cause of an error; None if no Kafka error has caused it.

    Args:
        error: What a request has raised.
    """
    cause = error.__cause__
    return cause.args[0].code() if isinstance(cause, KafkaException) else None
