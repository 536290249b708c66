"""Joining and leaving a group: fixed partitions, and a new consumer in the place of another."""

import pytest
from confluent_kafka import OFFSET_BEGINNING, OFFSET_INVALID

from connectors.consume.group_membership import is_incremental
from tests.fakes.consume.group import Joined, parts
from tests.fakes.messages import message


def test_fixed_partitions_need_no_group() -> None:
    joined = Joined(incremental=True, joins=False)
    joined.membership.assign(parts(1, 3))
    assert joined.assignment.assigned == {("in", 1), ("in", 3)}
    joined.membership.unsubscribe()
    assert joined.calls == ["commit", ("drop", [("in", 1), ("in", 3)])]
    assert joined.assignment.assigned == set()
    assert [what for what, _ in joined.group.asked] == ["assign", "resume", "resume", "unassign"]


def test_new_consumer_joins_alike() -> None:
    joined = Joined()
    joined.assignment.pause("target state")
    joined.group.on_assign(joined.group, parts(0, 1))
    old = joined.group
    joined.membership.replace("the consumer has forgotten every broker")
    joined.membership.resubscribe()
    assert joined.calls == [("drop", [("in", 0), ("in", 1)]), "replaced"]
    assert joined.assignment.assigned == set()
    assert joined.group is not old
    assert joined.group.topics == ["in"]
    joined.group.on_assign(joined.group, parts(1))
    assert joined.group.asked == [("position", [1]), ("pause", [1]), ("assign", [1])]


def test_healthy_consumer_leaves_first(
    caplog: pytest.LogCaptureFixture,
) -> None:
    joined = Joined()
    old = joined.group
    old.on_assign(old, parts(0, 1))
    old.own = parts(0, 1)
    joined.membership.close_and_replace("the consumer does not read in-1")
    joined.membership.resubscribe()
    assert ("close", []) in old.asked
    assert joined.calls == ["commit", ("drop", [("in", 0), ("in", 1)]), "replaced"]
    assert joined.assignment.assigned == set()
    assert joined.group is not old
    assert joined.group.topics == ["in"]
    assert (
        "the consumer does not read in-1, a new consumer goes on in its place: nothing is lost"
        in caplog.text
    )


def test_unclosable_consumer_is_replaced(
    caplog: pytest.LogCaptureFixture,
) -> None:
    joined = Joined()
    old = joined.group
    old.on_assign(old, parts(0))
    old.refuses_to_close = True
    joined.membership.close_and_replace("the consumer does not read in-0")
    joined.membership.resubscribe()
    assert joined.calls == [("drop", [("in", 0)]), "replaced"]
    assert joined.group is not old
    assert joined.group.topics == ["in"]
    assert "cannot close the consumer: " in caplog.text


def test_fixed_partitions_are_committed_first() -> None:
    joined = Joined(joins=False)
    joined.membership.assign(parts(1))
    joined.membership.close_and_replace("the consumer does not read in-1")
    joined.membership.resubscribe()
    assert joined.calls == ["commit", ("drop", [("in", 1)]), "replaced"]
    assert joined.assignment.assigned == {("in", 1)}


def test_closed_consumer_is_not_asked() -> None:
    """It would raise RuntimeError. The next consumer answers again."""
    joined = Joined(joins=False)
    joined.membership.assign(parts(1))
    assert joined.membership.is_wanted
    joined.membership.close(awaits_join=False)
    assert not joined.membership.is_wanted
    joined.membership.replace("the consumer does not read in-1")
    assert joined.membership.is_wanted


@pytest.mark.parametrize("how", ["replace", "close_and_replace"])
def test_new_consumer_resets_uncommitted_only(how: str) -> None:
    joined = Joined(joins=False, reset_to=OFFSET_BEGINNING)
    joined.membership.assign(parts(1, 3))
    assert joined.group.starts == {1: OFFSET_BEGINNING, 3: OFFSET_BEGINNING}
    joined.committer.ever_committed.add(("in", 3))
    getattr(joined.membership, how)("the consumer has forgotten every broker")
    joined.membership.resubscribe()
    assert joined.group.starts == {1: OFFSET_BEGINNING, 3: OFFSET_INVALID}
    assert joined.assignment.assigned == {("in", 1), ("in", 3)}


def test_old_records_are_not_returned() -> None:
    """It begins with what is committed, which may be before that."""
    joined = Joined(joins=False)
    joined.membership.assign(parts(1))
    read_at = joined.committer.tracker.epoch
    joined.membership.replace("the consumer has forgotten every broker")
    joined.assignment.seek_back([message(b"", 5, 1)], read_at)
    joined.membership.resubscribe()
    assert joined.group.asked == [("assign", [1])]
    joined.membership.resubscribe()
    assert joined.group.asked == [("assign", [1])]


@pytest.mark.parametrize("left", [False, True])
def test_new_consumer_keeps_unjoined_group(
    left: bool,  # noqa: FBT001 - pytest gives it by name
) -> None:
    joined = Joined(joins=False)
    if left:
        joined.membership.assign(parts(0))
        joined.membership.unsubscribe()
    joined.membership.replace("the consumer has forgotten every broker")
    joined.membership.resubscribe()
    assert joined.group.asked == []
    assert not hasattr(joined.group, "topics")


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({"partition.assignment.strategy": "range"}, False),
        ({"partition.assignment.strategy": "cooperative-sticky"}, True),
        ({"group.protocol": "consumer"}, True),
        ({}, False),
    ],
)
def test_incremental_rebalance_settings(
    properties: dict[str, object],
    expected: bool,  # noqa: FBT001 - pytest gives it by name
) -> None:
    assert is_incremental(properties) is expected
