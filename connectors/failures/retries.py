"""Retries failed records, then makes dead letters, as Spring's Kafka binder does.

One thing differs from Spring. Without a dead letter topic, a record is skipped only if the user has
asked for it (enable-dlq=false).
"""

import logging
from collections.abc import Callable
from time import monotonic
from typing import Any

from confluent_kafka import Message

from config import Settings
from config.exception_names import bases_of, names_class
from connectors.errors.exceptions import InvalidValueError, ResultError, UnreadableRecordError
from connectors.failures.dead_letters import DeadLetterQueue
from connectors.functions import exception_text
from connectors.functions.errors import function_error
from connectors.records.columns import RecordColumns
from text import UndecodableText

log = logging.getLogger("processor.records")

MAX_LOGGED_RECORDS = 10_000  # most searches read fewer records again

# A retry of these errors would fail in the same way.
_FINAL = (UndecodableText, UnreadableRecordError, InvalidValueError, ResultError)


class RetryPolicy:
    """The policy for all steps of a task. All methods run on the task's thread."""

    def __init__(
        self, settings: Settings, dead_letters: DeadLetterQueue, wait: Callable[[float], None]
    ) -> None:
        """Take over the settings of retries.

        Args:
            settings: The settings.
            dead_letters: Makes the dead letters after the last attempt.
            wait: Waits for the given seconds and keeps the group membership. Raises Interrupted.
        """
        self._settings = settings
        self._dead_letters = dead_letters
        self._wait = wait
        self.reads_again = False  # whether a search for a rejected record is in progress
        # The latest records whose error was logged.
        self._logged = dict[tuple[str | None, int | None, int | None], None]()
        self.failures = 0  # failed attempts
        self.given_up = 0  # dead letters and skipped records

    def recover(
        self,
        batch: RecordColumns,
        step: str,
        message: Message,
        error: BaseException,
        again: Callable[[], Any],
    ) -> Any:
        """Retry a failed record, and make it a dead letter after the last attempt. Blocks.

        Args:
            batch: The batch of the record. It gets the dead letter.
            step: The step's name.
            message: The record.
            error: The function's exception.
            again: Calls the function once more.

        Returns:
            The result of a later attempt. None for a record that is a dead letter or skipped.

        Raises:
            FunctionError: The record can neither be a dead letter nor be skipped.
            Interrupted: A stop or a rebalance ended a wait.
        """
        result: Any = None

        def attempt(_: list[int]) -> dict[int, BaseException]:
            nonlocal result
            try:
                result = again()
            except BaseException as later:  # noqa: BLE001 - a function may raise anything
                return {0: later}
            return {}

        for failed in self._attempts(batch, {0: error}, attempt).values():
            self.give_up(batch, step, message, failed)
        return result

    def recover_all(
        self,
        batch: RecordColumns,
        step: str,
        failed: dict[int, BaseException],
        again: Callable[[list[int]], dict[int, BaseException]],
    ) -> None:
        """Do as `recover`, for calls that overlap. They wait together and are retried together.

        Args:
            batch: The records.
            step: The step's name.
            failed: The error of each failed value, by its index.
            again: Tries values again. Returns the errors of those that fail.

        Raises:
            FunctionError: A record can neither be a dead letter nor be skipped.
            Interrupted: A stop or a rebalance ended a wait.
        """
        for index, error in sorted(self._attempts(batch, failed, again).items()):
            self.give_up(batch, step, batch.messages[index], error)

    def _attempts(
        self,
        batch: RecordColumns,
        failed: dict[int, BaseException],
        again: Callable[[list[int]], dict[int, BaseException]],
    ) -> dict[int, BaseException]:
        """Retry failed records with back-off. Return the last errors of those that still fail."""
        final = dict[int, BaseException]()
        delay = min(self._settings.back_off_initial_interval, self._settings.back_off_max_interval)
        for _ in range(self._settings.max_attempts - 1):
            self.failures += len(failed)
            final |= {index: error for index, error in failed.items() if not self._retryable(error)}
            failed = {index: error for index, error in failed.items() if index not in final}
            if not failed:
                return final
            before = monotonic()
            self._wait(delay)
            batch.backoff_s += monotonic() - before
            delay = min(
                delay * self._settings.back_off_multiplier, self._settings.back_off_max_interval
            )
            failed = again(sorted(failed))
        self.failures += len(failed)
        return final | failed

    def give_up(
        self, batch: RecordColumns, step: str, message: Message, error: BaseException
    ) -> None:
        """Make a dead letter of the record, or skip it. A record gets one dead letter at most.

        Args:
            batch: The batch of the record. It gets the dead letter.
            step: The step's name, or "output".
            message: The record.
            error: Why it has failed.

        Raises:
            FunctionError: The record can neither be a dead letter nor be skipped.
        """
        if id(message) in batch.given_up:
            return
        described = function_error(step, message, error)
        if log.isEnabledFor(logging.DEBUG):
            log.debug("%s: %s", described, exception_text.stack_trace(error, with_texts=False))
        if self._dead_letters.available:
            batch.give_up(message, self._dead_letters.record(message, error))
            self._log_once(
                message,
                "%s; it goes to %s",
                described,
                self._dead_letters.topic(str(message.topic())),
            )
        elif self._settings.enable_dlq is False:
            batch.give_up(message)
            self._log_once(message, "%s; skipped, as enable-dlq=false says", described)
        else:
            raise described from error
        self.given_up += 1

    def forget_topic(self, topic: str) -> None:
        """Forget records of a topic that was deleted and created again.

        Its offsets belong to other records now.

        Args:
            topic: The topic's name.
        """
        self._logged = {record: None for record in self._logged if record[0] != topic}

    def _log_once(self, message: Message, text: str, *arguments: object) -> None:
        """Log an error, but only once for a record that a search reads again."""
        record = message.topic(), message.partition(), message.offset()
        if self.reads_again and record in self._logged:
            return
        if len(self._logged) >= MAX_LOGGED_RECORDS:
            del self._logged[next(iter(self._logged))]
        self._logged[record] = None
        log.error(text, *arguments)

    def _retryable(self, error: BaseException) -> bool:
        """Return whether to retry after this error, by the binder's rule.

        The nearest class in retryable-exceptions counts, also of causes. An error that is no
        Exception asks for an end (exit(), KeyboardInterrupt, CancelledError), so it is not retried.
        """
        if not issubclass(type(error), Exception) or issubclass(type(error), _FINAL):
            return False
        for cause in exception_text.causes(error):
            for kind in bases_of(type(cause)):
                # Of two spellings of a class the first is in the higher source.
                for written, retryable in self._settings.retryable_exceptions.items():
                    if names_class(written, kind):
                        return retryable
        return self._settings.default_retryable
