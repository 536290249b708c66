"""Decides after an error: go on with another client, go on from the last commit, or end."""

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
from connectors.records.messages import TopicPartitionKey
from connectors.task.lifecycle import TaskLifecycle
from connectors.task.status import StatusReporter
from connectors.task.stop_search import StopSearch
from runtime.control.status import TaskState
from runtime.exit_codes import Exit
from runtime.lifecycle import Lifecycle

log = logging.getLogger("processor.lifecycle")


@dataclass(frozen=True, kw_only=True)
class TaskRecovery:
    """Classifies the errors of a turn. On the task's thread."""

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
        """Recover from an error, or end the task. Return whether the task goes on.

        The first error that ends the task is logged. Nothing more is committed then.

        Args:
            error: The error of a turn.
            in_flight: The next offsets of the batch in flight. It is read again.
        """
        known = _as_connector_error(error)
        try:
            if self.task_lifecycle.state is not TaskState.FAILED and (
                self._recovers(known) or self.writer.search_for_rejected(known, dict(in_flight))
            ):
                if self.stop_search.starts():
                    self.task_lifecycle.read_on()
                return True
        except BaseException as later:  # noqa: BLE001 - Bytewax would print pages of traceback
            known = _as_connector_error(later)
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
        # The consumer has to be polled, so that it stays in its group.
        self.backpressure.poll_paused(POLL_TIMEOUT_S)
        return True

    def fail(self, code: Exit = Exit.FAILED) -> None:
        """End the task because of an error that has been logged. Never raises.

        Args:
            code: The exit code of the process.
        """
        self.task_lifecycle.state = TaskState.FAILED
        self.status_reporter.publish()
        # Before the client calls: from here on the watchdog ends the process if one of them hangs.
        self.lifecycle.fail(code)
        self.committer.close_dirty()


def _as_connector_error(error: BaseException) -> ConnectorError:
    if isinstance(error, ConnectorError):
        return error
    # A call whose errors are not classified: the process ends with a log line.
    if isinstance(error, KafkaException):
        return ClientError(error.args[0])
    described = unforeseen_error(error)
    log.debug("%s: %s", described, exception_text.stack_trace(error, with_texts=False))
    return described
