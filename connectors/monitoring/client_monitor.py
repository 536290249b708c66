"""The findings of a client's statistics.

Each client has a monitor. The client's callbacks feed it inside poll().
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
from connectors.records.messages import TopicPartitionKey
from runtime.metrics.meter import Sample


class ClientMonitor:
    """Samples for the metrics, and problems of the client. On the task's thread."""

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
        """Start again with another client."""
        self._statistics = Statistics(self._read)
        self.leaders = LeaderlessPartitions()
        # Why the client has lost its brokers or its group for good, or "".
        self.lost = ""
        self.is_outdated = False  # the key or trust store has changed since the client was made
        self._lost_metadata = LostMetadata()

    def on_statistics(self, statistics: str) -> None:
        """Handle stats_cb.

        Args:
            statistics: The statistics as JSON.
        """
        document = parse_document(statistics)
        if document is not None:
            self.observe(document)

    def observe(self, document: Document) -> None:
        """Take the next statistics of the client.

        Args:
            document: The statistics.
        """
        self.samples = self._statistics.observe(document)
        self.leaders.observe(document)
        self._lost_metadata.observe(document)
        why = self._lost_metadata.why
        self.lost = f"{self._name} {why}" if why else ""

    def take_lost(self) -> str:
        """Return why the client is lost, and wait until its statistics report it again."""
        why, self.lost, self._lost_metadata = self.lost, "", LostMetadata()
        return why


class ConsumerMonitor(ClientMonitor):
    """Also observes what the consumer fetches, and whether it is a member of its group."""

    _name = "the consumer"

    def __init__(self, group: str = "", *, newer_protocol: bool = False) -> None:
        """Start without statistics.

        Args:
            group: The consumer group.
            newer_protocol: Whether the group uses KIP-848 (group.protocol=consumer).
        """
        self._newer_protocol = newer_protocol
        # Offsets of the assigned partitions that this process has committed.
        self.committed: Mapping[TopicPartitionKey, int] = {}
        # Ends of partitions by the latest answer of the brokers.
        self.asked_ends: dict[TopicPartitionKey, int] = {}
        # Ends of partitions that are not fetched because the input is paused.
        self.paused_ends: dict[TopicPartitionKey, int] = {}
        super().__init__(
            lambda document: read_consumer_stats(document, group, self.committed, self.paused_ends)
        )

    def reset(self) -> None:
        """Start again with another consumer."""
        super().reset()
        self.stalled_fetch = StalledFetch()
        self.reading_state = ReadingState(self.asked_ends, newer_protocol=self._newer_protocol)

    def observe(self, document: Document) -> None:
        """Take the next statistics of the consumer.

        Args:
            document: The statistics.
        """
        super().observe(document)
        self.stalled_fetch.observe(document)
        self.reading_state.observe(document)
