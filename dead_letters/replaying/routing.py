"""Decides where a letter goes: back to its topic, or to the topic of parked letters."""

from collections.abc import Callable
from typing import Any, NamedTuple

from connectors.failures.dead_letters import OMITTED, OWN
from connectors.records.forwarding import PARKED, REPLAYS
from connectors.records.messages import Headers
from dead_letters.letters.letter import Letter

MAX_ROUNDS = 3
_SHORT_REASON_CHARS = 500


def parked_topic_of(topic: str) -> str:
    """Return the topic in which the letters of a dead letter topic are parked.

    Args:
        topic: The dead letter topic.
    """
    return f"{topic}.parked"


class Route(NamedTuple):
    """A record to produce for a letter."""

    letter: Letter
    key: bytes | None
    topic: str
    partition: int  # -1: chosen by the key
    headers: Headers
    parked: str  # why the letter is parked; "" when it is replayed

    @property
    def arguments(self) -> tuple[Any, ...]:
        """The arguments of Producer.produce. The timestamp is now, as an old one could expire."""
        return self.topic, self.letter.value, self.key, self.partition, None, None, 0, self.headers


class Router:
    """Routes the letters of one run. It asks for the partitions of each topic once."""

    def __init__(
        self,
        topic: str,
        count_partitions: Callable[[str], int],
        provide_parked: Callable[[], int],
        *,
        max_rounds: int = MAX_ROUNDS,
    ) -> None:
        """Prepare. No broker is asked yet.

        Args:
            topic: The dead letter topic.
            count_partitions: Returns a topic's number of partitions, 0 if the topic does not exist.
            provide_parked: Creates the topic of parked letters if needed. Returns its number of
                partitions.
            max_rounds: How often a record is replayed before it is parked.
        """
        self._topic = topic
        self._count_partitions = count_partitions
        self._provide_parked = provide_parked
        self._max_rounds = max_rounds
        self._partitions: dict[str, int] = {}

    def replay(self, letter: Letter) -> Route:
        """Return the record to send back, or the parked letter if it must not go back.

        Args:
            letter: An open letter.
        """
        if reason := self._obstacle(letter):
            return self.park(letter, reason)
        count = self._partitions[letter.original_topic]
        partition = letter.original_partition if letter.original_partition is not None else -1
        headers = [
            header for header in letter.headers or () if header[0] not in {*OWN, REPLAYS, PARKED}
        ]
        headers.append((REPLAYS, b"%d" % (letter.replays + 1)))
        partition = partition if partition < count else -1
        return Route(letter, _original_key(letter), letter.original_topic, partition, headers, "")

    def park(self, letter: Letter, reason: str) -> Route:
        """Return the letter with a header for the reason. Unreadable headers are left out.

        Args:
            letter: The letter.
            reason: Why it is parked, for the header and the report.
        """
        topic = parked_topic_of(self._topic)
        if topic not in self._partitions:
            self._partitions[topic] = self._provide_parked()
        headers = [header for header in letter.headers or () if header[0] != PARKED]
        if letter.headers is None:
            headers.append((OMITTED, b"headers"))
        text = f"{letter}: {reason}"[:_SHORT_REASON_CHARS]
        headers.append((PARKED, text.encode("utf-8", "backslashreplace")))
        partition = letter.partition if letter.partition < self._partitions[topic] else -1
        return Route(letter, letter.key, topic, partition, headers, reason)

    def _obstacle(self, letter: Letter) -> str:
        """Return why the letter must not go back, or ""."""
        if letter.damages:
            return "; ".join(letter.damages)
        if letter.replays >= self._max_rounds:
            return f"replayed {letter.replays} times already"
        topic = letter.original_topic
        if topic in (self._topic, parked_topic_of(self._topic)):
            return "it would come back here: its topic is this one"
        if topic not in self._partitions:
            self._partitions[topic] = self._count_partitions(topic)
        return "" if self._partitions[topic] else f"there is no topic {topic}"


def _original_key(letter: Letter) -> bytes | None:
    """Return the record's key.

    A compacted dead letter topic needs keys, so a record without a key got a substitute there.
    """
    substitute = f"{letter.original_topic}-{letter.original_partition}@{letter.original_offset}"
    return None if letter.key == substitute.encode() else letter.key
