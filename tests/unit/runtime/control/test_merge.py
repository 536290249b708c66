"""The statuses of several tasks as one."""

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.control.merge import merge_statuses
from runtime.control.status import Counters, Issue, TaskState, TaskStatus
from runtime.metrics.meter import Sample

S = TaskState


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ((S.RUNNING, S.RUNNING), S.RUNNING),
        ((S.RUNNING, S.BINDING), S.BINDING),  # not before all are
        ((S.STARTING, S.BINDING, S.RUNNING), S.STARTING),
        ((S.RUNNING, S.PAUSED), S.RUNNING),  # something still moves
        ((S.PAUSED, S.PAUSED), S.PAUSED),
        ((S.STOPPED, S.RUNNING), S.RUNNING),
        ((S.STOPPED, S.STOPPED), S.STOPPED),
        ((S.ENDED, S.DRAINING), S.DRAINING),
        ((S.ENDED, S.ENDED), S.ENDED),
        *(((S.FAILED, other), S.FAILED) for other in S),
    ],
)
def test_worst_state_wins(states: tuple[TaskState, ...], expected: TaskState) -> None:
    statuses = [TaskStatus(state) for state in states]
    assert merge_statuses(statuses).state is merge_statuses(statuses[::-1]).state is expected


def test_counters_are_summed() -> None:
    samples = (Sample("a", 1, (("client.id", "c-0"),)),), (Sample("a", 2, (("client.id", "c-1"),)),)
    one = TaskStatus(
        S.RUNNING, (("in", 2),), (), Counters(sent=3), 10.0, 0.5, 0.1, samples[0], published=50.0
    )
    two = TaskStatus(
        S.RUNNING,
        (("in", 0), ("in", 1)),
        (),
        Counters(sent=4),
        12.0,
        0.2,
        0.3,
        samples[1],
        published=40.0,
    )
    both = merge_statuses([one, two])
    assert both.partitions == (("in", 0), ("in", 1), ("in", 2))
    assert both.counters == Counters(sent=7)
    assert both.last_commit == 12.0
    assert (both.longest_step, both.longest_write) == (0.5, 0.3)
    assert both.samples == samples[0] + samples[1]
    assert both.published == 40.0, "a task that runs does not hide one that is stuck"
    assert merge_statuses([one, TaskStatus()]).last_commit == 10.0
    assert merge_statuses([TaskStatus(), TaskStatus()]).last_commit is None


def test_shared_problem_is_reported_once() -> None:
    early, late = (
        Issue("no broker", 1.0, broker_away=True),
        Issue("no broker", 2.0, broker_away=True),
    )
    other = Issue("no dead letters", 1.5)
    assert merge_statuses(
        [TaskStatus(troubles=(late, other)), TaskStatus(troubles=(early,))]
    ).troubles == (early, other)


STATUSES = st.builds(
    TaskStatus,
    state=st.sampled_from(TaskState),
    partitions=st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 9))).map(
        lambda found: tuple(sorted(found))
    ),
    counters=st.builds(Counters, *[st.integers(0, 1000)] * len(fields(Counters))),
    last_commit=st.none() | st.floats(1, 1e9),
)


@given(STATUSES)
def test_one_status_is_unchanged(status: TaskStatus) -> None:
    assert merge_statuses([status]) == status


@given(st.lists(STATUSES, min_size=1), st.lists(STATUSES, min_size=1))
def test_merge_order_is_free(some: list[TaskStatus], others: list[TaskStatus]) -> None:
    assert merge_statuses([merge_statuses(some), merge_statuses(others)]) == merge_statuses(
        [*others, *some]
    )
