"""A stream task: one consumer, one producer, and the offsets that can be committed.

Bytewax, on one worker, calls next_batch, the steps and write_batch strictly in turn. Our steps pass
on every batch, also one whose records are all dropped. So at every entry to next_batch the former
batch has been produced. If it has not reached the sink, the task ends.

That entry is where commits, stops and commands are dealt with. Long waits (deliveries while a
broker is down, a full queue) take many turns, with the partitions paused and the consumer polled.
So the consumer stays in its group, and a stop takes effect.
"""

import logging
from time import monotonic

from connectors.consume.backpressure import POLL_TIMEOUT_S
from connectors.errors.exceptions import Interrupted, LostBatchError
from connectors.records.batch import RecordBatch
from connectors.records.messages import TopicPartitionKey
from connectors.task.batch_times import mean_bytes
from connectors.task.wiring import TaskParts
from runtime.control.status import TaskState
from runtime.exit_codes import Exit

log = logging.getLogger("processor.lifecycle")

ATTEND_INTERVAL_S = 0.1  # between two checks of stops, commands and clients


class StreamTask:
    """Moves records for its source and its sink. All methods run on Bytewax's worker thread."""

    def __init__(self, parts: TaskParts) -> None:
        """Take over the parts; no broker has been asked yet.

        Args:
            parts: As `wiring.build_parts` makes them.
        """
        self._handle = parts.handle
        self._lifecycle = parts.lifecycle
        self._brokers = parts.brokers
        self._output = parts.output
        self._committer = parts.committer
        self._assignment = parts.assignment
        self._membership = parts.membership
        self._record_consumer = parts.record_consumer
        self._stalled_input = parts.stalled_input
        self._backpressure = parts.backpressure
        self._retry_policy = parts.retry_policy
        self._async_calls = parts.async_calls
        self._make_batch = parts.make_batch
        self._batch_sizer = parts.batch_sizer
        self._writer = parts.writer
        self._search = parts.writer.rejected_search
        self._stop_search = parts.stop_search
        self._stats = parts.stats
        self._task_lifecycle = parts.task_lifecycle
        self._status_reporter = parts.status_reporter
        self._recovery = parts.recovery
        self._unwritten: RecordBatch | None = None  # returned by next_batch, and not produced yet
        # The next offsets of that batch.
        self._in_flight: dict[TopicPartitionKey, int] = {}
        self._attend_at = 0.0  # monotonic seconds
        self._redelivered_before_stop = 0  # committer.redelivered at the last turn
        self._closed = False
        self._status_reporter.publish()

    # ---- what Bytewax calls

    def next_batch(self) -> RecordBatch | None:
        """Return the next batch, or None. Blocks for POLL_TIMEOUT_S, or for some requests.

        Raises:
            StopIteration: The task has shut down or failed.
        """
        if self._unwritten and self._task_lifecycle.state is not TaskState.FAILED:
            self._goes_on_after(LostBatchError("the records read last have not come to the output"))
        if self._task_lifecycle.state is TaskState.FAILED:
            raise StopIteration
        if self._in_flight:
            self._committer.mark_committable(
                self._committer.tracker.only_current(self._in_flight, self._record_consumer.epoch)
            )
            self._in_flight = {}
        try:
            self._output.raise_for_failed_delivery()
            if monotonic() >= self._attend_at:
                self._attend()
            self._redelivered_before_stop = self._committer.redelivered
            self._unwritten = self._run_once()
        except StopIteration:
            raise
        except BaseException as error:  # noqa: BLE001 - Bytewax would print pages of traceback
            if not self._goes_on_after(error):
                raise StopIteration from None
        return self._unwritten

    def write_batch(self, batch: RecordBatch) -> None:
        """Produce the records in order. Their offsets can be committed from the next turn on.

        Args:
            batch: The latest result of next_batch(), after all steps.
        """
        if batch is not self._unwritten:
            if self._task_lifecycle.state is not TaskState.FAILED:
                self._goes_on_after(
                    LostBatchError("the output was given what is not the batch read last")
                )
            return
        self._unwritten = None
        began = monotonic()
        steps = began - batch.handed_out_at - batch.backoff_s
        taken = max(1, batch.taken)
        # A small batch overlaps fewer calls. With more records each would take less time.
        share, messages = min(1.0, taken / batch.overlapping), batch.messages
        self._batch_sizer.observe(steps * share, taken, len(messages), mean_bytes(messages))
        try:
            if batch.deferred:
                self._assignment.seek_back(batch.deferred, self._record_consumer.epoch)
            try:
                self._writer.write(batch)
                self._stats.finish_batch(
                    batch, steps, monotonic() - began, self._retry_policy.given_up
                )
            except Interrupted:
                self._committer.discard_batch()
                self._assignment.seek_back(batch.messages, self._record_consumer.epoch)
                self._in_flight = {}
                self._attend_at = 0.0  # a stop may be the reason
        except BaseException as error:  # noqa: BLE001 - Bytewax would print pages of traceback
            self._goes_on_after(error)

    def close(self) -> None:
        """Leave the group unless a shutdown has done so. Commits nothing.

        Never raises, as Bytewax would abort the process.
        """
        if self._closed:
            return
        self._closed = True
        # A step of the user has raised. Bytewax reports the error.
        if self._task_lifecycle.state not in (TaskState.DRAINING, TaskState.FAILED):
            self._recovery.fail()
        try:
            answers = (
                self._task_lifecycle.state is not TaskState.FAILED and not self._brokers.trouble
            )
            self._membership.close(awaits_join=answers)
        except Exception as error:  # noqa: BLE001 - see above
            log.warning("cannot close the consumer: %s", error)
        self._async_calls.close()

    # ---- a turn

    def _attend(self) -> None:
        """Check the clients, obey stops and commands, and publish the status: ten times a second.

        Raises:
            ConnectorError: A client cannot go on.
            StopIteration: The task has shut down.
        """
        self._attend_at = monotonic() + ATTEND_INTERVAL_S
        self._brokers.check()
        self._assignment.late_starts.commit_beginnings()
        if self._lifecycle.stopping and not self._stop_search.goes_on:
            if self._stop_search.succeeded:  # all records have been read again
                self._redelivered_before_stop = self._committer.redelivered
            self._shut_down()
            raise StopIteration
        self._stalled_input.raise_for_stall()
        while command := self._handle.next_command():
            self._task_lifecycle.apply(command)
            self._status_reporter.publish()
        if self._task_lifecycle.state is TaskState.JOINING:
            self._task_lifecycle.check_assigned()
        if self._task_lifecycle.stop_requested:
            self._task_lifecycle.stop()
        self._status_reporter.publish()
        self._stats.in_progress = False

    def _run_once(self) -> RecordBatch | None:
        """Bind; otherwise commit if a commit is due, then read.

        Nothing is read while a commit has to be continued.
        """
        if self._task_lifecycle.state is TaskState.BINDING:
            self._task_lifecycle.bind()
            return None
        is_due = (
            "commit" in self._assignment.pause_reasons
            or self._committer.due
            or (self._search.active and self._writer.wants_commit)
        )
        if is_due and not self._commit():
            self._backpressure.poll_paused(POLL_TIMEOUT_S)
            return None
        size = self._batch_sizer.size
        if self._search.active or self._retry_policy.reads_again:  # one record at a time
            size = self._writer.max_records(size, self._assignment.assigned)
        messages = self._record_consumer.poll(size, POLL_TIMEOUT_S)
        self._in_flight = self._record_consumer.next_offsets(messages)
        if not messages:
            if self._committer.pending:
                self._commit()  # no records to read: do not wait for the interval
            return None
        if self._search.active:
            self._stop_search.note_records()
        batch = self._make_batch(messages, self._in_flight)
        self._committer.track(batch)
        self._stats.start_batch(self._retry_policy.given_up)
        return batch

    def _commit(self) -> bool:
        """Commit the processed offsets. Pause the input while the commit has to be continued."""
        if not self._committer.commit():
            self._assignment.pause("commit")
            return False
        if "commit" in self._assignment.pause_reasons:
            self._assignment.resume("commit")
        return True

    def _goes_on_after(self, error: BaseException) -> bool:
        """Whether the task goes on. The batch in flight is then read again."""
        if not self._recovery.recovers_from(error, self._in_flight):
            return False
        self._in_flight = {}
        self._attend_at = 0.0  # the error may have come in the middle of a stop
        return True

    # ---- the end

    def _shut_down(self) -> None:
        # While binding, nothing is processed yet, and perhaps no broker answers.
        taken = self._task_lifecycle.state is not TaskState.BINDING
        self._task_lifecycle.state = TaskState.DRAINING
        self._status_reporter.publish()
        if taken:
            self._task_lifecycle.commit_all()
        self.close()
        self._task_lifecycle.state = TaskState.ENDED
        self._status_reporter.publish()
        if self._committer.redelivered == self._redelivered_before_stop:
            log.info("stopped: all records read are delivered and committed")
        else:
            log.error(
                "stopped before all records read were committed; the next start reads the others "
                "again"
            )
            self._lifecycle.fail(Exit.UNFINISHED)
