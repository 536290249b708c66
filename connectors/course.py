"""The states of a lane, and what leads from one to the next: binding, wishes of the actuator, the last commit before a stop."""

import logging
from dataclasses import dataclass

from connectors.binding import Binding
from connectors.brokers import Brokers
from connectors.guarantee import Guarantee
from connectors.joining import Joining
from connectors.membership import Membership
from connectors.output import Output
from connectors.waiting import TURN, Waiting
from runtime.lifecycle import Lifecycle
from runtime.status import LaneState, Wish

log = logging.getLogger("processor.lifecycle")

_MEMBER = (LaneState.JOINING, LaneState.RUNNING, LaneState.PAUSED)
SETTLING = 0.02  # seconds between two looks at whether a commit has been answered, at a stop


@dataclass(kw_only=True)
class Course:
    """Where a lane is, by what it has been told and by what has come of it. On the lane's thread."""

    binding: Binding
    brokers: Brokers
    joining: Joining
    membership: Membership
    guarantee: Guarantee
    waiting: Waiting
    output: Output
    lifecycle: Lifecycle
    joins: bool  # whether binding is followed by joining the group
    state: LaneState = LaneState.BINDING
    _rebalances: int = 0  # when the group was last asked for partitions

    def bind(self) -> None:
        """Try to find the topics, and prepare with the broker; once both are done, join the group."""
        if not self.binding.attempt() or not self.guarantee.ready():
            self.lifecycle.wait(TURN)
            return
        self.output.bound(self.binding.partitions)
        if self.joins:
            self._start()
        else:
            self.state = LaneState.STOPPED

    def _start(self) -> None:
        self._rebalances = self.membership.rebalances
        self.brokers.reading.begin()
        self.joining.join(self.binding.partitions)
        self.state = LaneState.JOINING
        self.settle_in()

    def settle_in(self) -> None:
        """Run once partitions are assigned, or once the group has said that there are none."""
        if self.membership.rebalances > self._rebalances or self.brokers.reading.is_member:
            self.state = LaneState.PAUSED if self.membership.holds("wish") else LaneState.RUNNING

    def heed(self, wish: Wish) -> None:
        log.info("the input is to be %s", wish.value)
        running = self.state in (LaneState.RUNNING, LaneState.PAUSED)
        match wish:
            case Wish.PAUSE:
                self.membership.hold("wish")
                self.state = LaneState.PAUSED if running else self.state
            case Wish.RESUME:
                self.membership.release("wish")
                self.state = LaneState.RUNNING if running else self.state
            case Wish.STOP:
                self.joins = False
            case Wish.START:
                self.joins = True
                self.membership.release("settling")  # a stop may have been under way
                if self.state is LaneState.STOPPED:
                    self._start()

    @property
    def leaves(self) -> bool:
        """The group is to be left: true until that is done, also when an error comes between that can be got over."""
        return not self.joins and self.state in _MEMBER

    def leave(self) -> None:
        self.settle()
        self.membership.leave()
        while self.membership.assigned:  # the revoke comes inside poll()
            self.waiting.idle(SETTLING)
        self.guarantee.left()
        self.membership.release("settling")
        self.state = LaneState.STOPPED

    def read_on(self) -> None:
        """Go back from settling to reading: a record that was refused meanwhile has to be found."""
        self.guarantee.drains = False
        self.membership.release("settling")

    def settle(self) -> None:
        """Wait until all that was produced is delivered and committed; a stop's deadline is the watchdog's business."""
        self.membership.hold("settling")
        while self.guarantee.pending:
            self.output.check()
            # no earlier: until here a stop may come in the middle of a turn that reads
            self.guarantee.drains = self.lifecycle.stopping
            self.guarantee.commit()
            self.waiting.idle(SETTLING)
