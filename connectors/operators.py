"""Steps for functions of one value, like Bytewax's map, filter and flat_map.

An item of the streams is a whole batch.
"""

from collections.abc import Callable, Iterable
from functools import partial, wraps
from typing import Any, ParamSpec

import bytewax.operators as op
from bytewax.dataflow import Dataflow, Stream, operator

from connectors import topology
from connectors.errors.exceptions import UnsafeStepError
from connectors.functions import exception_text
from connectors.named_functions.calls import step_kind
from connectors.named_functions.signatures import Options, bind
from connectors.named_functions.steps import filter_work, flat_map_work, map_work
from connectors.records.batch import RecordBatch

P = ParamSpec("P")


def _in_one_line(step: Callable[P, Stream[RecordBatch]]) -> Callable[P, Stream[RecordBatch]]:
    """Raise Bytewax's errors about a step as UnsafeStepError, in one line."""

    @wraps(step)
    def add(*args: P.args, **kwargs: P.kwargs) -> Stream[RecordBatch]:
        name = args[0] if args else kwargs.get("step_id")
        if isinstance(name, str) and not (name and name.isprintable()):  # log lines show the name
            raise UnsafeStepError(f"step {name!r}: give it a name that can be printed")
        try:
            return step(*args, **kwargs)
        except (AssertionError, TypeError, ValueError) as error:
            raise UnsafeStepError(
                f"step {name!r}: {exception_text.one_line(exception_text.message(error))}"
            ) from None

    return add


@_in_one_line
@operator
def map_value(
    step_id: str, up: Stream[RecordBatch], mapper: Callable[..., Any]
) -> Stream[RecordBatch]:
    """Replace each record's value by `mapper(value)`. The key and the headers stay.

    A null value (a tombstone) stays, without a call of the mapper. An error of the mapper is
    retried as max-attempts says. Then the record becomes a dead letter.

    Args:
        step_id: The step's name, for logs and dead letters.
        up: The records.
        mapper: Takes bytes. Returns bytes, str (sent as UTF-8), or None to drop the record. A
            parameter named `charset` gets the charset of the record's contentType.

    Raises:
        FunctionRefusedError: `mapper` is no function of one value.
    """
    return _apply_to_batches(up, map_work(step_id, mapper))


@_in_one_line
@operator
def filter_value(
    step_id: str, up: Stream[RecordBatch], predicate: Callable[..., object]
) -> Stream[RecordBatch]:
    """Keep the records for whose value the predicate returns true. Null values are kept.

    Args:
        step_id: The step's name, for logs and dead letters.
        up: The records.
        predicate: Takes bytes. Returns whether to keep the record.

    Raises:
        FunctionRefusedError: `predicate` is no function of one value.
    """
    return _apply_to_batches(up, filter_work(step_id, predicate))


@_in_one_line
@operator
def flat_map_value(
    step_id: str, up: Stream[RecordBatch], mapper: Callable[..., Iterable[Any]]
) -> Stream[RecordBatch]:
    """Replace each record by one record for each value of `mapper(value)`.

    All of them have the record's key and headers. Null values stay.

    Args:
        step_id: The step's name, for logs and dead letters.
        up: The records.
        mapper: Takes bytes. Returns or yields values. Without a value the record is dropped.

    Raises:
        FunctionRefusedError: `mapper` is no function of one value.
    """
    return _apply_to_batches(up, flat_map_work(step_id, mapper))


def named_functions(
    up: Stream[RecordBatch], functions: Iterable[tuple[str, Callable[..., Any]]], options: Options
) -> Stream[RecordBatch]:
    """Add a step for each function of the property `function`. Annotations decide which step.

    Args:
        up: The records.
        functions: Pairs of name (`module:function`) and function.
        options: Returns the values of a class of properties.

    Raises:
        FunctionRefusedError: No step can call one of the functions.
    """
    steps = {"map_value": map_value, "filter_value": filter_value, "flat_map_value": flat_map_value}
    used = set[str]()
    for name, function in functions:
        short = name.rpartition(":")[2]
        step = short if short not in used else f"{short}-{len(used) + 1}"
        used.add(step)
        bound = bind(step, function, options)
        up = steps[step_kind(step, bound)](step, up, bound)
    return up


def _apply_to_batches(
    up: Stream[RecordBatch], work: Callable[[RecordBatch], RecordBatch]
) -> Stream[RecordBatch]:
    return op.flat_map_batch("batch", up, partial(map, work))


_OURS = frozenset(map(topology.kind_of, (map_value, filter_value, flat_map_value)))


def guarded(flow: Dataflow) -> Dataflow:
    """Return the flow, if every batch passes each step once, at once, on this worker.

    Commits rely on this.

    Args:
        flow: The whole flow.

    Raises:
        UnsafeStepError: It does not. The text is one line that names the step and a replacement.
    """
    topology.check_topology(flow, _OURS).steps = step_names(flow)
    return flow


def step_names(flow: Dataflow) -> tuple[str, ...]:
    """Return the names of the steps that call functions, in the flow's order.

    Args:
        flow: The whole flow.
    """
    return topology.step_names(flow, _OURS)
