"""Which assignment and which topic an offset belongs to. No I/O.

An offset of `orders-0` has no meaning in a later assignment of `orders-0`. It has none in a topic
`orders` that was deleted and created again, either. So each partition has the epoch at which its
present assignment began, and each commit has the topic id as its metadata.
"""

import json
from collections.abc import Iterable, Mapping
from sys import maxsize
from typing import NamedTuple

from connectors.records.messages import TopicPartitionKey
from formats.json_text import InvalidJsonError, parse_json

LONGEST = 200  # characters; the own metadata is shorter
_REMOVED = maxsize  # above every epoch


class CommitMetadata(NamedTuple):
    """The metadata that is committed with an offset, as text."""

    topic_id: str | None = None
    # How many partitions the topic had when the group began to read from its end.
    partitions: int | None = None
    began: int | None = None  # when the group began to do so, epoch seconds


class OffsetTracker:
    """Facts about the assigned partitions. On the task's thread.

    The epoch is a counter. It grows when partitions are assigned or removed, or their topic is
    created again.
    """

    def __init__(self) -> None:
        """Start without partitions."""
        self.epoch = 0
        # The epoch at which the present assignment of each partition began.
        self._since: dict[TopicPartitionKey, int] = {}
        # For each assigned partition the topic id of its committed offset.
        self._committed_to: dict[TopicPartitionKey, str] = {}
        self._topic_ids: dict[str, str] = {}  # of topics, as the client knows them
        # Assigned partitions without a start: their topic was created again, or no broker has told
        # the committed offset.
        self.awaiting_start: set[TopicPartitionKey] = set()
        # How many partitions a topic had when the group began to read from its end.
        self.initial_partitions: dict[str, int] = {}
        self.began: int | None = None  # when the group began to do so, epoch seconds

    # ---- changes

    def assign(self, partitions: Iterable[TopicPartitionKey]) -> None:
        """Note that a new assignment of these partitions begins.

        Args:
            partitions: The partitions.
        """
        self.epoch += 1
        for key in partitions:
            self._since[key] = self.epoch

    def suspend(self, partitions: Iterable[TopicPartitionKey]) -> None:
        """Let no record of these partitions count until `restart`: their start is unknown.

        Args:
            partitions: The partitions.
        """
        self.awaiting_start.update(partitions)

    def remove(self, partitions: Iterable[TopicPartitionKey]) -> None:
        """Note that the assignment of these partitions ends.

        Args:
            partitions: The partitions.
        """
        self.epoch += 1
        for key in partitions:
            self._since[key] = _REMOVED
            self._committed_to.pop(key, None)
            self.awaiting_start.discard(key)

    def set_topic_id(self, topic: str, topic_id: str) -> list[TopicPartitionKey]:
        """Note the id that the client has for a topic from now on.

        Args:
            topic: Name of the topic.
            topic_id: Its present id.

        Returns:
            The assigned partitions whose offsets belong to an earlier topic of this name. Each is
            in `awaiting_start` until it is started.
        """
        before, self._topic_ids[topic] = self._topic_ids.get(topic), topic_id
        assigned = [
            key for key, since in self._since.items() if key[0] == topic and since != _REMOVED
        ]
        replaced = [
            key for key in assigned if self._committed_to.get(key, before) not in (None, topic_id)
        ]
        if replaced:
            self.epoch += 1
            self.awaiting_start.update(replaced)
            self._since |= dict.fromkeys(replaced, self.epoch)
        self._committed_to |= dict.fromkeys(assigned, topic_id)
        return replaced

    def restart(self, key: TopicPartitionKey) -> None:
        """Note that such a partition is read from its start. Records read before do not count.

        Args:
            key: The partition.
        """
        self.epoch += 1
        self._since[key] = self.epoch
        self.awaiting_start.discard(key)

    # ---- questions

    def is_current(self, key: TopicPartitionKey, epoch: int) -> bool:
        """Whether an offset belongs to the present assignment and topic.

        Args:
            key: The partition.
            epoch: The tracker's epoch when the offset was read.
        """
        return self._since.get(key, 0) <= epoch and key not in self.awaiting_start

    def only_current(
        self, offsets: Mapping[TopicPartitionKey, int], epoch: int
    ) -> dict[TopicPartitionKey, int]:
        """Return the offsets that belong to the present assignment and topic.

        Args:
            offsets: By partition.
            epoch: The tracker's epoch when they were read.
        """
        return {key: offset for key, offset in offsets.items() if self.is_current(key, epoch)}

    def topic_id(self, topic: str) -> str | None:
        """Return the client's id of a topic, or None if it is unknown.

        Args:
            topic: The topic.
        """
        return self._topic_ids.get(topic)

    def topic_id_of(self, key: TopicPartitionKey) -> str | None:
        """Return the id of the topic that a partition's offsets belong to, or None if unknown.

        A broker may have told a newer id than the client has.

        Args:
            key: The partition.
        """
        return self._committed_to.get(key, self._topic_ids.get(key[0]))

    # ---- commits

    def note_committed(self, key: TopicPartitionKey, topic_id: str | None) -> None:
        """Note to which topic a partition's committed offset belongs.

        Args:
            key: The partition.
            topic_id: As in the offset's metadata; None if it has none.
        """
        if topic_id:
            self._committed_to[key] = topic_id

    def is_of_topic(self, key: TopicPartitionKey, metadata: str | None) -> bool:
        """Whether a committed offset belongs to the present topic. True if that is unknown.

        Args:
            key: The partition.
            metadata: What was committed with the offset.
        """
        origin, present = parse_metadata(metadata).topic_id, self.topic_id_of(key)
        return origin is None or present is None or origin == present

    def metadata(self, key: TopicPartitionKey) -> str:
        """Return the metadata to commit with an offset of this partition.

        Args:
            key: The partition.
        """
        known: dict[str, str | int] = {}
        if (topic_id := self.topic_id_of(key)) is not None:
            known["topicId"] = topic_id
        if (partitions := self.initial_partitions.get(key[0])) is not None:
            known["partitions"] = partitions
        if self.began is not None:
            known["began"] = self.began
        return json.dumps(known, separators=(",", ":")) if known else ""


def parse_metadata(text: str | None) -> CommitMetadata:
    """Read the metadata of a committed offset. Metadata of another program gives an empty result.

    Args:
        text: What was committed with the offset.
    """
    if not text or len(text) > LONGEST or not text.startswith("{"):
        return CommitMetadata()
    try:
        fields = parse_json(text)
    except InvalidJsonError:
        return CommitMetadata()
    topic_id, partitions, began = (fields.get(name) for name in ("topicId", "partitions", "began"))
    return CommitMetadata(
        topic_id if isinstance(topic_id, str) else None,
        partitions if isinstance(partitions, int) else None,
        began if isinstance(began, int) else None,
    )
