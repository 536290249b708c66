"""What one client says of itself in its statistics: a monitor for each client, which its callbacks
feed inside poll().
"""

from collections.abc import Callable, Mapping

from connectors.monitoring.leaders import LeaderlessPartitions
from connectors.monitoring.lost_metadata import LostMetadata
from connectors.monitoring.reading_state import ReadingState
from connectors.monitoring.snapshot import Snapshot
from connectors.monitoring.stalled_fetch import StalledFetch
from connectors.monitoring.statistics import (
    Document,
    Statistics,
    parse_document,
    read_consumer_stats,
)
from connectors.records.keys import TopicPartitionKey
from runtime.metrics.meter import Sample


class ClientMonitor:
    """Samples for the metrics, and what is wrong with the client. On the task's thread."""

    _name = "the producer"

    def __init__(self, read: Callable[[Document], Snapshot]) -> None:
        """Start without statistics.

        Args:
            read: Makes a snapshot of a document of the client's statistics.
        """
        self._read = read
        self.samples: tuple[Sample, ...] = ()
        self.reset()

    def reset(self) -> None:
        """Another client takes the place of the one before."""
        self._statistics = Statistics(self._read)
        self.leaders = LeaderlessPartitions()
        # Why the client does not find back to its brokers, or its group, by itself; else "".
        self.lost = ""
        self.is_outdated = False  # the key or trust store has changed since the client was made
        self._lost_metadata = LostMetadata()

    def on_statistics(self, statistics: str) -> None:
        """Take the next document of the client's statistics, as JSON text."""
        document = parse_document(statistics)
        if document is not None:
            self.observe(document)

    def observe(self, document: Document) -> None:
        """Take the next document of the client's statistics."""
        self.samples = self._statistics.observe(document)
        self.leaders.observe(document)
        self._lost_metadata.observe(document)
        why = self._lost_metadata.why
        self.lost = f"{self._name} {why}" if why else ""

    def take_lost(self) -> str:
        """Return why the client is lost, and wait until its statistics say so once more."""
        why, self.lost, self._lost_metadata = self.lost, "", LostMetadata()
        return why


class ConsumerMonitor(ClientMonitor):
    """The consumer also says what it fetches, and whether it is a member of its group."""

    _name = "the consumer"

    def __init__(self, group: str = "", *, newer_protocol: bool = False) -> None:
        """Begin with a consumer.

        Args:
            group: The consumer group.
            newer_protocol: The group speaks KIP-848 (group.protocol=consumer).

        """
        self._newer_protocol = newer_protocol
        # Committed by this process, of what it has now.
        self.committed: Mapping[TopicPartitionKey, int] = {}
        # Ends of partitions; the latest answer of their brokers.
        self.asked_ends: dict[TopicPartitionKey, int] = {}
        # Of partitions that are not fetched because the input is held.
        self.paused_ends: dict[TopicPartitionKey, int] = {}
        super().__init__(
            lambda document: read_consumer_stats(document, group, self.committed, self.paused_ends)
        )

    def reset(self) -> None:
        """Forget what the former client said."""
        super().reset()
        self.stalled_fetch = StalledFetch()
        self.reading_state = ReadingState(self.asked_ends, newer_protocol=self._newer_protocol)

    def observe(self, document: Document) -> None:
        """Take the next statistics of the consumer."""
        super().observe(document)
        self.stalled_fetch.observe(document)
        self.reading_state.observe(document)
