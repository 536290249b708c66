"""Membership: holding through rebalances, and giving records back. The consumer is a stand-in that records what it is asked."""

from collections.abc import Callable, Iterable

import pytest
from confluent_kafka import Consumer, TopicPartition

from connectors.batch import TopicPartitionKey
from connectors.guarantee import Guarantee
from connectors.membership import Membership, is_incremental
from tests.unit.messages import message

Callback = Callable[[Consumer, list[TopicPartition]], None]


class Group(Consumer):
    """A consumer whose rebalances the test decides."""

    def __init__(self) -> None:
        super().__init__({"bootstrap.servers": "", "group.id": "g"})
        self.asked: list[tuple[str, object]] = []

    def subscribe(self, topics: list[str], on_assign: Callback, on_revoke: Callback, on_lost: Callback) -> None:  # type: ignore[override]  # noqa: ARG002 - all are given
        self.on_assign, self.on_revoke, self.on_lost = on_assign, on_revoke, on_lost

    def _note(self, what: str, partitions: list[TopicPartition]) -> None:
        self.asked.append((what, sorted(tp.partition for tp in partitions)))

    def assign(self, partitions: list[TopicPartition]) -> None:
        self._note("assign", partitions)

    def incremental_assign(self, partitions: list[TopicPartition]) -> None:
        self._note("incremental_assign", partitions)

    def pause(self, partitions: list[TopicPartition]) -> None:
        self._note("pause", partitions)

    def resume(self, partitions: list[TopicPartition]) -> None:
        self._note("resume", partitions)

    def seek(self, partition: TopicPartition) -> None:
        self.asked.append(("seek", (partition.partition, partition.offset)))


def parts(*numbers: int) -> list[TopicPartition]:
    return [TopicPartition("in", number) for number in numbers]


class Listening(Guarantee):
    """Writes down what it is told."""

    def __init__(self, told: list[object]) -> None:
        super().__init__(0)
        self._told = told

    def commit(self) -> bool:
        return True

    def before_revoke(self) -> None:
        self._told.append("commit")

    def forget(self, partitions: Iterable[TopicPartitionKey]) -> None:
        self._told.append(("forget", sorted(partitions)))


class Joined:
    """A membership and its consumer, with what it has been told to commit and forget, in order."""

    def __init__(self, *, incremental: bool = False) -> None:
        self.group = Group()
        self.told: list[object] = []
        self.membership = Membership(self.group, Listening(self.told), incremental=incremental)
        self.membership.join(["in"])


@pytest.mark.parametrize(("incremental", "how"), [(False, "assign"), (True, "incremental_assign")])
def test_a_hold_outlives_an_assignment(incremental: bool, how: str) -> None:  # noqa: FBT001 - pytest gives it by name
    joined = Joined(incremental=incremental)
    joined.membership.hold("wish")
    joined.group.on_assign(joined.group, parts(0, 1))
    # a pause before the assignment would be ignored by the client
    assert joined.group.asked == [("pause", []), (how, [0, 1]), ("pause", [0, 1])]
    joined.membership.release("wish")
    assert joined.group.asked[-1] == ("resume", [0, 1])


def test_held_until_every_reason_is_gone() -> None:
    joined = Joined()
    joined.group.on_assign(joined.group, parts(0))
    joined.membership.hold("wish")
    joined.membership.hold("output")
    joined.membership.release("output")
    assert joined.membership.held
    joined.membership.release("wish")
    assert not joined.membership.held
    assert [what for what, _ in joined.group.asked] == ["assign", "pause", "resume"]


def test_a_revoke_commits_first_and_forgets_then() -> None:
    joined = Joined()
    joined.group.on_assign(joined.group, parts(0, 1))
    joined.group.on_revoke(joined.group, parts(0))
    assert joined.told == ["commit", ("forget", [("in", 0)])]
    assert joined.membership.assigned == {("in", 1)}


def test_lost_partitions_are_not_committed() -> None:
    joined = Joined()
    joined.group.on_assign(joined.group, parts(0))
    joined.group.on_lost(joined.group, parts(0))
    assert joined.told == [("forget", [("in", 0)])]


def test_records_are_given_back_from_the_first_on_and_only_where_the_partition_is_still_ours() -> None:
    joined = Joined()
    joined.group.on_assign(joined.group, parts(0, 1))
    joined.group.on_revoke(joined.group, parts(1))
    joined.membership.give_back([message(b"", 5, 0), message(b"", 9, 1), message(b"", 6, 0)])
    assert [asked for asked in joined.group.asked if asked[0] == "seek"] == [("seek", (0, 5))]


def test_each_callback_counts_as_a_rebalance() -> None:
    joined = Joined()
    joined.group.on_assign(joined.group, parts(0))
    joined.group.on_revoke(joined.group, parts(0))
    assert joined.membership.rebalances == 2


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({"partition.assignment.strategy": "range"}, False),
        ({"partition.assignment.strategy": "cooperative-sticky"}, True),
        ({"group.protocol": "consumer"}, True),
        ({}, False),
    ],
)
def test_which_settings_make_rebalances_incremental(properties: dict[str, object], expected: bool) -> None:  # noqa: FBT001 - pytest gives it by name
    assert is_incremental(properties) is expected
