"""The states of a task, and the changes between them.

Changes are binding, target states of the actuator, and the last commit before a stop.
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
COMMIT_POLL_S = 0.02  # between two checks whether a commit is answered, at a stop


@dataclass(kw_only=True)
class TaskLifecycle:
    """The state of the task, and the target state that was asked for. On the task's thread."""

    binding: TopicBinding
    brokers: BrokerStatus
    subscription: Subscription
    assignment: PartitionAssignment
    membership: GroupMembership
    committer: Committer
    backpressure: Backpressure
    output: RecordProducer
    lifecycle: Lifecycle
    auto_start: bool  # whether to join the group after binding
    state: TaskState = TaskState.BINDING
    _changes: int = 0  # of the assignment, when the group was joined

    def bind(self) -> None:
        """Bind the topics and prepare the committer. Then join the group."""
        if not self.binding.try_bind() or not self.committer.ready():
            self.lifecycle.wait(POLL_TIMEOUT_S)
            return
        self.output.set_partition_count(self.binding.partitions)
        if self.auto_start:
            self._start()
        else:
            self.state = TaskState.STOPPED

    def _start(self) -> None:
        self._changes = self.assignment.changes
        self.brokers.consumer.reading_state.begin()
        self.subscription.start(self.binding.partitions)
        self.state = TaskState.JOINING
        self.check_assigned()

    def check_assigned(self) -> None:
        """Change to RUNNING if partitions are assigned, or the group has none for this member."""
        if self.assignment.changes > self._changes or self.brokers.consumer.reading_state.is_member:
            self.state = (
                TaskState.PAUSED
                if "target state" in self.assignment.pause_reasons
                else TaskState.RUNNING
            )

    def apply(self, target: TargetState) -> None:
        """Begin to change to the target state.

        Args:
            target: As asked for by the actuator.
        """
        log.info("changing the input to %s", target.value)
        running = self.state in (TaskState.RUNNING, TaskState.PAUSED)
        match target:
            case TargetState.PAUSE:
                self.assignment.pause("target state")
                self.state = TaskState.PAUSED if running else self.state
            case TargetState.RESUME:
                self.assignment.resume("target state")
                self.state = TaskState.RUNNING if running else self.state
            case TargetState.STOP:
                self.auto_start = False
            case TargetState.START:
                self.auto_start = True
                self.assignment.resume("settling")  # an earlier stop may not be finished
                if self.state is TaskState.STOPPED:
                    self._start()
                elif self.assignment.is_fixed:
                    self.committer.keep_alive({})  # a stop that was not finished has ended it

    @property
    def stop_requested(self) -> bool:
        """Whether to leave the group. True until that is done, also after a recovery."""
        return not self.auto_start and self.state in _MEMBER

    def stop(self) -> None:
        """Commit, leave the group, and wait until the partitions are revoked."""
        self.commit_all()
        self.membership.unsubscribe()
        while self.assignment.assigned:  # they are revoked inside poll()
            self.backpressure.poll_paused(COMMIT_POLL_S)
        self.committer.on_group_left()
        self.assignment.resume("settling")
        self.state = TaskState.STOPPED

    def read_on(self) -> None:
        """Read again during a stop, to find a record that the broker has rejected."""
        self.committer.draining = False
        self.assignment.resume("settling")

    def commit_all(self) -> None:
        """Wait until all that was produced is delivered and committed, with the input paused.

        A stop of the process has the watchdog's deadline. A stop of the binding has none: without a
        broker it waits, and later commands wait for it.

        Raises:
            ConnectorError: A delivery or the commit has failed.
        """
        self.assignment.pause("settling")
        self.committer.end_keep_alive()
        while self.committer.pending:
            self.output.raise_for_failed_delivery()
            # Not earlier: a stop may be requested during a turn that reads records.
            self.committer.draining = self.lifecycle.stopping
            self.committer.commit()
            self.backpressure.poll_paused(COMMIT_POLL_S)
        self.assignment.late_starts.commit_unassigned()
