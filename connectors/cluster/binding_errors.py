"""Why the topics cannot be used."""

from confluent_kafka import KafkaException

from connectors.errors.exceptions import ConnectorError


class BindingError(ConnectorError):
    """The topics cannot be used (yet): binding is tried again."""


class BrokerAwayError(BindingError):
    """No broker answered."""


class MissingError(BindingError):
    """There is no such topic, and it may not be created."""


class AdminRequestError(BindingError):
    """The broker does not allow it; trying again will hardly help."""


def kafka_code(error: BindingError) -> int | None:
    """Return Kafka's code for what is behind the error."""
    cause = error.__cause__
    return cause.args[0].code() if isinstance(cause, KafkaException) else None
