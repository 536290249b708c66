"""The step of an async function. The calls of a batch overlap and are retried together.

The time limit of the batch ends them.
"""

from collections.abc import Callable, Sequence
from functools import partial
from math import inf
from time import monotonic
from typing import TYPE_CHECKING, Any

from connectors.functions.calls import BATCH_TIME_LIMIT_S, StepTimer
from connectors.named_functions.async_calls import AsyncCalls, Outcome

if TYPE_CHECKING:  # that module imports this one
    from connectors.records.columns import RecordColumns

Convert = Callable[[Any], Any]
Failed = dict[int, BaseException]
RecoverAll = Callable[["RecordColumns", str, Failed, Callable[[list[int]], Failed]], None]


class Overlapping:
    """Calls an async function for the values of a batch."""

    def __init__(self, calls: AsyncCalls, recover_all: RecoverAll) -> None:
        """Prepare. No function is called yet.

        Args:
            calls: Runs the calls.
            recover_all: Retries the failed calls (see RetryPolicy.recover_all).
        """
        self.calls = calls
        self._recover_all = recover_all

    def bind(
        self, function: Callable[..., Any], setup: Callable[..., Any] | None
    ) -> Callable[..., Any]:
        """Return the function with its session. Raises as AsyncCalls.session does.

        Args:
            function: The user's function.
            setup: Returns the session's context manager. None if the function asks for no session.
        """
        return function if setup is None else partial(function, session=self.calls.session(setup))

    def results(  # noqa: PLR0917 - the arguments are all that a batch knows
        self,
        batch: "RecordColumns",
        step: str,
        function: Callable[..., Any],
        convert: Convert | None,
        columns: Sequence[list[Any]],
        step_timer: StepTimer,
        ends_at: float,
        cut_off: Callable[[int], bool],
    ) -> list[Any]:
        """Call the function for each value that is not None, until the batch's time is up.

        Args:
            batch: The records. `columns` has a row for each of its values.
            step: The step's name.
            function: Returns an awaitable.
            convert: Converts each result. It may end the batch through the step timer.
            columns: The arguments of the calls by column, the values first.
            step_timer: The timer of the batch.
            ends_at: When the time is up (monotonic seconds).
            cut_off: Keeps the first values of the batch. Returns False if that is not possible.

        Returns:
            A result for each value that the batch still has. None for a value that is None, and for
            records
            that are given up.

        Raises:
            Interrupted: A stop or a rebalance came while the task waited for calls.
            FunctionError: A failed record can neither be a dead letter nor be skipped.
        """
        turn = _Turn(self.calls, function, convert, columns, step_timer)
        batch.overlapping = self.calls.limit
        # The values of one message stay together.
        while turn.call(ends_at) and not cut_off(turn.end):
            ends_at = monotonic() + BATCH_TIME_LIMIT_S
        turn.forget(len(batch.values))
        if turn.failed:
            self._recover_all(batch, step, turn.failed, turn.again)
        rows = zip(batch.messages, turn.results, strict=True)
        return [None if id(message) in batch.given_up else result for message, result in rows]


class _Turn:
    """The calls for one batch, and their results."""

    def __init__(
        self,
        calls: AsyncCalls,
        function: Callable[..., Any],
        convert: Convert | None,
        columns: Sequence[list[Any]],
        step_timer: StepTimer,
    ) -> None:
        self._calls = calls
        self._function = function
        self._convert = convert
        self._step_timer = step_timer
        self._rows = list(zip(*columns, strict=True))
        self._indices = [index for index, row in enumerate(self._rows) if row[0] is not None]
        self._called = 0  # how many of the indices have been called for
        self.results: list[Any] = [None] * len(self._rows)
        self.failed: Failed = {}

    @property
    def end(self) -> int:
        """The index of the first value for which there was no call."""
        return self._indices[self._called]

    def call(self, ends_at: float) -> bool:
        """Make the next calls. Return whether there are more."""
        indices = self._indices[self._called :]
        outcomes = self._calls.run(
            self._function, [self._rows[index] for index in indices], ends_at
        )
        left = [None]
        self._step_timer.limit(left, inf)
        for index, outcome in zip(indices, outcomes, strict=False):
            self._called += 1
            if error := self._take(index, outcome):
                self.failed[index] = error
            if not left:  # the converted values are too many, or too large
                break
        return self._called < len(self._indices)

    def again(self, indices: list[int]) -> Failed:
        """Call again for these values. Return the errors of failed calls."""
        outcomes = self._calls.run(self._function, [self._rows[index] for index in indices])
        return {
            index: error
            for index, outcome in zip(indices, outcomes, strict=True)
            if (error := self._take(index, outcome))
        }

    def forget(self, count: int) -> None:
        """Keep the first `count` values only."""
        del self.results[count:]
        self.failed = {index: error for index, error in self.failed.items() if index < count}

    def _take(self, index: int, outcome: Outcome) -> BaseException | None:
        """Store the result of a call. Return the error of a failed one."""
        if outcome.error is not None:
            return outcome.error
        try:
            self.results[index] = (
                outcome.result if self._convert is None else self._convert(outcome.result)
            )
        except BaseException as error:  # noqa: BLE001 - a generator runs the user's code
            return error
        return None
