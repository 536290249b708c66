"""The work of a step for each batch. Made once, when the flow is built."""

from collections.abc import Callable
from functools import partial
from typing import Any

from connectors.named_functions.calls import filter_call, flat_map_call, map_call, step_kind
from connectors.records.batch import RecordBatch

Work = Callable[[RecordBatch], RecordBatch]


def map_work(step: str, mapper: Callable[..., Any]) -> Work:
    """Return the work of map_value for a batch.

    Args:
        step: The step's name.
        mapper: The user's function.

    Raises:
        FunctionRefusedError: It is no function of one value.
    """
    call = map_call(step, mapper)
    if call.reads or call.makes_rows or call.wants_record or call.is_async:
        return lambda batch: batch.map_call(step, call)
    return partial(
        RecordBatch.map, step=step, mapper=call.function, wants_charset=call.wants_charset
    )


def filter_work(step: str, predicate: Callable[..., object]) -> Work:
    """Return the work of filter_value for a batch.

    Args:
        step: The step's name.
        predicate: The user's function.

    Raises:
        FunctionRefusedError: It is no function of one value.
    """
    call = filter_call(step, predicate)
    return lambda batch: batch.filter(step, call.function, call)


def flat_map_work(step: str, mapper: Callable[..., Any]) -> Work:
    """Return the work of flat_map_value for a batch.

    Args:
        step: The step's name.
        mapper: The user's function.

    Raises:
        FunctionRefusedError: It is no function of one value.
    """
    call = flat_map_call(step, mapper)
    return lambda batch: batch.flat_map(step, call.function, call)


def work_for(step: str, function: Callable[..., Any]) -> Work:
    """Return the work of a step, by the annotations of its function.

    Args:
        step: The step's name, for errors.
        function: The user's function.

    Raises:
        FunctionRefusedError: No step can call the function.
    """
    return {"map_value": map_work, "filter_value": filter_work, "flat_map_value": flat_map_work}[
        step_kind(step, function)
    ](step, function)
