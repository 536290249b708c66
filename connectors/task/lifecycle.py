"""The states of a lane, and what leads from one to the next: binding, wishes of the actuator, the
last commit before a stop.
"""

import logging
from dataclasses import dataclass

from connectors.cluster.broker_status import BrokerStatus
from connectors.commit.committer import Committer
from connectors.consume.assignment import PartitionAssignment
from connectors.consume.backpressure import POLL_TIMEOUT_S, Backpressure
from connectors.consume.group_membership import GroupMembership
from connectors.consume.subscription import Subscription
from connectors.produce.record_producer import RecordProducer
from connectors.task.binding import TopicBinding
from runtime.control.status import TargetState, TaskState
from runtime.lifecycle import Lifecycle

log = logging.getLogger("processor.lifecycle")

_MEMBER = (TaskState.JOINING, TaskState.RUNNING, TaskState.PAUSED)
COMMIT_POLL_S = 0.02  # seconds between two looks at whether a commit has been answered, at a stop


@dataclass(kw_only=True)
class TaskLifecycle:
    """Where a lane is, by what it has been told and by what has come of it. On the lane's
    thread.
    """

    binding: TopicBinding
    brokers: BrokerStatus
    subscription: Subscription
    assignment: PartitionAssignment
    membership: GroupMembership
    committer: Committer
    backpressure: Backpressure
    output: RecordProducer
    lifecycle: Lifecycle
    auto_start: bool  # whether binding is followed by joining the group
    state: TaskState = TaskState.BINDING
    _rebalances: int = 0  # when the group was last asked for partitions

    def bind(self) -> None:
        """Try to find the topics, and prepare with the broker; once both are done, join the
        group.
        """
        if not self.binding.try_bind() or not self.committer.ready():
            self.lifecycle.wait(POLL_TIMEOUT_S)
            return
        self.output.set_partition_count(self.binding.partitions)
        if self.auto_start:
            self._start()
        else:
            self.state = TaskState.STOPPED

    def _start(self) -> None:
        self._rebalances = self.assignment.rebalances
        self.brokers.consumer.reading_state.begin()
        self.subscription.start(self.binding.partitions)
        self.state = TaskState.JOINING
        self.check_assigned()

    def check_assigned(self) -> None:
        """Run once partitions are assigned, or once the group has said that there are none."""
        if (
            self.assignment.rebalances > self._rebalances
            or self.brokers.consumer.reading_state.is_member
        ):
            self.state = (
                TaskState.PAUSED if "wish" in self.assignment.pause_reasons else TaskState.RUNNING
            )

    def apply(self, wish: TargetState) -> None:
        log.info("the input is to be %s", wish.value)
        running = self.state in (TaskState.RUNNING, TaskState.PAUSED)
        match wish:
            case TargetState.PAUSE:
                self.assignment.pause("wish")
                self.state = TaskState.PAUSED if running else self.state
            case TargetState.RESUME:
                self.assignment.resume("wish")
                self.state = TaskState.RUNNING if running else self.state
            case TargetState.STOP:
                self.auto_start = False
            case TargetState.START:
                self.auto_start = True
                self.assignment.resume("settling")  # a stop may have been under way
                if self.state is TaskState.STOPPED:
                    self._start()

    @property
    def stop_requested(self) -> bool:
        """The group is to be left: true until that is done, also when an error comes between that
        can be got over.
        """
        return not self.auto_start and self.state in _MEMBER

    def stop(self) -> None:
        self.commit_all()
        self.membership.unsubscribe()
        while self.assignment.assigned:  # the revoke comes inside poll()
            self.backpressure.poll_paused(COMMIT_POLL_S)
        self.committer.on_group_left()
        self.assignment.resume("settling")
        self.state = TaskState.STOPPED

    def read_on(self) -> None:
        """Go back from settling to reading: a record that was refused meanwhile has to be found."""
        self.committer.draining = False
        self.assignment.resume("settling")

    def commit_all(self) -> None:
        """Wait until all that was produced is delivered and committed; a stop's deadline is the
        watchdog's business.
        """
        self.assignment.pause("settling")
        self.committer.end_keep_alive()
        while self.committer.pending:
            self.output.raise_for_failed_delivery()
            # no earlier: until here a stop may come in the middle of a turn that reads
            self.committer.draining = self.lifecycle.stopping
            self.committer.commit()
            self.backpressure.poll_paused(COMMIT_POLL_S)
