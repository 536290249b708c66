"""Records whose functions, headers or deliveries fail."""

import asyncio
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from confluent_kafka import KafkaError, KafkaException

from connectors.errors.client_exceptions import ClientError
from connectors.errors.exceptions import FunctionError, Interrupted, PartitionKeyError

SOURCE = ("in", 0)
TOO_LARGE = KafkaError(KafkaError.MSG_SIZE_TOO_LARGE)
MAX_ROUNDS = 200


class NoTextError(Exception):
    """Nothing can be asked of it."""

    __module__ = 7  # type: ignore[assignment]

    def __str__(self) -> str:
        raise SystemExit(0)

    __repr__ = __str__

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        raise OSError

    @property
    def __cause__(self) -> Any:  # type: ignore[override]
        return type(self)()

    @property
    def __notes__(self) -> Any:  # type: ignore[override]
        raise KeyboardInterrupt


class OddTextError(Exception):
    def __str__(self) -> str:
        return cast("str", 7)


class HugeTextError(Exception):
    def __str__(self) -> str:
        return "\n" * 1_000_000


ERRORS: dict[str, Callable[[], BaseException]] = {
    **{
        kind.__name__: kind
        for kind in (
            ValueError,
            RecursionError,
            OverflowError,
            LookupError,
            MemoryError,
            BufferError,
            StopIteration,
        )
    },
    **{
        kind.__name__: kind
        for kind in (
            SystemExit,
            KeyboardInterrupt,
            GeneratorExit,
            asyncio.CancelledError,
            BaseException,
        )
    },
    **{
        kind.__name__: kind
        for kind in (
            NoTextError,
            OddTextError,
            HugeTextError,
            Interrupted,
            StopAsyncIteration,
            struct.error,
        )
    },
    "UnicodeError": lambda: UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"),
    "Group": lambda: BaseExceptionGroup("group", [KeyboardInterrupt(), NoTextError()]),
    "KafkaException": lambda: KafkaException(KafkaError(KafkaError._ALL_BROKERS_DOWN)),
    "ClientError": lambda: ClientError(KafkaError(KafkaError._ALL_BROKERS_DOWN)),
    "PartitionKeyError": lambda: PartitionKeyError("the key"),
    "FunctionError": lambda: FunctionError("s", "in", 0, 0, "mine"),
}
# Of the client these mean what they say: that the queue is full, or that the producer has failed.
OF_THE_CLIENT = {"BufferError", "KafkaException", "ClientError", "FunctionError", "Interrupted"}
NOT_RAISED = {
    "headers": OF_THE_CLIENT | {"PartitionKeyError"},
    **dict.fromkeys(("produce", "later produce", "placement"), OF_THE_CLIENT),
}
STEP_FATES = ["step", "later value", "no bytes", "no UTF-8"]
FATES = [
    None,
    None,
    None,
    "headers",
    "placement",
    "produce",
    "later produce",
    "full queue",
    "too large",
    "broker",
    *STEP_FATES,
]


@dataclass
class Record:
    """What happens to one record, and where."""

    fate: str | None
    error: str
    value: bytes | None
    dropped: bool
    refused_forms: int  # forms of its dead letter that are refused
    refused_by_broker: bool
    produced_values: int = 0

    def raise_at(self, fate: str) -> None:
        if self.fate == fate:
            raise ERRORS[self.error]()  # noqa: RSE102 - some are functions
