"""Stand-ins for a consumer, as the parts of a task take them."""

from confluent_kafka import Consumer

from connectors.cluster.broker_status import BrokerStatus
from connectors.cluster.replaceable_consumer import ReplaceableConsumer


def current(consumer: Consumer) -> ReplaceableConsumer:
    """The consumer in use, and the only one there will be."""
    return ReplaceableConsumer(lambda: consumer, BrokerStatus([]))
