"""The Kafka clients of a command, and its requests about topics and offsets."""

import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from time import monotonic
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.cimpl import NewTopic

import config.librdkafka.client_config
from config import Settings
from connectors.cluster.clients import UNKNOWN_TOPIC
from dead_letters.cluster_requests import ClusterRequests
from dead_letters.errors import CommandError, describe
from dead_letters.replaying.progress import Progress, group_of

REQUEST_S = 2.0  # the time-out of one request
CLOSE_S = 5.0
TRANSACTION_TIMEOUT_MS = 60_000
_FETCH_KBYTES = 16_384  # read ahead at most: this bounds a command's memory
# Properties of group membership. The partitions are assigned by hand, so no group is joined.
_MEMBERSHIP = ("group.instance.id", "group.protocol", "group.remote.assignor")
_AUTO_CREATE = "spring.cloud.stream.kafka.binder.auto-create-topics"


class Cluster(ClusterRequests):
    """The clients for one dead letter topic, for one thread. A request takes ANSWER_S at most."""

    def __init__(self, settings: Settings, topic: str, *, commits: bool) -> None:
        """Make the clients. No broker is contacted yet.

        Args:
            settings: The processor's settings.
            topic: The dead letter topic.
            commits: Whether the command commits progress. A command that does not commit also does
                not wait for the open transaction of a killed run.

        Raises:
            SettingsError: A property cannot be used.
        """
        # A command is one instance. The settings may come from any pod of the processor.
        self.settings = settings.model_copy(
            update={"instance_count": 1, "instance_index": 0, "pod": None, "place": None}
        )
        super().__init__(self.settings)
        self.topic, self.group = topic, group_of(topic)
        properties = config.librdkafka.client_config.consumer_config(self.settings) | {
            "group.id": self.group,
            "client.id": f"dead-letters-{topic}",
            "auto.offset.reset": "earliest",
            "isolation.level": "read_committed",  # skips letters of aborted transactions
            "queued.max.messages.kbytes": _FETCH_KBYTES,
        }
        self._consumer_properties = {
            name: value for name, value in properties.items() if name not in _MEMBERSHIP
        }
        self.consumer: Consumer = self._make(Consumer, self._consumer_properties)
        pending_too = self._consumer_properties | {"isolation.level": "read_uncommitted"}
        self._offsets: Consumer | None = None if commits else self._make(Consumer, pending_too)

    @property
    def is_exactly_once(self) -> bool:
        """Whether a transaction-id-prefix is set."""
        return bool(self.settings.transaction_id_prefix)

    def replace_consumer(self) -> None:
        """Close the consumer and make a new one. The old one may have lost all its brokers."""
        _close(self.consumer)
        self.consumer = self._make(Consumer, self._consumer_properties)

    def make_producer(self, on_delivery: Callable[[KafkaError | None, Any], None]) -> Producer:
        """Return a producer with the guarantee of the settings.

        A transactional producer is fenced by the next one for the same topic.

        Args:
            on_delivery: Gets the error, if any, and the message of each delivery. Called in poll()
                and flush().
        """
        properties = config.librdkafka.client_config.producer_config(self.settings) | {
            "client.id": f"dead-letters-{self.topic}"
        }
        if self.is_exactly_once:
            properties |= {
                "transactional.id": f"{self.settings.transaction_id_prefix}{self.group}",
                "transaction.timeout.ms": TRANSACTION_TIMEOUT_MS,
            }
        return self._make(Producer, properties | {"on_delivery": on_delivery})

    # ---- topics

    def count_partitions(self, topic: str) -> int:
        """Return how many partitions the topic has, or 0 if it does not exist.

        Blocks ANSWER_S at most.

        Args:
            topic: The topic's name.

        Raises:
            CommandError: No broker answers, or the topic is not allowed.
        """
        return self.ask(f"topic {topic}", lambda: self._count_partitions(topic))

    def _count_partitions(self, topic: str) -> int:
        found = self.consumer.list_topics(topic, timeout=REQUEST_S).topics[topic]
        if found.error is None:
            return len(found.partitions)
        if found.error.code() in UNKNOWN_TOPIC:
            return 0
        raise KafkaException(found.error)

    def create_topic(self, topic: str, partitions: int) -> int:
        """Create a topic with the properties of dead letter topics. Blocks for some requests.

        Args:
            topic: The topic's name.
            partitions: How many partitions to create.

        Returns:
            How many partitions the topic has. Another process may have created it first.

        Raises:
            CommandError: The settings or the broker do not allow it.
        """
        if not self.settings.auto_create_topics:
            raise CommandError(
                f"the topic {topic} does not exist, and {_AUTO_CREATE} is false: create it"
            )
        form, default = self.settings.dlq_topic_form, self.settings.replication_factor
        factor = default if form.replication_factor is None else form.replication_factor
        new = NewTopic(topic, partitions, factor, config=form.properties)
        try:
            self.ask(
                f"creating topic {topic}",
                lambda: self._admin.create_topics([new])[topic].result(REQUEST_S),
            )
        except CommandError:
            if not self.count_partitions(topic):  # otherwise another process has created the topic
                raise
        self._await(
            lambda: self._is_led(topic, partitions), f"the leaders of the new topic {topic}"
        )
        return self.count_partitions(topic)

    def _is_led(self, topic: str, partitions: int) -> bool:
        found = self.consumer.list_topics(topic, timeout=REQUEST_S).topics[topic]
        leaders = [int(each.leader) for each in found.partitions.values()]
        return len(leaders) >= partitions and min(leaders) >= 0

    # ---- offsets

    def find_ranges(self) -> tuple[dict[int, int], dict[int, int]]:
        """Return the offsets between which the letters of each partition are.

        Returns:
            The first offset of each partition, and the offset after the last letter of each
            partition. Records of open transactions come after that offset.

        Raises:
            CommandError: The topic does not exist, or no broker answers.
        """
        count = self.count_partitions(self.topic)
        if not count:
            raise CommandError(f"there is no topic {self.topic} on {self._brokers}")
        begins, ends = dict[int, int](), dict[int, int]()
        for number in range(count):
            place = TopicPartition(self.topic, number)
            offsets = self.ask(
                f"the offsets of {self.topic}-{number}",
                lambda place=place: self._watermarks(place),  # type: ignore[misc]  # mypy cannot see its default
            )
            begins[number], ends[number] = offsets
        return begins, ends

    def _watermarks(self, place: TopicPartition) -> tuple[int, int]:
        found = self.consumer.get_watermark_offsets(place, timeout=REQUEST_S)
        if found is None:
            raise KafkaException(KafkaError(KafkaError._TIMED_OUT))
        return found

    def load_progress(self, begins: dict[int, int], ends: dict[int, int]) -> Progress:
        """Return which letters are done. Waits for transactions that hold back the group's offsets.

        Args:
            begins: The first offset of each partition.
            ends: The offset after the last letter of each partition.
        """
        return Progress.from_committed(self.topic, begins, ends, self.fetch_committed(begins))

    def fetch_committed(self, numbers: Iterable[int]) -> list[TopicPartition]:
        """Return the group's committed offsets, from the broker. Blocks ANSWER_S at most.

        Args:
            numbers: Partitions of the dead letter topic.

        Raises:
            CommandError: No broker answers, or the group is not allowed.
        """
        wanted = [TopicPartition(self.topic, number) for number in numbers]
        consumer = self._offsets or self.consumer
        found: list[TopicPartition] = self.ask(
            f"the offsets of group {self.group}",
            lambda: consumer.committed(wanted, timeout=REQUEST_S),
        )
        for each in found:
            if each.error:
                raise describe(each.error, f"the offsets of group {self.group}")
        return found

    def close(self) -> None:
        """Close the consumers. They are in no group. Blocks CLOSE_S at most. Never raises."""
        _close(self.consumer, *([self._offsets] if self._offsets else []))


def _close(*consumers: Consumer) -> None:
    """Close consumers at the same time. Each is in a thread, because it may wait without end."""
    threads = [
        threading.Thread(target=_close_quietly, args=[each], daemon=True) for each in consumers
    ]
    for thread in threads:
        thread.start()
    end = monotonic() + CLOSE_S
    for thread in threads:
        thread.join(max(0.0, end - monotonic()))


def _close_quietly(consumer: Consumer) -> None:
    """Close a consumer. An error is left out, because the command has its result already."""
    with suppress(KafkaException, RuntimeError):
        consumer.close()
