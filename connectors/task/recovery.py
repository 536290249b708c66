"""What an error means for the task: it goes on, with another client or from the last commit, or it
ends.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from confluent_kafka import KafkaException

from connectors.commit.batch_writer import BatchWriter
from connectors.commit.committer import Committer
from connectors.consume.assignment import PartitionAssignment
from connectors.consume.backpressure import POLL_TIMEOUT_S, Backpressure
from connectors.consume.group_membership import GroupMembership
from connectors.errors.client_exceptions import ClientError, ConsumerError, ProducerError
from connectors.errors.exceptions import ConnectorError
from connectors.functions import exception_text
from connectors.functions.errors import unforeseen_error
from connectors.records.keys import TopicPartitionKey
from connectors.task.lifecycle import TaskLifecycle
from connectors.task.status import StatusReporter
from connectors.task.stop_search import StopSearch
from runtime.control.status import TaskState
from runtime.exit_codes import Exit
from runtime.lifecycle import Lifecycle

log = logging.getLogger("processor.lifecycle")


@dataclass(frozen=True, kw_only=True)
class TaskRecovery:
    """Sorts the errors of a turn. On the task's thread."""

    task_lifecycle: TaskLifecycle
    lifecycle: Lifecycle
    committer: Committer
    assignment: PartitionAssignment
    membership: GroupMembership
    backpressure: Backpressure
    writer: BatchWriter
    stop_search: StopSearch
    status_reporter: StatusReporter

    def recovers_from(
        self, error: BaseException, in_flight: Mapping[TopicPartitionKey, int]
    ) -> bool:
        """Whether the task goes on. If not, the error has been logged (the first one wins), the
        state is FAILED, and nothing more is committed.

        Args:
            error: What a turn has raised.
            in_flight: The next offsets of the batch handed out last. It is read again.

        """
        known = _as_connector_error(error)
        try:
            if self.task_lifecycle.state is not TaskState.FAILED and (
                self._recovers(known) or self.writer.search_for_rejected(known, dict(in_flight))
            ):
                if self.stop_search.starts():
                    self.task_lifecycle.read_on()
                return True
        except ConnectorError as known_better:
            known = known_better
        log.error("%s", known)
        self.fail(known.exit_code)
        return False

    def _recovers(self, error: ConnectorError) -> bool:
        if isinstance(error, ConsumerError):
            with self.lifecycle.watch_call("close"):
                self.membership.close_and_replace(str(error))
            return True
        if not isinstance(error, ProducerError) or not self.committer.recover(error):
            return False
        self.assignment.pause("commit")
        # Whatever else happens, the membership stays.
        self.backpressure.poll_paused(POLL_TIMEOUT_S)
        return True

    def fail(self, code: Exit = Exit.FAILED) -> None:
        """End the task because of an error that has been logged."""
        self.task_lifecycle.state = TaskState.FAILED
        self.status_reporter.publish()
        # first: from here on the watchdog sees to it that a client without a broker does not keep
        # us.
        self.lifecycle.fail(code)
        self.committer.close_dirty()


def _as_connector_error(error: BaseException) -> ConnectorError:
    if isinstance(error, ConnectorError):
        return error
    # Of a call whose errors nobody sorts: it ends the process with a line.
    if isinstance(error, KafkaException):
        return ClientError(error.args[0])
    described = unforeseen_error(error)
    log.debug("%s: %s", described, exception_text.stack_trace(error, with_texts=False))
    return described
