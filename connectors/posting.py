"""What a lane tells of itself: the one status that all its parts come to."""

from dataclasses import dataclass, field

from connectors.binding import Binding
from connectors.brokers import Brokers
from connectors.guarantee import Guarantee
from connectors.input import Input
from connectors.membership import Membership
from connectors.output import Output
from connectors.recovery import Recovery
from connectors.stalled_work import StalledWork
from connectors.work import Work
from runtime.status import Board, Counters, LaneState, LaneStatus


@dataclass(frozen=True, kw_only=True)
class Posting:
    """Reads the parts of a lane, on the lane's thread, and posts its status on the board."""

    board: Board
    brokers: Brokers
    source: Input
    output: Output
    guarantee: Guarantee
    membership: Membership
    recovery: Recovery
    binding: Binding
    work: Work
    stalled: StalledWork = field(default_factory=StalledWork)

    def post(self, state: LaneState) -> None:
        counters = Counters(
            received=self.source.received,
            sent=self.output.sent,
            dropped=self.output.dropped,
            failed=self.recovery.failures,
            commits=self.guarantee.commits,
            rebalances=self.membership.rebalances,
            batches=self.work.batches,
            processed=self.work.processed,
            given_up=self.recovery.given_up,
            step_seconds=self.work.step_seconds,
            write_seconds=self.work.write_seconds,
        )
        # where no broker is there, no partition has a leader: that need not be said of each
        leaders = () if self.brokers.trouble else (self.brokers.leaders, self.output.leaders)
        places = self.brokers, *leaders, self.source, self.stalled, self.binding
        self.source.assess()
        self.stalled.observe(self._outstanding(state), (counters.batches, counters.commits))
        self.board.post(
            LaneStatus(
                state,
                tuple(sorted(self.membership.assigned)),
                tuple(place.trouble for place in places if place.trouble),
                counters,
                self.guarantee.last_commit,
                self.work.longest_step.value,
                self.work.longest_write.value,
                self.brokers.samples + self.output.samples,
            )
        )

    def _outstanding(self, state: LaneState) -> str:
        """What work that is not done waits for, or ""; where no broker is there, that is known already."""
        if self.brokers.trouble or state not in (LaneState.JOINING, LaneState.RUNNING, LaneState.PAUSED):
            return ""
        if self.work.in_hand:
            return "a record is tried again, or the output takes no more records"
        return "deliveries or a commit are not answered" if self.guarantee.pending else ""
