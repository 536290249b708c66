"""A consumer in a group, and what the assignment asks of its committer."""

from collections.abc import Callable, Iterable
from typing import cast

from confluent_kafka import OFFSET_INVALID, Consumer, KafkaError, KafkaException, TopicPartition

from connectors.cluster.broker_status import BrokerStatus
from connectors.cluster.replaceable_consumer import ReplaceableConsumer
from connectors.commit.committer import Committer
from connectors.consume.assignment import PartitionAssignment
from connectors.consume.group_membership import GroupMembership
from connectors.consume.starts.start_offsets import StartOffsets
from connectors.consume.static_member import StaticMember
from connectors.records.messages import TopicPartitionKey

Callback = Callable[[Consumer, list[TopicPartition]], None]


class Group(Consumer):
    """A consumer whose rebalances the test decides."""

    def __init__(self) -> None:
        super().__init__({"bootstrap.servers": "", "group.id": "g"})
        self.asked: list[tuple[str, object]] = []
        self.own: list[TopicPartition] = []  # what is revoked when it is closed
        self.refuses_to_close = False
        self.drops_seeks = 0  # how many from now on
        self.offsets: dict[int, int] = {}  # that the group has committed
        self.is_silent = False  # the coordinator does not report them

    def subscribe(  # type: ignore[override]  # all are given
        self, topics: list[str], on_assign: Callback, on_revoke: Callback, on_lost: Callback
    ) -> None:
        self.topics, self.on_assign, self.on_revoke, self.on_lost = (
            topics,
            on_assign,
            on_revoke,
            on_lost,
        )

    def _note(self, what: str, partitions: list[TopicPartition]) -> None:
        self.asked.append((what, sorted(tp.partition for tp in partitions)))

    def assign(self, partitions: list[TopicPartition]) -> None:
        self._note("assign", partitions)
        self.starts = {tp.partition: tp.offset for tp in partitions}

    def incremental_assign(self, partitions: list[TopicPartition]) -> None:
        self._note("incremental_assign", partitions)
        self.starts = {tp.partition: tp.offset for tp in partitions}

    def unassign(self) -> None:
        self._note("unassign", [])

    def position(self, partitions: list[TopicPartition]) -> list[TopicPartition]:
        self._note("position", partitions)
        return partitions

    def committed(self, partitions: list[TopicPartition], timeout: float) -> list[TopicPartition]:  # type: ignore[override]  # noqa: ARG002 - always given
        if self.is_silent:
            raise KafkaException(KafkaError(KafkaError._TIMED_OUT))
        return [
            TopicPartition(
                each.topic, each.partition, self.offsets.get(each.partition, OFFSET_INVALID)
            )
            for each in partitions
        ]

    def pause(self, partitions: list[TopicPartition]) -> None:
        self._note("pause", partitions)

    def resume(self, partitions: list[TopicPartition]) -> None:
        self._note("resume", partitions)

    def seek(self, partition: TopicPartition) -> None:
        if self.drops_seeks:
            self.drops_seeks -= 1
            raise KafkaException(KafkaError(KafkaError._OUTDATED))
        self.asked.append(("seek", (partition.partition, partition.offset)))

    def close(self) -> None:
        self._note("close", [])
        if self.refuses_to_close:
            raise KafkaException(KafkaError(KafkaError._STATE))
        if hasattr(self, "topics"):
            self.on_revoke(self, self.own)
        super().close()


def parts(*numbers: int) -> list[TopicPartition]:
    return [TopicPartition("in", number) for number in numbers]


class Listening(Committer):
    """Writes down its calls."""

    def __init__(self, consumer: ReplaceableConsumer, calls: list[object]) -> None:
        super().__init__(consumer, 0)
        self._calls = calls

    def commit(self) -> bool:
        return True

    def rewind(self) -> None:
        raise AssertionError("not asked for here")

    def on_revoking(self) -> None:
        self._calls.append("commit")

    def drop(self, partitions: Iterable[TopicPartitionKey]) -> None:
        self._calls.append(("drop", sorted(partitions)))

    def on_consumer_replaced(self) -> None:
        self._calls.append("replaced")


def make_membership(
    consumer: ReplaceableConsumer,
    committer: Committer,
    *,
    reset_to: int | None = None,
    at_end: bool = False,
    incremental: bool = False,
    assigns_topic_ids: bool = False,
    static_member: StaticMember | None = None,
) -> tuple[PartitionAssignment, GroupMembership]:
    """An assignment, and the membership that it comes from."""
    start_offsets = StartOffsets(committer.tracker, reset_to, at_end=at_end)
    assignment = PartitionAssignment(
        consumer,
        committer,
        start_offsets,
        incremental=incremental,
        assigns_topic_ids=assigns_topic_ids,
    )
    return assignment, GroupMembership(
        consumer,
        committer,
        start_offsets,
        assignment,
        incremental=incremental,
        static_member=static_member,
    )


class Joined:
    """A membership and its consumer, with the calls of its committer, in order."""

    def __init__(
        self,
        *,
        incremental: bool = False,
        assigns_topic_ids: bool = False,
        reset_to: int | None = None,
        at_end: bool = False,
        joins: bool = True,
    ) -> None:
        self.consumer = ReplaceableConsumer(Group, BrokerStatus([]))
        self.calls: list[object] = []
        self.committer = Listening(self.consumer, self.calls)
        self.assignment, self.membership = make_membership(
            self.consumer,
            self.committer,
            reset_to=reset_to,
            at_end=at_end,
            incremental=incremental,
            assigns_topic_ids=assigns_topic_ids,
        )
        if joins:
            self.membership.subscribe(["in"])

    @property
    def group(self) -> Group:
        return cast("Group", self.consumer.client)
