"""The records of one turn. They pass the dataflow as one item: Bytewax's cost is per item."""

from collections.abc import Callable, Iterable
from itertools import chain, repeat
from typing import Any

from connectors.functions.division import Division
from connectors.named_functions.calls import Call
from connectors.records.forwarding import with_content_type
from connectors.records.function_calls import FunctionCalls


class RecordBatch(FunctionCalls):
    """The item of the dataflow. Each step changes its values in place. On the task's thread.

    A batch with an error passes the steps unchanged.
    """

    __slots__ = ()

    def map_call(self, step: str, call: Call) -> "RecordBatch":
        """Replace each value by the call's result, which may set keys, headers and contentType.

        Args:
            step: The step's name.
            call: Reads the value, calls the user's function and writes the result.
        """
        values = self._apply(step, call.function, None, call)
        if self.error:
            return self
        self.made_by = step, call.user, "return"
        self.is_exact = False
        self._take(call, values)
        return self

    def flat_map(
        self, step: str, mapper: Callable[..., Iterable[Any]], call: Call | None = None
    ) -> "RecordBatch":
        """Replace each record by one record for each value of `mapper(value)`.

        All of them have the record's key and headers.

        Args:
            step: The step's name.
            mapper: The user's function.
            call: The call of a function with annotations; None for another.
        """
        results = self._apply(
            step,
            mapper,
            Division(mapper, self._step_timer.end, rows=call is not None and call.makes_rows),
            call,
        )
        if self.error:
            return self
        self.made_by = step, mapper, "yield"
        self.is_exact = False
        # A record without values stays with None, so that it can be deferred.
        if not all(results):
            results = [result or (None,) for result in results]
        counts = list(map(len, results))
        if counts.count(1) < len(counts):
            self.divided = self.divided or max(counts) > 1
            self.messages = list(chain.from_iterable(map(repeat, self.messages, counts)))
            if self._headers is not None:
                self._headers = list(chain.from_iterable(map(repeat, self._headers, counts)))
            if self._keys is not None:
                self._keys = list(chain.from_iterable(map(repeat, self._keys, counts)))
        values = list(chain.from_iterable(results))
        if call:
            self._take(call, values)
        else:
            self.values = values
        return self

    def _take(self, call: Call, values: list[Any]) -> None:
        """Store a call's values, keys, headers and contentType. The headers were read before."""
        if call.makes_rows and self._headers is not None:
            keys, found = list(self.keys), self._headers.copy()
            for index, row in enumerate(values):
                if row is not None:
                    values[index], keys[index], found[index] = row
            self._keys, self._headers = keys, found
        elif call.content_type and self._headers is not None:  # null values keep their contentType
            rows = zip(self._headers, values, strict=True)
            kind = call.content_type
            self._headers = [
                own if value is None else with_content_type(own or [], kind) for own, value in rows
            ]
        elif call.content_type:
            self.content_type = call.content_type
        self.values = values
