"""What an administrator sees and does: topics, their ends, and where a consumer group stands."""

from collections.abc import Callable
from typing import TypeVar

from confluent_kafka import Consumer, IsolationLevel, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, ConfigResource, TopicMetadata  # type: ignore[attr-defined]  # untyped export
from confluent_kafka.admin._config import AlterConfigOpType, ConfigEntry
from confluent_kafka.admin._group import ConsumerGroupDescription
from confluent_kafka.admin._listoffsets import OffsetSpec
from confluent_kafka.admin._resource import ResourceType
from confluent_kafka.cimpl import NewPartitions, NewTopic

from tests.support.brokers.admin import quick, quick_admin
from tests.support.waiting import wait_for

SECONDS = 30  # for one request to a broker that is there, on a busy machine

# What a broker answers that has just come back and is still reading its groups and partitions, or
# has not heard of a new topic; and what a client says of a connection that did not outlive a frozen
# broker.
PASSING = {
    KafkaError._TRANSPORT,
    KafkaError._TIMED_OUT,
    KafkaError.UNKNOWN_TOPIC_OR_PART,
    KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
    KafkaError.COORDINATOR_NOT_AVAILABLE,
    KafkaError.NOT_COORDINATOR,
    KafkaError.LEADER_NOT_AVAILABLE,
    KafkaError.NOT_LEADER_FOR_PARTITION,
    KafkaError.UNKNOWN_LEADER_EPOCH,
    KafkaError.OFFSET_NOT_AVAILABLE,
}

ANSWER = 8  # seconds for one answer that may never come
Positions = dict[int, int]  # partition -> offset
T = TypeVar("T")


def patiently(ask: Callable[[], T], renew: Callable[[], None] = lambda: None) -> T:
    """Ask again while the answer is PASSING, each time with new clients from `renew`.

    One may look for ever for a coordinator or a controller that has moved, or have forgotten every
    broker (librdkafka issue 5301).
    """

    def answer() -> list[T] | None:
        try:
            return [ask()]
        except KafkaException as error:
            if error.args[0].code() not in PASSING:
                raise
        except TimeoutError:
            pass
        renew()
        return None

    return wait_for(answer, SECONDS, "an answer from the broker that lasts")[0]


class Topics:
    """The topics and groups of one cluster."""

    def __init__(self, bootstrap: str) -> None:
        self._bootstrap = bootstrap
        self._admin = quick_admin(bootstrap)
        self._consumers: dict[str, Consumer] = {}
        self._made: dict[str, int] = {}  # topic -> partitions

    def create(self, name: str, partitions: int = 1, only_on: int | None = None) -> str:
        """Create a topic, return its name.

        `only_on`: the number of the one node that is to have it.
        """
        new = NewTopic(name, partitions)
        if only_on is not None:
            new = NewTopic(
                name,
                partitions,
                replica_assignment=[[only_on]] * partitions,
                config={"min.insync.replicas": "1"},
            )
        self._admin.create_topics([new])[name].result(SECONDS)
        self._made[name] = partitions
        wait_for(lambda: self._is_led(name, partitions), SECONDS, f"leaders of {name}")
        return name

    def _known(self) -> dict[str, TopicMetadata]:
        return self._afresh(lambda admin: admin.list_topics(timeout=ANSWER)).topics

    def _is_led(self, name: str, partitions: int) -> bool:
        """A client that meets a partition without a leader may never see one (librdkafka 5430)."""
        topic = self._known().get(name)
        return (
            topic is not None
            and sum(one.leader >= 0 for one in topic.partitions.values()) == partitions
        )

    def delete(self, *names: str) -> None:
        """Delete topics, also those in use."""
        for name, future in self._admin.delete_topics(list(names)).items():
            future.result(SECONDS)
            self._made.pop(name, None)

    def configure(
        self, name: str, kind: ResourceType = ResourceType.TOPIC, **settings: str
    ) -> None:
        """Change Kafka's settings of the topic, or of the GROUP, underscores for dots."""
        entries = [
            ConfigEntry(key.replace("_", "."), value, incremental_operation=AlterConfigOpType.SET)
            for key, value in settings.items()
        ]
        changed = ConfigResource(kind, name, incremental_configs=entries)
        self._afresh(
            lambda admin: admin.incremental_alter_configs([changed])[changed].result(ANSWER)
        )

    def grow(self, name: str, partitions: int) -> None:
        """Add partitions, up to so many."""
        self._admin.create_partitions([NewPartitions(name, partitions)])[name].result(SECONDS)
        self._made[name] = partitions
        wait_for(lambda: self._is_led(name, partitions), SECONDS, f"leaders of {name}")

    def partitions(self, name: str) -> int:
        """How many partitions the topic has; 0 when there is no such topic.

        A node that lags reports no less than were created here.
        """
        topic = self._known().get(name)
        return max(len(topic.partitions) if topic else 0, self._made.get(name, 0))

    def names(self) -> set[str]:
        """All topics."""
        return set(self._known())

    def replicas(self, name: str) -> list[list[int]]:
        """For each partition the nodes that have it, the preferred leader first."""
        partitions = self._known()[name].partitions
        return [list(partitions[number].replicas) for number in sorted(partitions)]

    def settings(self, name: str) -> dict[str, str]:
        """Kafka's settings of the topic, also those it has by default."""
        topic = ConfigResource(ConfigResource.Type.TOPIC, name)
        found = self._afresh(lambda admin: admin.describe_configs([topic])[topic].result(ANSWER))
        return {key: entry.value for key, entry in found.items()}

    def ends(
        self, name: str, isolation: IsolationLevel = IsolationLevel.READ_UNCOMMITTED
    ) -> Positions:
        """The offset after the last record of every partition.

        After the last that is decided, to a READ_COMMITTED reader.
        """
        latest = OffsetSpec.latest()  # type: ignore[no-untyped-call]  # the client's own annotations end here
        wanted = {TopicPartition(name, number): latest for number in range(self.partitions(name))}

        def ask(admin: AdminClient) -> Positions:
            found = admin.list_offsets(wanted, request_timeout=ANSWER, isolation_level=isolation)
            return {at.partition: future.result(ANSWER).offset for at, future in found.items()}

        return self._afresh(ask)

    def committed(self, group: str, topic: str) -> Positions:
        """Where the group goes on, for the partitions it has committed.

        Asked by a consumer that never joins: librdkafka 2.16's admin client crashes the process
        when the group's coordinator moves.
        """
        wanted = [TopicPartition(topic, number) for number in range(self.partitions(topic))]
        found = (
            patiently(lambda: self._asked(group).committed(wanted, ANSWER), self._consumers.clear)
            if wanted
            else []
        )
        return {at.partition: at.offset for at in found if at.offset >= 0}

    def _asked(self, group: str) -> Consumer:
        if group not in self._consumers:
            # Else it waits for the end of open transactions.
            settings = {"group.id": group, "isolation.level": "read_uncommitted"}
            self._consumers[group] = Consumer(quick(self._bootstrap) | settings)
        return self._consumers[group]

    def behind(self, group: str, topic: str, ends: Positions | None = None) -> int:
        """Records the group has not committed, of those up to `ends` (default: of all)."""
        done = self.committed(group, topic)
        return sum(
            max(0, end - done.get(partition, 0))
            for partition, end in (self.ends(topic) if ends is None else ends).items()
        )

    def delete_offsets(self, group: str) -> None:
        """Delete the offsets of a group without members, as after offsets.retention.minutes."""
        try:
            self._admin.delete_consumer_groups([group])[group].result(SECONDS)
        except KafkaException as error:
            # It has committed nothing yet.
            if error.args[0].code() != KafkaError.GROUP_ID_NOT_FOUND:
                raise

    def group(self, group: str) -> ConsumerGroupDescription:
        """State and members of a consumer group."""
        found: ConsumerGroupDescription = self._afresh(
            lambda admin: admin.describe_consumer_groups([group])[group].result(ANSWER)
        )
        return found

    def describe_group(self, group: str) -> str:
        """State and members of a consumer group, for messages."""
        now = self.group(group)
        members = [
            f"{one.member_id} with {one.assignment and len(one.assignment.topic_partitions)}"
            for one in now.members
        ]
        return f"{now.state.name} with {members}"

    def settled(self, group: str, members: int) -> bool:
        """The group is stable, with so many members, all of which hold partitions."""
        now = self.group(group)
        holding = [
            member
            for member in now.members
            if member.assignment and member.assignment.topic_partitions
        ]
        return now.state.name == "STABLE" and len(now.members) == len(holding) == members

    def _afresh(self, ask: Callable[[AdminClient], T]) -> T:
        def renew() -> None:
            self._admin = quick_admin(self._bootstrap)

        return patiently(lambda: ask(self._admin), renew)
