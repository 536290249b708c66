"""Records as a consumer hands them over, without a broker."""

from collections.abc import Callable
from typing import Any

from confluent_kafka import Message

from connectors.batch import Batch, Recover, place
from connectors.cutter import Cutter
from connectors.function_errors import function_error

Headers = list[tuple[str, bytes | None]]


def message(
    value: bytes | None, offset: int = 0, partition: int = 0, headers: Headers | None = None, key: bytes | None = None
) -> Message:
    return Message(topic="in", partition=partition, offset=offset, key=key, value=value, headers=headers)  # type: ignore[arg-type]  # null header values exist


def batch(*messages: Message, recover: Recover | None = None, cutter: Cutter | None = None) -> Batch:
    """A batch with the positions that the lane would give it; without `recover` a function that raises is the end."""
    return Batch(list(messages), {place(m): int(m.offset() or 0) + 1 for m in messages}, recover or give_up, cutter or Cutter())


def give_up(_: Batch, step: str, message: Message, error: BaseException, _again: Callable[[], Any]) -> Any:
    raise function_error(step, message, error)


def batch_of(*values: bytes | None, cutter: Cutter | None = None) -> Batch:
    return batch(*(message(value, offset) for offset, value in enumerate(values)), cutter=cutter)
