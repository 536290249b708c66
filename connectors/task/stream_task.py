"""A lane: one consumer, one producer, and the positions that are safe to commit.

Bytewax, on one worker, strictly alternates next_batch, the steps, write_batch. Our steps pass on
every batch, also one whose records are all dropped. So at every entry to next_batch the batch
handed out last has been produced; where it has not come to the sink, the lane ends. That is where
commits, stops and wishes are dealt with. What takes long (deliveries while a broker is away, a full
queue) is waited for turn by turn with the partitions held and the consumer polled, so that the
membership stays and a stop takes effect.
"""

import logging
from time import monotonic

from confluent_kafka import KafkaError, KafkaException, TopicPartition

import config.librdkafka.client_config
from config import Settings
from connectors.cluster import clients
from connectors.cluster.broker_status import BrokerStatus
from connectors.cluster.replaceable_consumer import ReplaceableConsumer
from connectors.cluster.tls_stores import TlsStores
from connectors.commit.batch_writer import BatchWriter
from connectors.consume.assignment import PartitionAssignment, is_incremental
from connectors.consume.backpressure import POLL_TIMEOUT_S, Backpressure
from connectors.consume.record_consumer import RecordConsumer
from connectors.consume.start_offsets import client_properties, start_offsets
from connectors.consume.static_member import static_member
from connectors.consume.subscription import Subscription
from connectors.errors.client_exceptions import ClientError, ConsumerError, ProducerError
from connectors.errors.exceptions import ConnectorError, Interrupted, LostBatchError
from connectors.failures.dead_letters import DeadLetterQueue
from connectors.failures.retries import RetryPolicy
from connectors.functions import exception_text
from connectors.functions.batch_size import BatchSizer
from connectors.functions.errors import unforeseen_error
from connectors.functions.time_limit import StepTimer
from connectors.named_functions.async_calls import AsyncCalls
from connectors.named_functions.overlapping import Overlapping
from connectors.produce.record_producer import RecordProducer
from connectors.records.batch import RecordBatch
from connectors.records.keys import TopicPartitionKey
from connectors.task.binding import TopicBinding
from connectors.task.lifecycle import TaskLifecycle
from connectors.task.processing_stats import ProcessingStats
from connectors.task.status import StatusReporter
from connectors.task.stop_search import StopSearch
from connectors.task.wiring import build_committer
from runtime.control.status import TaskHandle, TaskState
from runtime.exit_codes import Exit
from runtime.lifecycle import Lifecycle
from text import charset_of

log = logging.getLogger("processor.lifecycle")


class StreamTask:
    """Moves records for the source and the sink that share it. Every method runs on Bytewax's
    worker thread.
    """

    def __init__(self, settings: Settings, handle: TaskHandle, lifecycle: Lifecycle) -> None:
        """Make the clients; nothing has been asked of a broker yet. Raises ConnectorError when the
        settings cannot work.
        """
        self._handle = handle
        self._lifecycle = lifecycle
        self._charset = charset_of(settings.input_content_type)
        properties = config.librdkafka.client_config.consumer_config(
            settings
        ) | config.librdkafka.client_config.member_config(settings)
        stores = TlsStores(settings)
        self._brokers = brokers = BrokerStatus(settings.brokers, properties, stores)
        self._batch_sizer = BatchSizer(settings.batch_size)
        self._step_timer = StepTimer()
        self._step_timer.start()
        self._output = RecordProducer(settings, brokers)
        self._consumer = ReplaceableConsumer(
            lambda: clients.make_consumer(
                client_properties(properties) | stores.consumer,
                brokers,
                self._on_commit,
                self._on_topic_id,
            ),
            brokers,
        )
        self._committer = build_committer(
            settings, self._consumer, self._output, brokers, lifecycle
        )
        brokers.committed = self._committer.last_committed
        self._assignment = PartitionAssignment(
            self._consumer,
            self._committer,
            start_offsets(
                settings,
                properties,
                self._committer.tracker,
                lambda topic: clients.fetch_topic_id(settings, brokers, topic),
            ),
            incremental=is_incremental(properties),
            static=static_member(settings),
        )
        joining = Subscription(settings, self._assignment)
        self._input = RecordConsumer(
            self._consumer,
            self._assignment,
            brokers,
            one_topic=joining.one_topic,
            patience=settings.client_call_timeout,
        )
        self._backpressure = Backpressure(
            self._input, self._assignment, lifecycle, self._publish_if_due
        )
        dead_letters = DeadLetterQueue(settings)
        self._retry_policy = RetryPolicy(settings, dead_letters, self._backpressure.sleep)
        self._async_calls = AsyncCalls(settings.async_limit, self._backpressure.until_stop)
        self._overlapping = Overlapping(self._async_calls, self._retry_policy.recover_all)
        self._writer = BatchWriter(
            self._output,
            self._committer,
            self._retry_policy,
            self._backpressure.wait_until,
            self._is_current,
        )
        self._stop_search = StopSearch(self._writer, lifecycle)
        binding = TopicBinding(settings, self._consumer, brokers, dead_letters)
        self._stats = ProcessingStats()
        self._status_reporter = StatusReporter(
            handle=handle,
            brokers=brokers,
            source=self._input,
            output=self._output,
            committer=self._committer,
            assignment=self._assignment,
            retry_policy=self._retry_policy,
            binding=binding,
            stats=self._stats,
        )
        self._task_lifecycle = TaskLifecycle(
            binding=binding,
            brokers=brokers,
            subscription=joining,
            assignment=self._assignment,
            committer=self._committer,
            backpressure=self._backpressure,
            output=self._output,
            lifecycle=lifecycle,
            auto_start=settings.input_auto_startup,
        )
        self._unwritten: RecordBatch | None = None  # handed out, and not at the sink yet
        self._in_flight: dict[TopicPartitionKey, int] = {}  # positions of the batch handed out last
        self._redelivered_before_stop = 0  # of the guarantee, at the latest turn before a stop
        self._closed = False
        self._publish()

    # ---- what Bytewax calls

    def next_batch(self) -> RecordBatch | None:
        """The records of this turn, or None. Raises StopIteration when drained or failed."""
        if self._unwritten and self._task_lifecycle.state is not TaskState.FAILED:
            self._recovered_from(
                LostBatchError("the records read last have not come to the output")
            )
        if self._task_lifecycle.state is TaskState.FAILED:
            raise StopIteration
        self._committer.mark_processed(
            self._committer.tracker.only_current(self._in_flight, self._input.epoch)
        )
        self._in_flight = {}
        self._stats.in_progress = False
        try:
            self._output.raise_for_failed_delivery()
            self._brokers.check()
            if self._lifecycle.stopping and not self._stop_search.goes_on:
                if self._stop_search.succeeded:
                    # All of them have been read again.
                    self._redelivered_before_stop = self._committer.redelivered
                self._shut_down()
                raise StopIteration  # noqa: TRY301 - Bytewax's sign for the end
            self._input.raise_for_stall()
            while wish := self._handle.next_command():
                self._task_lifecycle.apply(wish)
                self._publish()
            self._redelivered_before_stop = self._committer.redelivered
            batch = self._run_once()
        except (ConnectorError, KafkaException) as error:
            if not self._recovered_from(error):
                raise StopIteration from None
            batch = None
        except StopIteration:
            raise
        except BaseException as error:  # noqa: BLE001 - raised through Bytewax, it would be a page
            self._end_unforeseen(error)
            raise StopIteration from None
        self._publish_if_due()
        self._unwritten = batch
        return batch

    def write_batch(self, batch: RecordBatch) -> None:
        """Produce every record of the batch, in order; its positions are safe at the next turn."""
        if batch is not self._unwritten:
            if self._task_lifecycle.state is not TaskState.FAILED:
                self._recovered_from(
                    LostBatchError("the output was given what is not the batch read last")
                )
            return
        self._unwritten = None
        began = monotonic()
        steps = began - batch.handed_out_at - batch.backoff_s
        taken = max(1, batch.taken)
        # With more records, more calls would have overlapped.
        share = min(1.0, taken / batch.overlapping)
        self._batch_sizer.observe(steps * share, taken, len(batch.messages))
        self._assignment.seek_back(batch.deferred, self._input.epoch)
        try:
            self._writer.write(batch)
            self._stats.finish_batch(batch, steps, monotonic() - began, self._retry_policy.given_up)
        except (ConnectorError, KafkaException) as error:
            self._recovered_from(error)
        except Interrupted:
            self._committer.discard_batch()
            self._assignment.seek_back(batch.messages, self._input.epoch)
            self._in_flight = {}
        except BaseException as error:  # noqa: BLE001 - raised through Bytewax, it would be a page
            self._end_unforeseen(error)

    def _recovered_from(self, error: ConnectorError | KafkaException) -> bool:
        """Whether the error can be got over. If not, it is told (the first one wins), and from here
        on nothing is committed.
        """
        # Of a call whose errors nobody sorts: it ends the process with a line.
        if isinstance(error, KafkaException):
            error = ClientError(error.args[0])
        try:
            if self._task_lifecycle.state is not TaskState.FAILED and (
                self._recover(error) or self._writer.search_for_rejected(error, self._in_flight)
            ):
                self._in_flight = {}
                if self._stop_search.starts():
                    self._task_lifecycle.read_on()
                return True
        except ConnectorError as known_better:
            error = known_better
        log.error("%s", error)
        self._fail(error.exit_code)
        return False

    def _recover(self, error: ConnectorError) -> bool:
        if isinstance(error, ConsumerError):
            with self._lifecycle.watch_call("close"):
                self._assignment.close_and_replace(str(error))
            return True
        if not isinstance(error, ProducerError) or not self._committer.recover(error):
            return False
        self._assignment.pause("commit")
        # Whatever else happens, the membership stays.
        self._backpressure.poll_paused(POLL_TIMEOUT_S)
        return True

    def close(self) -> None:
        """Leave the group if the drain has not done so. Never raises (Bytewax would abort the
        process) and commits nothing.
        """
        if self._closed:
            return
        self._closed = True
        # A step of the user's own raised: Bytewax tells.
        if self._task_lifecycle.state not in (
            TaskState.DRAINING,
            TaskState.FAILED,
        ):
            self._fail()
        try:
            answers = (
                self._task_lifecycle.state is not TaskState.FAILED and not self._brokers.trouble
            )
            self._assignment.close(awaits_join=answers)
        except Exception as error:  # noqa: BLE001 - see above
            log.warning("closing the consumer: %s", error)
        self._async_calls.close()

    # ---- a turn

    def _run_once(self) -> RecordBatch | None:
        if self._task_lifecycle.state is TaskState.BINDING:
            self._task_lifecycle.bind()
            return None
        if self._task_lifecycle.state is TaskState.JOINING:
            self._task_lifecycle.check_assigned()
        if self._task_lifecycle.stop_requested:
            self._task_lifecycle.stop()
            self._publish()
        due = (
            self._committer.due
            or self._writer.wants_commit
            or self._assignment.is_paused_for("commit")
        )
        if due and not self._commit():
            self._backpressure.poll_paused(POLL_TIMEOUT_S)
            return None
        return self._poll()

    def _poll(self) -> RecordBatch | None:
        messages = self._input.poll(
            self._writer.max_records(self._batch_sizer.size, self._assignment.assigned),
            POLL_TIMEOUT_S,
        )
        self._in_flight = self._input.next_offsets(messages)
        if not messages:
            if self._committer.pending:
                self._commit()  # idle: no reason to wait for the timer
            return None
        self._stop_search.note_records()
        batch = RecordBatch(
            messages,
            self._in_flight,
            self._retry_policy.recover,
            self._step_timer,
            self._charset,
            overlapping=self._overlapping,
        )
        self._committer.track(batch)
        self._stats.start_batch(self._retry_policy.given_up)
        return batch

    def _is_current(self, key: TopicPartitionKey) -> bool:
        """Whether the records of a partition that were read last are of its present assignment and
        topic.
        """
        return self._committer.tracker.is_current(key, self._input.epoch)

    # ---- commits

    def _on_topic_id(self, topic: str, topic_id: str) -> None:
        if self._assignment.on_topic_id(topic, topic_id):
            self._writer.forget_topic(topic)

    def _on_commit(self, error: KafkaError | None, partitions: list[TopicPartition]) -> None:
        self._committer.on_commit(error, partitions)

    def _commit(self) -> bool:
        """Commit what is safe. If that has to be waited for, hold the input meanwhile."""
        if not self._committer.commit():
            self._assignment.pause("commit")
            return False
        self._assignment.resume("commit")
        return True

    # ---- life

    def _shut_down(self) -> None:
        # Else there is nothing to settle, and perhaps no broker.
        taken = self._task_lifecycle.state is not TaskState.BINDING
        self._task_lifecycle.state = TaskState.DRAINING
        self._publish()
        if taken:
            self._task_lifecycle.commit_all()
        self.close()
        self._task_lifecycle.state = TaskState.ENDED
        self._publish()
        if self._committer.redelivered == self._redelivered_before_stop:
            log.info("stopped: all that was taken is delivered and committed")
        else:
            log.error(
                "stopped before all that was taken could be committed; what is not will be repeated"
            )
            self._lifecycle.fail(Exit.UNFINISHED)

    def _end_unforeseen(self, error: BaseException) -> None:
        described = unforeseen_error(error)
        log.debug("%s: %s", described, exception_text.stack_trace(error, with_texts=False))
        self._recovered_from(described)

    def _fail(self, code: Exit = Exit.FAILED) -> None:
        self._task_lifecycle.state = TaskState.FAILED
        self._publish()
        # first: from here on the watchdog sees to it that a client without a broker does not keep
        # us.
        self._lifecycle.fail(code)
        self._committer.close_dirty()

    def _publish_if_due(self) -> None:
        if monotonic() - self._published_at > POLL_TIMEOUT_S:
            self._publish()

    def _publish(self) -> None:
        self._published_at = monotonic()
        self._status_reporter.publish(self._task_lifecycle.state)
