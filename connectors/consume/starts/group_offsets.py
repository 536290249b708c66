"""The committed offsets of a group, as far as they are of the topics that are there now."""

import logging
from collections.abc import Callable, Mapping
from functools import cache

from confluent_kafka import Consumer, TopicPartition

from connectors.commit.offset_tracker import CommitMetadata, OffsetTracker, parse_metadata
from connectors.consume.starts.offset_queries import without_errors
from connectors.records.messages import TopicPartitionKey, format_partitions, key_of

log = logging.getLogger("processor.start-offsets")


class GroupOffsets:
    """Fetches the committed offsets, and knows which of them cannot be right."""

    def __init__(
        self,
        tracker: OffsetTracker,
        ask_topic_id: Callable[[str], str | None],
        learn: Callable[[str, CommitMetadata], None] | None = None,
    ) -> None:
        """Prepare. No broker is asked yet.

        Args:
            tracker: Has the topic ids of the client, and gets those of the offsets.
            ask_topic_id: Asks a broker for the id of a topic; None if no broker answers.
            learn: Called with a topic and the metadata of each of its offsets.
        """
        self._tracker = tracker
        self._ask_topic_id = ask_topic_id
        self._learn = learn

    def fetch(
        self, consumer: Consumer, keys: list[TopicPartitionKey]
    ) -> dict[TopicPartitionKey, int | None]:
        """Fetch the committed offsets. Blocks for some requests.

        Args:
            consumer: The present client.
            keys: The partitions.

        Returns:
            An offset below 0 where none is committed; None where the offset is of a topic that was
            deleted and created again. Partitions without an answer are left out.
        """
        offsets: dict[TopicPartitionKey, int | None] = {}
        ask_topic_id = cache(self._ask_topic_id)  # one request for each topic
        for each in without_errors(consumer.committed, [TopicPartition(*key) for key in keys]):
            key, metadata = key_of(each), parse_metadata(each.metadata)
            if each.offset < 0:
                offsets[key] = each.offset
                continue
            if not self._tracker.is_of_topic(key, each.metadata):
                # The client's topic id may be old. So a broker is asked, too.
                topic_id = ask_topic_id(each.topic)
                if topic_id is None:
                    continue
                if metadata.topic_id != topic_id:
                    log.warning(
                        "%s-%d is read from its beginning: the committed offset is of a topic "
                        "that was deleted",
                        *key,
                    )
                    offsets[key] = None
                    continue
            offsets[key] = each.offset
            self._tracker.note_committed(key, metadata.topic_id)
            if self._learn:
                self._learn(each.topic, metadata)
        return offsets

    def lost(
        self,
        fetched: Mapping[TopicPartitionKey, int | None],
        own: Mapping[TopicPartitionKey, int],
    ) -> dict[TopicPartitionKey, int]:
        """Return the own offsets of partitions for which the broker has none.

        A broker that lost them would have this partition read from its beginning, or from its end
        without the records before. A topic that was created again loses its offsets, too: the
        client learns its id before it reads a record. Without topic ids no own offset counts.

        Args:
            fetched: What `fetch` has returned.
            own: Offsets that this process has committed.
        """
        lost = {
            key: own[key]
            for key, offset in fetched.items()
            if offset is not None and offset < 0 <= own.get(key, -1)
            if self._tracker.topic_id(key[0])
        }
        if lost:
            log.warning(
                "the broker has no committed offset of %s; reading goes on at the offset that this "
                "process committed last",
                format_partitions(lost),
            )
        return lost
