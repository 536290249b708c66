"""Records as a consumer hands them over, without a broker."""

from collections.abc import Callable
from typing import Any

from confluent_kafka import Message

from connectors.functions.calls import StepTimer
from connectors.functions.errors import function_error
from connectors.records.batch import RecordBatch
from connectors.records.columns import OnError, RecordColumns
from connectors.records.messages import topic_partition

Headers = list[tuple[str, bytes | None]]


def message(
    value: bytes | None,
    offset: int = 0,
    partition: int = 0,
    headers: Headers | None = None,
    key: bytes | None = None,
) -> Message:
    return Message(
        topic="in",
        partition=partition,
        offset=offset,
        key=key,
        value=value,
        headers=headers,  # type: ignore[arg-type]  # null header values exist
    )


def batch(
    *messages: Message, recover: OnError | None = None, step_timer: StepTimer | None = None
) -> RecordBatch:
    """A batch with the positions that the task would give it.

    Without `recover` a function that raises is the end.
    """
    return RecordBatch(
        list(messages),
        {topic_partition(m): int(m.offset() or 0) + 1 for m in messages},
        recover or give_up,
        step_timer or StepTimer(),
    )


def give_up(
    _: RecordColumns, step: str, message: Message, error: BaseException, _again: Callable[[], Any]
) -> Any:
    raise function_error(step, message, error)


def batch_of(*values: bytes | None, step_timer: StepTimer | None = None) -> RecordBatch:
    return batch(
        *(message(value, offset) for offset, value in enumerate(values)), step_timer=step_timer
    )
