"""What a lane tells of itself: the one status that all its parts come to."""

from dataclasses import dataclass, field

from connectors.cluster.broker_status import BrokerStatus
from connectors.commit.committer import Committer
from connectors.consume.assignment import PartitionAssignment
from connectors.consume.record_consumer import RecordConsumer
from connectors.failures.retries import RetryPolicy
from connectors.monitoring.stalled_processing import StalledProcessing
from connectors.produce.record_producer import RecordProducer
from connectors.task.binding import TopicBinding
from connectors.task.processing_stats import ProcessingStats
from runtime.control.status import Counters, TaskHandle, TaskState, TaskStatus


@dataclass(frozen=True, kw_only=True)
class StatusReporter:
    """Reads the parts of a lane, on the lane's thread, and posts its status on the board."""

    handle: TaskHandle
    brokers: BrokerStatus
    source: RecordConsumer
    output: RecordProducer
    committer: Committer
    assignment: PartitionAssignment
    retry_policy: RetryPolicy
    binding: TopicBinding
    stats: ProcessingStats
    stalled_processing: StalledProcessing = field(default_factory=StalledProcessing)

    def publish(self, state: TaskState) -> None:
        counters = Counters(
            received=self.source.received,
            sent=self.output.sent,
            dropped=self.output.dropped,
            failed=self.retry_policy.failures,
            commits=self.committer.commits,
            rebalances=self.assignment.rebalances,
            batches=self.stats.batches,
            processed=self.stats.processed,
            given_up=self.retry_policy.given_up,
            step_seconds=self.stats.step_seconds,
            write_seconds=self.stats.write_seconds,
        )
        # where no broker is there, no partition has a leader: that need not be said of each
        leaders = () if self.brokers.trouble else (self.brokers.leaders, self.output.leaders)
        places = self.brokers, *leaders, self.source, self.stalled_processing, self.binding
        self.source.assess()
        self.stalled_processing.observe(
            self._outstanding(state), (counters.batches, counters.commits)
        )
        self.handle.publish(
            TaskStatus(
                state,
                tuple(sorted(self.assignment.assigned)),
                tuple(place.trouble for place in places if place.trouble),
                counters,
                self.committer.last_commit,
                self.stats.longest_step.value,
                self.stats.longest_write.value,
                self.brokers.samples + self.output.samples,
            )
        )

    def _outstanding(self, state: TaskState) -> str:
        """What work that is not done waits for, or ""; where no broker is there, that is known
        already.
        """
        if self.brokers.trouble or state not in (
            TaskState.JOINING,
            TaskState.RUNNING,
            TaskState.PAUSED,
        ):
            return ""
        if self.stats.in_progress:
            return "a record is tried again, or the output takes no more records"
        return "deliveries or a commit are not answered" if self.committer.pending else ""
