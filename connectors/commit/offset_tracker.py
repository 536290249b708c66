"""Which assignment and which topic an offset belongs to. No I/O.

An offset of `orders-0` means nothing in a later assignment of `orders-0`, nor in a topic `orders`
that was deleted and created again. So each partition has the epoch at which its present assignment
began, and each commit carries the topic id as its metadata.
"""

import json
from collections.abc import Iterable, Mapping
from sys import maxsize
from typing import NamedTuple

from connectors.records.keys import TopicPartitionKey
from formats.json_text import InvalidJsonError, parse_json

LONGEST = 200  # characters of metadata as it is written here
_REMOVED = maxsize  # an epoch that never comes


class CommitMetadata(NamedTuple):
    """The text that is committed with an offset."""

    topic_id: str | None = None
    # How many partitions the topic had when the group began to read from its end.
    partitions: int | None = None
    began: int | None = None  # when the group began to do so, epoch seconds


class OffsetTracker:
    """Facts about the assigned partitions. An epoch counts changes: assigned, removed, replaced."""

    def __init__(self) -> None:
        self.epoch = 0
        # Epoch from which the offsets of a partition count.
        self._since: dict[TopicPartitionKey, int] = {}
        # Assigned partition -> topic id of its committed offset.
        self._committed_to: dict[TopicPartitionKey, str] = {}
        self._topic_ids: dict[str, str] = {}  # as the client knows them
        # Their topic is a new one; the consumer has not been sent to its beginning.
        self._replaced: set[TopicPartitionKey] = set()
        # How many a topic had when the group began to read from its end.
        self.initial_partitions: dict[str, int] = {}
        self.began: int | None = None  # when the group began to do so, epoch seconds

    # ---- changes

    def assign(self, partitions: Iterable[TopicPartitionKey]) -> None:
        """Start a new assignment of these partitions."""
        self.epoch += 1
        for key in partitions:
            self._since[key] = self.epoch

    def remove(self, partitions: Iterable[TopicPartitionKey]) -> None:
        """End the assignment of these partitions."""
        self.epoch += 1
        for key in partitions:
            self._since[key] = _REMOVED
            self._committed_to.pop(key, None)
            self._replaced.discard(key)

    def set_topic_id(self, topic: str, topic_id: str) -> list[TopicPartitionKey]:
        """Note the id that the client has for a topic from now on.

        Returns:
            The assigned partitions whose offsets belong to an earlier topic of this name; each is
            `replaced` until `restart`.

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
            self._replaced.update(replaced)
            self._since |= dict.fromkeys(replaced, self.epoch)
        self._committed_to |= dict.fromkeys(assigned, topic_id)
        return replaced

    def restart(self, key: TopicPartitionKey) -> None:
        """Forget what was read before: the consumer restarts a replaced partition."""
        self.epoch += 1
        self._since[key] = self.epoch
        self._replaced.discard(key)

    # ---- questions

    @property
    def replaced(self) -> frozenset[TopicPartitionKey]:
        """Partitions of a new topic that the consumer has yet to read from their beginning."""
        return frozenset(self._replaced)

    def is_current(self, key: TopicPartitionKey, epoch: int) -> bool:
        """Whether an offset taken at `epoch` belongs to the present assignment and topic."""
        return self._since.get(key, 0) <= epoch and key not in self._replaced

    def only_current(
        self, offsets: Mapping[TopicPartitionKey, int], epoch: int
    ) -> dict[TopicPartitionKey, int]:
        """Those of the offsets, taken at `epoch`, that still count."""
        return {key: offset for key, offset in offsets.items() if self.is_current(key, epoch)}

    def topic_id(self, topic: str) -> str | None:
        """The id that the client has for a topic, as far as that is known."""
        return self._topic_ids.get(topic)

    # ---- commits

    def note_committed(self, key: TopicPartitionKey, topic_id: str | None) -> None:
        """The committed offset of a partition belongs to the topic with this id."""
        if topic_id:
            self._committed_to[key] = topic_id

    def is_of_topic(self, key: TopicPartitionKey, metadata: str | None) -> bool:
        """Whether a committed offset belongs to the present topic; True where nobody can tell."""
        origin, present = parse_metadata(metadata).topic_id, self._topic_ids.get(key[0])
        return origin is None or present is None or origin == present

    def metadata(self, key: TopicPartitionKey) -> str:
        """The text to commit with an offset of this partition."""
        fields = {
            "topicId": self._topic_ids.get(key[0]),
            "partitions": self.initial_partitions.get(key[0]),
            "began": self.began,
        }
        known = {name: value for name, value in fields.items() if value is not None}
        return json.dumps(known, separators=(",", ":")) if known else ""


def parse_metadata(text: str | None) -> CommitMetadata:
    """Read what was committed with an offset; nothing where another program has written it."""
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
