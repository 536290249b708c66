"""Stand-ins for a consumer, as the parts of a lane want to be given them."""

from confluent_kafka import Consumer

from connectors.brokers import Brokers
from connectors.consumer import CurrentConsumer


def current(consumer: Consumer) -> CurrentConsumer:
    """The consumer in use, and the only one there will be."""
    return CurrentConsumer(lambda: consumer, Brokers([]))
