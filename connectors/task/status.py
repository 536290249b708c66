"""The status of a task, collected from its parts."""

from dataclasses import dataclass, field
from time import monotonic

from connectors.cluster.broker_status import BrokerStatus
from connectors.commit.committer import Committer
from connectors.consume.assignment import PartitionAssignment
from connectors.consume.backpressure import POLL_TIMEOUT_S
from connectors.consume.record_consumer import RecordConsumer
from connectors.consume.stalled_input import StalledInput
from connectors.failures.retries import RetryPolicy
from connectors.monitoring.stalled_processing import StalledProcessing
from connectors.produce.record_producer import RecordProducer
from connectors.task.batch_times import ProcessingStats
from connectors.task.binding import TopicBinding
from connectors.task.lifecycle import TaskLifecycle
from runtime.control.status import Counters, TaskHandle, TaskState, TaskStatus


@dataclass(kw_only=True)
class StatusReporter:
    """Publishes the task's status on its handle. On the task's thread."""

    handle: TaskHandle
    task_lifecycle: TaskLifecycle
    brokers: BrokerStatus
    record_consumer: RecordConsumer
    stalled_input: StalledInput
    output: RecordProducer
    committer: Committer
    assignment: PartitionAssignment
    retry_policy: RetryPolicy
    binding: TopicBinding
    stats: ProcessingStats
    stalled_processing: StalledProcessing = field(default_factory=StalledProcessing)
    stalled_commit: StalledProcessing = field(init=False)
    _published_at: float = 0.0  # monotonic seconds

    def __post_init__(self) -> None:
        """Watch for commits that stall."""
        self.stalled_commit = StalledProcessing(self.committer.interval)

    def publish_if_due(self) -> None:
        """Publish ten times a second, however often this is called."""
        if monotonic() - self._published_at > POLL_TIMEOUT_S:
            self.publish()

    def publish(self) -> None:
        """Collect the status and publish it now."""
        self._published_at, state = monotonic(), self.task_lifecycle.state
        counters = Counters(
            received=self.record_consumer.received,
            sent=self.output.sent,
            dropped=self.output.dropped,
            failed=self.retry_policy.failures,
            commits=self.committer.commits,
            batches=self.stats.batches,
            processed=self.stats.processed,
            given_up=self.retry_policy.given_up,
            step_seconds=self.stats.step_seconds,
            write_seconds=self.stats.write_seconds,
        )
        # Without a broker no partition has a leader: one issue says enough.
        leaders = (
            ()
            if self.brokers.trouble
            else (
                self.brokers.consumer.leaders,
                self.output.monitor.leaders,
            )
        )
        places = (
            self.brokers,
            *leaders,
            self.stalled_input,
            self.stalled_processing,
            self.stalled_commit,
            self.binding,
        )
        self.stalled_input.assess()
        self._observe_outstanding(state, counters)
        self.handle.publish(
            TaskStatus(
                state,
                tuple(sorted(self.assignment.assigned)),
                tuple(place.trouble for place in places if place.trouble),
                counters,
                self.committer.last_commit,
                self.stats.longest_step.value,
                self.stats.longest_write.value,
                self.brokers.consumer.samples + self.output.monitor.samples,
            )
        )

    def _observe_outstanding(self, state: TaskState, counters: Counters) -> None:
        """Check that batches and commits get done. An outage is a known reason if they do not."""
        waits = not self.brokers.trouble and state in (
            TaskState.JOINING,
            TaskState.RUNNING,
            TaskState.PAUSED,
        )
        in_progress = waits and self.stats.in_progress
        why = "a record is tried again, or the output takes no more records" if in_progress else ""
        self.stalled_processing.observe(why, counters.batches)
        self.stalled_commit.observe(self._outstanding_commit(state, waits=waits), counters.commits)

    def _outstanding_commit(self, state: TaskState, *, waits: bool) -> str:
        if not self.committer.pending:
            return ""
        if state is TaskState.BINDING and self.binding.partitions and not self.brokers.trouble:
            return (
                "the broker does not give out the transactional.id; does it still end an "
                "earlier transaction?"
            )
        return "deliveries or a commit are not answered, or are refused" if waits else ""
