"""Offsets asked of the brokers. A partition without an answer is left out."""

import logging
from collections.abc import Callable, Iterable

from confluent_kafka import OFFSET_END, Consumer, KafkaException, TopicPartition

from connectors.commit.committer import REQUEST_TIMEOUT_S
from connectors.records.messages import TopicPartitionKey, key_of

log = logging.getLogger("processor.start-offsets")

_Ask = Callable[[list[TopicPartition], float], list[TopicPartition]]  # partitions, seconds


def committed_offsets(
    consumer: Consumer, partitions: Iterable[TopicPartitionKey]
) -> dict[TopicPartitionKey, int]:
    """Return the group's committed offsets, below 0 where none is committed.

    Blocks for REQUEST_TIMEOUT_S at most. A partition without an answer is left out.

    Args:
        consumer: The present client.
        partitions: Of any topics.
    """
    return _known_offsets(consumer.committed, [TopicPartition(*each) for each in partitions])


def end_offsets(
    consumer: Consumer, partitions: Iterable[TopicPartitionKey]
) -> dict[TopicPartitionKey, int]:
    """Return the ends of the partitions, as a consumer of this isolation level sees them.

    Blocks for REQUEST_TIMEOUT_S at most. A partition without an answer is left out.

    Args:
        consumer: The present client.
        partitions: Of any topics.
    """
    # OFFSET_END stands for a time after all records.
    return _known_offsets(
        consumer.offsets_for_times, [TopicPartition(*each, OFFSET_END) for each in partitions]
    )


def _known_offsets(ask: _Ask, partitions: list[TopicPartition]) -> dict[TopicPartitionKey, int]:
    return {key_of(each): each.offset for each in without_errors(ask, partitions)}


def without_errors(ask: _Ask, partitions: list[TopicPartition]) -> list[TopicPartition]:
    """Return the answers without an error. A failed request has none.

    Args:
        ask: Makes the request, of REQUEST_TIMEOUT_S at most.
        partitions: None of them makes no request.
    """
    try:
        return (
            [each for each in ask(partitions, REQUEST_TIMEOUT_S) if not each.error]
            if partitions
            else []
        )
    except KafkaException as error:
        log.debug("offsets are unknown: %s", error.args[0].str())
        return []
