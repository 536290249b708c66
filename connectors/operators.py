"""Steps for functions of one value. They look like Bytewax's own map, filter and flat_map and carry a whole batch as one item."""

import inspect
from collections.abc import Callable, Iterable
from typing import Any

import bytewax.operators as op
from bytewax.dataflow import Dataflow, Operator, Stream, operator

from connectors.batch import Batch
from connectors.errors import UnsafeStepError

# Bytewax's two kinds of step that keep items back or send them elsewhere; every such operator (collect, join, ...) is made of these.
_UNSAFE = {"stateful_batch": "holds records back", "redistribute": "moves records to another worker"}


@operator
def map_value(step_id: str, up: Stream[Batch], mapper: Callable[..., Any]) -> Stream[Batch]:
    """Replace each record's value by `mapper(value)`; the key and the headers stay.

    The value is bytes; bytes, str (sent as UTF-8) or None come back, and None drops the record. A null value (a tombstone) is not
    given to the mapper and goes on as it is. A mapper with a parameter named `charset` is also told the charset that the record's
    contentType names. What a mapper raises is tried again as max-attempts says; then the record is a dead letter.
    """
    wants_charset = _wants_charset(mapper)
    return _each(up, lambda batch: batch.map(step_id, mapper, wants_charset=wants_charset))


@operator
def filter_value(step_id: str, up: Stream[Batch], predicate: Callable[[Any], object]) -> Stream[Batch]:
    """Keep the records whose value the predicate finds true, and null values."""
    return _each(up, lambda batch: batch.filter(step_id, predicate))


@operator
def flat_map_value(step_id: str, up: Stream[Batch], mapper: Callable[[Any], Iterable[Any]]) -> Stream[Batch]:
    """Replace each record by one record for each value that `mapper(value)` yields, with the same key and headers; null values stay."""
    return _each(up, lambda batch: batch.flat_map(step_id, mapper))


def _wants_charset(mapper: Callable[..., Any]) -> bool:
    try:
        return "charset" in inspect.signature(mapper).parameters
    except ValueError:  # some built-in functions have no signature that Python knows
        return False


def _each(up: Stream[Batch], work: Callable[[Batch], Batch]) -> Stream[Batch]:
    return op.flat_map_batch("batch", up, lambda batches: [batch if batch.failure else work(batch) for batch in batches])


def guarded(flow: Dataflow) -> Dataflow:
    """The flow, if every step hands its records on at once and on this worker: commits rely on it. Raises UnsafeStepError."""
    for step in flow.substeps:
        for part in _parts(step):
            if reason := _UNSAFE.get(type(part).__name__):
                raise UnsafeStepError(
                    f"step {step.step_name!r}: {type(step).__name__} {reason}, so they would be committed before they are out"
                )
    return flow


def _parts(step: Operator) -> Iterable[Operator]:
    yield step
    for inner in step.substeps:
        yield from _parts(inner)
