"""Several lanes seen as one."""

from collections.abc import Sequence

from runtime.status import Counters, LaneState, LaneStatus, Trouble

# The state of all is the first of these that any lane is in: failed with one; not running before all are bound; paused, stopped or
# drained only once nothing moves any more.
_FIRST = (
    LaneState.FAILED,
    LaneState.STARTING,
    LaneState.BINDING,
    LaneState.JOINING,
    LaneState.RUNNING,
    LaneState.PAUSED,
    LaneState.DRAINING,
    LaneState.STOPPED,
    LaneState.ENDED,
)


def merged(lanes: Sequence[LaneStatus]) -> LaneStatus:
    """The status of all lanes, at least one; `published` is that of the one that has been silent for longest.

    Samples stay apart: where they differ in no tag, whoever shows them adds them up.
    """
    troubles: dict[str, Trouble] = {}
    for trouble in sorted((each for lane in lanes for each in lane.troubles), key=lambda each: each.since):
        troubles.setdefault(trouble.what, trouble)
    return LaneStatus(
        min((lane.state for lane in lanes), key=_FIRST.index),
        tuple(sorted(partition for lane in lanes for partition in lane.partitions)),
        tuple(troubles.values()),
        sum((lane.counters for lane in lanes), Counters()),
        max((lane.last_commit for lane in lanes if lane.last_commit), default=None),
        max(lane.longest_step for lane in lanes),
        max(lane.longest_write for lane in lanes),
        tuple(sample for lane in lanes for sample in lane.samples),
        min(lane.published for lane in lanes),
    )
