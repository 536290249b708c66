"""Membership: holding through rebalances, and giving records back.

The consumer is a stand-in that records what it is asked.
"""

from contextlib import nullcontext
from typing import Any

import pytest
from confluent_kafka import OFFSET_BEGINNING, OFFSET_INVALID, KafkaException

from config import Settings
from config.worker import WorkerSlot
from connectors.consume.group_membership import is_incremental
from connectors.consume.subscription import Subscription
from tests.fakes.group import Group, Joined, parts
from tests.fakes.messages import message


@pytest.mark.parametrize(("incremental", "how"), [(False, "assign"), (True, "incremental_assign")])
def test_pause_survives_an_assignment(incremental: bool, how: str) -> None:  # noqa: FBT001 - pytest gives it by name
    joined = Joined(incremental=incremental)
    joined.assignment.pause("wish")
    joined.group.on_assign(joined.group, parts(0, 1))
    # the client ignores a pause of partitions that it does not know, and may drop one while they
    # start
    assert joined.group.asked == [
        ("pause", []),
        ("position", [0, 1]),
        ("pause", [0, 1]),
        (how, [0, 1]),
    ]
    joined.assignment.resume("wish")
    assert joined.group.asked[-1] == ("resume", [0, 1])


def test_pause_lasts_until_its_last_reason() -> None:
    joined = Joined()
    joined.group.on_assign(joined.group, parts(0))
    joined.assignment.pause("wish")
    joined.assignment.pause("output")
    joined.assignment.resume("output")
    assert joined.assignment.pause_reasons
    joined.assignment.resume("wish")
    assert not joined.assignment.pause_reasons
    assert [what for what, _ in joined.group.asked] == ["assign", "pause", "resume", "resume"]


def test_revoke_commits_then_forgets() -> None:
    joined = Joined()
    joined.group.on_assign(joined.group, parts(0, 1))
    joined.group.on_revoke(joined.group, parts(0))
    assert joined.told == ["commit", ("forget", [("in", 0)])]
    assert joined.assignment.assigned == {("in", 1)}


def test_lost_partitions_are_not_committed() -> None:
    joined = Joined()
    joined.group.on_assign(joined.group, parts(0))
    joined.group.on_lost(joined.group, parts(0))
    assert joined.told == [("forget", [("in", 0)])]


def test_records_return_to_assigned_partitions() -> None:
    joined = Joined()
    joined.group.on_assign(joined.group, parts(0, 1))
    joined.group.on_revoke(joined.group, parts(1))
    joined.assignment.seek_back(
        [message(b"", 5, 0), message(b"", 9, 1), message(b"", 6, 0)], joined.guarantee.tracker.epoch
    )
    assert [asked for asked in joined.group.asked if asked[0] == "seek"] == [("seek", (0, 5))]


def test_each_callback_counts_as_a_rebalance() -> None:
    joined = Joined()
    joined.group.on_assign(joined.group, parts(0))
    joined.group.on_revoke(joined.group, parts(0))
    assert joined.assignment.rebalances == 2


@pytest.mark.parametrize("how", ["on_revoke", "on_lost"])
def test_pause_ends_with_assignment(how: str) -> None:
    """The client remembers a pause, and may drop a resume while the partition starts again."""
    joined = Joined()
    joined.group.on_assign(joined.group, parts(0, 1))
    joined.assignment.pause("settling")
    getattr(joined.group, how)(joined.group, parts(0))
    joined.assignment.resume("settling")
    joined.group.on_assign(joined.group, parts(0))
    resumed = [("resume", [0])] * 2 + [("resume", [1])] * 2
    assert joined.group.asked == [("assign", [0, 1]), ("pause", [0, 1]), *resumed, ("assign", [0])]


def test_dropped_pause_is_made_again() -> None:
    joined = Joined()
    joined.group.on_assign(joined.group, parts(0, 1))
    joined.assignment.pause("wish")
    joined.assignment.seek_back([message(b"", 5, 0)], joined.guarantee.tracker.epoch)
    assert joined.group.asked[-2:] == [("seek", (0, 5)), ("pause", [0])]


@pytest.mark.parametrize(("dropped", "raises"), [(0, False), (2, False), (3, True)])
def test_dropped_seek_is_made_again(dropped: int, raises: bool) -> None:  # noqa: FBT001 - pytest gives it by name
    joined = Joined()
    joined.group.on_assign(joined.group, parts(0))
    joined.group.drops_seeks = dropped
    read = [message(b"", 5, 0)]
    with pytest.raises(KafkaException) if raises else nullcontext():
        joined.assignment.seek_back(read, joined.guarantee.tracker.epoch)
    assert (("seek", (0, 5)) in joined.group.asked) is not raises


@pytest.mark.parametrize("incremental", [False, True])
def test_each_partition_is_reset_once(incremental: bool) -> None:  # noqa: FBT001 - pytest gives it by name
    joined = Joined(incremental=incremental, reset_to=OFFSET_BEGINNING)
    joined.group.on_assign(joined.group, parts(0))
    assert joined.group.starts == {0: OFFSET_BEGINNING}
    joined.group.on_revoke(joined.group, parts(0))
    joined.group.on_assign(joined.group, parts(0, 1))
    assert joined.group.starts == {0: OFFSET_INVALID, 1: OFFSET_BEGINNING}


def test_fixed_partitions_need_no_group() -> None:
    joined = Joined(incremental=True, joins=False)
    joined.membership.assign(parts(1, 3))
    assert joined.assignment.assigned == {("in", 1), ("in", 3)}
    joined.membership.unsubscribe()
    assert joined.told == ["commit", ("forget", [("in", 1), ("in", 3)])]
    assert joined.assignment.assigned == set()
    assert [what for what, _ in joined.group.asked] == ["assign", "resume", "resume", "unassign"]


def test_new_consumer_joins_like_the_old() -> None:
    joined = Joined()
    joined.assignment.pause("wish")
    joined.group.on_assign(joined.group, parts(0, 1))
    old = joined.group
    joined.membership.replace("the consumer has forgotten every broker")
    joined.membership.resubscribe()
    assert joined.told == [("forget", [("in", 0), ("in", 1)]), "renewed"]
    assert joined.assignment.assigned == set()
    assert joined.group is not old
    assert joined.group.topics == ["in"]
    joined.group.on_assign(joined.group, parts(1))
    assert joined.group.asked == [("position", [1]), ("pause", [1]), ("assign", [1])]


def test_healthy_consumer_leaves_the_group_first(
    caplog: pytest.LogCaptureFixture,
) -> None:
    joined = Joined()
    old = joined.group
    old.on_assign(old, parts(0, 1))
    old.own = parts(0, 1)
    joined.membership.close_and_replace("the consumer does not read in-1")
    joined.membership.resubscribe()
    assert ("close", []) in old.asked
    assert joined.told == ["commit", ("forget", [("in", 0), ("in", 1)]), "renewed"]
    assert joined.assignment.assigned == set()
    assert joined.group is not old
    assert joined.group.topics == ["in"]
    assert (
        "the consumer does not read in-1, a new one goes on in its place: nothing is lost"
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
    assert joined.told == [("forget", [("in", 0)]), "renewed"]
    assert joined.group is not old
    assert joined.group.topics == ["in"]
    assert "closing the consumer: " in caplog.text


def test_fixed_partitions_are_committed_first() -> None:
    joined = Joined(joins=False)
    joined.membership.assign(parts(1))
    joined.membership.close_and_replace("the consumer does not read in-1")
    joined.membership.resubscribe()
    assert joined.told == ["commit", ("forget", [("in", 1)]), "renewed"]
    assert joined.assignment.assigned == {("in", 1)}


@pytest.mark.parametrize("how", ["replace", "close_and_replace"])
def test_new_consumer_resets_uncommitted_only(how: str) -> None:
    joined = Joined(joins=False, reset_to=OFFSET_BEGINNING)
    joined.membership.assign(parts(1, 3))
    assert joined.group.starts == {1: OFFSET_BEGINNING, 3: OFFSET_BEGINNING}
    joined.guarantee.ever_committed.add(("in", 3))
    getattr(joined.membership, how)("the consumer has forgotten every broker")
    joined.membership.resubscribe()
    assert joined.group.starts == {1: OFFSET_BEGINNING, 3: OFFSET_INVALID}
    assert joined.assignment.assigned == {("in", 1), ("in", 3)}


def test_old_consumers_records_are_not_returned() -> None:
    """It begins with what is committed, which may be before that."""
    joined = Joined(joins=False)
    joined.membership.assign(parts(1))
    read_at = joined.guarantee.tracker.epoch
    joined.membership.replace("the consumer has forgotten every broker")
    joined.assignment.seek_back([message(b"", 5, 1)], read_at)
    joined.membership.resubscribe()
    assert joined.group.asked == [("assign", [1])]
    joined.membership.resubscribe()
    assert joined.group.asked == [("assign", [1])]


@pytest.mark.parametrize("left", [False, True])
def test_new_consumer_keeps_an_unjoined_group(
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


def joining(**settings: Any) -> tuple[Subscription, Group]:
    joined = Joined(joins=False)
    defaults: dict[str, Any] = {
        "group": "g",
        "instance_count": 3,
        "instance_index": 1,
        "input_destinations": ("in", "other"),
    }
    return Subscription(Settings(**defaults | settings), joined.membership), joined.group


def test_instance_index_assigns_partitions() -> None:
    way, group = joining(auto_rebalance=False)
    way.start({"in": 8, "other": 2})
    assert group.asked[0] == ("assign", [1, 1, 4, 7])
    assert not way.one_topic


def test_processes_share_fixed_partitions() -> None:
    """As in Spring the instance has the partitions of its index; each is read by one process."""
    shares = []
    for number in range(3):
        way, group = joining(
            auto_rebalance=False, input_concurrency=3, place=WorkerSlot(number, 9, "id")
        )
        way.start({"in": 14, "other": 2})
        shares.append(group.asked[0])
    # Of "in" 1, 4, 7, 10, 13, of "other" 1.
    assert shares == [("assign", [1, 10]), ("assign", [4, 13]), ("assign", [1, 7])]


@pytest.mark.parametrize(
    ("settings", "topics"),
    [
        ({}, ["in", "other"]),
        # An anonymous group always subscribes.
        ({"auto_rebalance": False, "group": ""}, ["in", "other"]),
        ({"destination_is_pattern": True, "input_destinations": ("a|b.*",)}, ["^(a|b.*)$"]),
    ],
)
def test_rebalanced_consumers_subscribe(settings: dict[str, Any], topics: list[str]) -> None:
    way, group = joining(**settings)
    way.start({"in": 8, "other": 2})
    assert group.topics == topics
    assert group.asked == []
    assert not way.one_topic  # a pattern can match several


def test_unknown_offset_is_asked_for_again() -> None:
    """The client itself may begin meanwhile, at an offset that belongs to a topic of before:
    nothing of that counts.
    """
    joined = Joined()
    joined.group.is_silent, joined.group.offsets = True, {0: 7}
    joined.group.on_assign(joined.group, parts(0))
    tracker = joined.guarantee.tracker
    joined.assignment.restart_replaced()
    assert not tracker.is_current(("in", 0), tracker.epoch)
    assert "in-0" in joined.assignment.unknown_start
    # The client is about to start with the partition.
    joined.group.is_silent, joined.group.drops_seeks = False, 1
    joined.assignment.restart_replaced()
    assert not tracker.is_current(("in", 0), tracker.epoch)
    joined.assignment.restart_replaced()
    assert joined.group.asked[-1] == ("seek", (0, 7))
    assert tracker.is_current(("in", 0), tracker.epoch)
    assert joined.assignment.unknown_start == ""


@pytest.mark.parametrize(
    ("assigns_topic_ids", "had_another", "reads_at_once"),
    [(False, True, True), (True, False, True), (True, True, False)],
)
def test_new_topic_waits_for_assignment(
    assigns_topic_ids: bool,  # noqa: FBT001 - pytest gives it by name
    had_another: bool,  # noqa: FBT001 - pytest gives it by name
    reads_at_once: bool,  # noqa: FBT001 - pytest gives it by name
) -> None:
    """A group of KIP-848 may have given the new topic to another member: both would read it."""
    joined = Joined(incremental=True, assigns_topic_ids=assigns_topic_ids)
    assignment, tracker = joined.assignment, joined.guarantee.tracker
    assignment.on_topic_id("in", "first", had_another=False)
    joined.group.on_assign(joined.group, parts(0))
    tracker.note_committed(("in", 0), "first")
    assert assignment.on_topic_id("in", "second", had_another=had_another)
    assignment.restart_replaced()
    assert tracker.is_current(("in", 0), tracker.epoch) is reads_at_once
    joined.group.on_revoke(joined.group, parts(0))
    joined.group.on_assign(joined.group, parts(0))
    assignment.restart_replaced()
    assert tracker.is_current(("in", 0), tracker.epoch)
