"""--check: joins the group for a moment, to see if that works. Nothing is read or committed."""

import logging
import threading
from time import monotonic

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

import config.librdkafka.client_config
from config import Settings
from connectors.errors.lookup import cause, look_at, reason, remedy
from connectors.errors.table import PERSON, Remedy

JOIN_S = 10.0  # a new group waits 3 s for more members (group.initial.rebalance.delay.ms)
LEAVE_S = 5.0
_silent = logging.getLogger("librdkafka.check.join")
_silent.disabled = True  # the check prints librdkafka's errors itself


def find_obstacle(settings: Settings, group: str, topic: str, *, is_substitute: bool) -> str:
    """Return why a start would not become a member, or "". Blocks JOIN_S seconds at most.

    Args:
        settings: The settings of the start.
        group: A group without members, so that no partition moves.
        topic: A topic that exists.
        is_substitute: Whether the group is not the start's own. A missing permission for such a
            group is no obstacle.
    """
    properties = config.librdkafka.client_config.consumer_config(settings) | {"group.id": group}
    properties.pop("group.instance.id", None)  # another instance may use the id
    joined = []
    obstacle: KafkaError | str
    try:
        consumer = Consumer(properties, logger=_silent)
    except KafkaException as error:
        return reason(error.args[0])
    try:
        obstacle = (
            ""
            if is_substitute
            else _find_unset_offset(consumer, str(properties["auto.offset.reset"]), topic)
        )
        if not obstacle:
            consumer.subscribe([topic], on_assign=lambda *_: joined.append(True))
            obstacle = _wait(consumer, joined)
    except KafkaException as error:
        obstacle = error.args[0]
    finally:
        # close() may wait for a broker without end.
        leaving = threading.Thread(target=consumer.close, daemon=True)
        leaving.start()
        leaving.join(LEAVE_S)
    if not isinstance(obstacle, KafkaError):
        return obstacle
    return (
        ""
        if is_substitute and cause(obstacle) == KafkaError.GROUP_AUTHORIZATION_FAILED
        else describe(obstacle)
    )


def _find_unset_offset(consumer: Consumer, reset: str, topic: str) -> KafkaError | str:
    """Return which partition has no committed offset although the settings need one, or "".

    A partition whose offset cannot be asked for says nothing. Its error is returned.
    """
    if reset not in ("error", "none"):
        return ""
    partitions = consumer.list_topics(topic, timeout=JOIN_S).topics[topic].partitions
    found = consumer.committed([TopicPartition(topic, number) for number in partitions], JOIN_S)
    if errors := [each.error for each in found if each.error]:
        return errors[0]
    missing = [
        f"no offset is committed for {topic}-{each.partition}; see auto.offset.reset"
        for each in found
        if each.offset < 0
    ]
    return missing[0] if missing else ""


def _wait(consumer: Consumer, joined: list[bool]) -> KafkaError | str:
    """Poll until the group has answered. Return "" once the consumer is a member."""
    last: KafkaError | None = None
    end = monotonic() + JOIN_S
    while not joined and monotonic() < end:
        message = consumer.poll(0.1)
        error = message.error() if message is not None else None
        if error and error.code() != KafkaError._PARTITION_EOF:
            last = error
            if remedy(cause(error)) is not Remedy.WAIT:
                break
    if joined:
        return ""
    return last or f"not a member within {JOIN_S:g} s"


def describe(error: KafkaError) -> str:
    """Return what is wrong, and the property or permission to look at.

    Args:
        error: The client's error.
    """
    see = f"; see {look_at(error)}" if cause(error) in PERSON else ""
    return f"{reason(error)}{see}"
