"""Merges the statuses of several tasks into one."""

from collections.abc import Sequence

from runtime.control.status import Counters, Issue, TaskState, TaskStatus

# The merged state is the first of these that any task has. One failed task makes it FAILED. It is
# RUNNING only when all tasks are bound. It is PAUSED, DRAINING or STOPPED only when no task moves
# records.
_FIRST = (
    TaskState.FAILED,
    TaskState.STARTING,
    TaskState.BINDING,
    TaskState.JOINING,
    TaskState.RUNNING,
    TaskState.PAUSED,
    TaskState.DRAINING,
    TaskState.STOPPED,
    TaskState.ENDED,
)


def merge_statuses(tasks: Sequence[TaskStatus]) -> TaskStatus:
    """Return one status for all tasks. Its age is that of the oldest one.

    Samples stay apart. The endpoint adds up those with equal tags.

    Args:
        tasks: The status of each task; at least one.
    """
    troubles: dict[str, Issue] = {}
    for trouble in sorted(
        (each for task in tasks for each in task.troubles), key=lambda each: each.since
    ):
        troubles.setdefault(trouble.what, trouble)
    return TaskStatus(
        min((task.state for task in tasks), key=_FIRST.index),
        tuple(sorted(partition for task in tasks for partition in task.partitions)),
        tuple(troubles.values()),
        sum((task.counters for task in tasks), Counters()),
        max((task.last_commit for task in tasks if task.last_commit), default=None),
        max(task.longest_step for task in tasks),
        max(task.longest_write for task in tasks),
        tuple(sample for task in tasks for sample in task.samples),
        min(task.published for task in tasks),
    )
