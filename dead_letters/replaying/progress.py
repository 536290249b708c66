"""The letters that are done: a group's committed offsets, with a note at each offset.

Every letter before a partition's offset is done. The note is the offset's metadata. It lists the
filters that were run, each with an offset of its own. Letters before that offset that match the
filter are done, too.

So a replay with a filter leaves all other letters to a later replay. No letter is replayed by two
runs. The note is committed together with the offset.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Self

from confluent_kafka import TopicPartition

from dead_letters.errors import CommandError
from dead_letters.letters.filter import LetterFilter
from dead_letters.letters.letter import Letter

_VERSION = "dead_letters 1 "
# Brokers take 4096 bytes of metadata (offset.metadata.max.bytes).
NOTE_MAX_BYTES = 4000
_OFFSET_DIGITS = 20  # room in the note for the growing offset of a filter


def group_of(topic: str) -> str:
    """Return the consumer group that holds the progress of a dead letter topic.

    Args:
        topic: The dead letter topic.
    """
    return f"{topic}.replay"


class _Partition:
    """The progress in one partition."""

    def __init__(self, offset: int) -> None:
        self.offset = offset
        # The filters that were run, each with the offset that it has reached.
        self.filters: dict[LetterFilter, int] = {}


class Progress:
    """The progress in every partition of a dead letter topic."""

    def __init__(self, topic: str, begins: Mapping[int, int]) -> None:
        """Start without committed offsets.

        Args:
            topic: The dead letter topic.
            begins: The first offset of each partition.
        """
        self._topic = topic
        self._partitions = {number: _Partition(offset) for number, offset in begins.items()}
        self._committed: dict[int, tuple[int, str]] = {}  # the group's offset and note

    @classmethod
    def from_committed(
        cls,
        topic: str,
        begins: Mapping[int, int],
        ends: Mapping[int, int],
        found: Iterable[TopicPartition],
    ) -> Self:
        """Return the progress that the group has committed.

        Args:
            topic: The dead letter topic.
            begins: The first offset of each partition that the broker still has.
            ends: The offset after the last letter of each partition.
            found: The group's committed offsets; below 0 for none.

        Raises:
            CommandError: A note was not written by this program.
        """
        progress = cls(topic, begins)
        for each in found:
            progress._committed[each.partition] = _committed(each)
            # An offset beyond the end is from a topic of that name that was deleted.
            if each.offset < 0 or each.offset > ends[each.partition]:
                continue
            partition = progress._partitions[each.partition]
            partition.offset = max(partition.offset, each.offset)
            partition.filters = _parse(each.metadata or "", group_of(topic))
        return progress

    def is_done(self, letter: Letter) -> bool:
        """Return whether the letter has been replayed or parked.

        Args:
            letter: A letter of this topic.
        """
        partition = self._partitions[letter.partition]
        if letter.offset < partition.offset:
            return True
        return any(
            letter.offset < offset and each.matches(letter)
            for each, offset in partition.filters.items()
        )

    def start(self, letter_filter: LetterFilter) -> dict[int, int]:
        """Return the first offset of each partition that a run with this filter reads.

        Args:
            letter_filter: The filter of the run.
        """
        return {
            number: max(partition.offset, partition.filters.get(letter_filter, 0))
            for number, partition in self._partitions.items()
        }

    def advance(self, letter_filter: LetterFilter, number: int, offset: int) -> None:
        """Note that a run has handled the letters of a partition before an offset.

        Args:
            letter_filter: The filter of the run.
            number: The partition.
            offset: The next offset that the run reads.
        """
        partition = self._partitions[number]
        if letter_filter.is_empty:
            partition.offset = max(partition.offset, offset)
            partition.filters = {
                each: until for each, until in partition.filters.items() if until > partition.offset
            }
        else:
            partition.filters[letter_filter] = offset

    def to_commit(self, numbers: Iterable[int]) -> list[TopicPartition]:
        """Return the offsets of these partitions, with their notes.

        Args:
            numbers: The partitions.
        """
        return [
            TopicPartition(
                self._topic,
                number,
                self._partitions[number].offset,
                _write(self._partitions[number].filters),
            )
            for number in sorted(numbers)
        ]

    @property
    def is_new(self) -> bool:
        """Whether the group has committed nothing yet, or its offsets have expired."""
        return all(offset < 0 for offset, _ in self._committed.values())

    def is_outdated(self, found: TopicPartition) -> bool:
        """Return whether another run has committed since this run loaded or committed the offset.

        Args:
            found: The offset of a partition as the group has it now.
        """
        return _committed(found) != self._committed[found.partition]

    def confirm(self, offsets: Iterable[TopicPartition]) -> None:
        """Note that this run has committed these offsets.

        Args:
            offsets: From to_commit().
        """
        self._committed |= {each.partition: _committed(each) for each in offsets}

    def require_room(self, letter_filter: LetterFilter) -> None:
        """Raise if a note has no room for one more filter.

        Args:
            letter_filter: The filter to add.

        Raises:
            CommandError: A partition's note would be longer than NOTE_MAX_BYTES.
        """
        for number, partition in self._partitions.items():
            note = _write(partition.filters | {letter_filter: 10**_OFFSET_DIGITS})
            if not letter_filter.is_empty and len(note) > NOTE_MAX_BYTES:
                raise CommandError(
                    f"{len(partition.filters)} filters have been run on {self._topic}-{number} "
                    f"since the last replay without a filter, "
                    "and there is no room to note one more: use one of them again, or replay or "
                    "park all other letters first"
                )


def _committed(found: TopicPartition) -> tuple[int, str]:
    return max(found.offset, -1), found.metadata or ""


def _write(filters: Mapping[LetterFilter, int]) -> str:
    if not filters:
        return ""
    return _VERSION + json.dumps(
        [[*each.to_list(), offset] for each, offset in filters.items()], separators=(",", ":")
    )


def _parse(note: str, group: str) -> dict[LetterFilter, int]:
    if not note:
        return {}
    try:
        if not note.startswith(_VERSION):
            raise ValueError(note)  # noqa: TRY301 - one answer for every note that is not ours
        return {
            LetterFilter.from_list(row[:-1]): int(row[-1])
            for row in json.loads(note.removeprefix(_VERSION))
        }
    except (ValueError, TypeError, LookupError, ArithmeticError, RecursionError):
        raise CommandError(
            f"the metadata of the offsets of group {group} is not from this program: "
            f"{note[:60]!r}; use another group for other "
            "programs, or reset the offsets (kafka-consumer-groups --reset-offsets): the letters "
            "after them are then replayed again"
        ) from None
