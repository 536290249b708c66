"""Properties of a topic that the processor may create."""

import re
from typing import NamedTuple

from config.spring.types import PropertyType, bounded_integer, items

REPLICATION_FACTOR = bounded_integer(-1, 32767)


def _brokers(text: str) -> tuple[str, ...]:
    found = items(text.strip().removeprefix("[").removesuffix("]"))
    if not found or not all(re.fullmatch("[0-9]{1,9}", each) for each in found):
        raise ValueError(text)
    return found


REPLICAS = PropertyType(
    _brokers, "the ids of brokers, such as 1,2", "java.util.List<java.lang.Integer>"
)


class TopicProperties(NamedTuple):
    """What a topic is to be like. An empty `replicas` leaves their places to the broker."""

    properties: dict[str, str]  # Kafka's topic settings
    replication_factor: int | None  # None: the binder's
    replicas: list[list[int]]  # for each partition the ids of the brokers that have it


def topic_properties(
    properties: dict[str, str], factor: int | None, replicas: dict[str, tuple[str, ...]]
) -> TopicProperties:
    return TopicProperties(
        properties,
        factor,
        [[int(broker) for broker in replicas[str(number)]] for number in range(len(replicas))],
    )
