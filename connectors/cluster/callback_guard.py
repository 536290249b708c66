"""Kafka clients that refuse, inside their own callbacks, the calls that would abort the process or
never return.

confluent_kafka keeps the state of a poll() with the client. list_topics(), poll() and consume() of
the same client replace this state, and the next callback of the outer poll() then aborts the
process (SIGABRT). close() inside a callback waits for ever.
"""

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from functools import wraps
from time import monotonic
from typing import Any, Protocol, TypeVar

from confluent_kafka import Consumer, Producer, TopicPartition

from connectors.errors.client_exceptions import CallbackError

CALLBACK_S = 20.0  # for all requests of one callback: the other members of the group wait for it
_LEAST_S = 0.001
# Everything else of a consumer is refused inside its callbacks, also what a later version brings.
_ALLOWED = frozenset(
    {
        "assign",
        "assignment",
        "commit",
        "committed",
        "consumer_group_metadata",
        "incremental_assign",
        "incremental_unassign",
        "memberid",
        "offsets_for_times",
        "pause",
        "position",
        "resume",
        "seek",
        "store_offsets",
        "unassign",
    }
)
# Not guarded: a check for each record would cost too much.
_PER_RECORD = frozenset({"produce", "produce_batch"})
Kind = TypeVar("Kind", bound=type)


class _Logger(Protocol):
    def log(self, level: int, template: str, *arguments: str) -> None: ...


class _Callbacks:
    """Whether a callback of one client runs, and since when. A client is used by one thread."""

    def __init__(self) -> None:
        self._depth = 0
        self._began = 0.0

    def mark(self, callback: Callable[..., Any]) -> Callable[..., Any]:
        """Note when `callback` runs."""

        @wraps(callback)
        def marked(*arguments: Any) -> Any:
            if not self._depth:
                self._began = monotonic()
            self._depth += 1
            try:
                return callback(*arguments)
            finally:
                self._depth -= 1

        return marked

    def mark_all(self, properties: Mapping[str, Any]) -> dict[str, Any]:
        """Return a client's properties with each callback marked."""
        return {
            name: self.mark(value) if callable(value) else value
            for name, value in properties.items()
        }

    def refuse(self, call: str) -> None:
        """Raise CallbackError inside a callback."""
        if self._depth:
            raise CallbackError(call)

    def limit(self, timeout: float) -> float:
        """Return what is left of CALLBACK_S for a request inside a callback, at most `timeout`
        seconds.
        """
        return (
            max(_LEAST_S, min(timeout, self._began + CALLBACK_S - monotonic()))
            if self._depth
            else timeout
        )


class _MarkedLogger:
    """The log lines of a client come inside poll() as well."""

    def __init__(self, logger: _Logger, callbacks: _Callbacks) -> None:
        self.log = callbacks.mark(logger.log)


def _guard(base: type, allowed: AbstractSet[str]) -> Callable[[Kind], Kind]:
    """Refuse the methods of `base` inside callbacks, except `allowed` and those that the class has
    itself.
    """

    def guarded(name: str) -> Callable[..., Any]:
        method = getattr(base, name)

        @wraps(method)
        def call(client: Any, *arguments: Any, **keywords: Any) -> Any:
            client.callbacks.refuse(f"{base.__name__}.{name}()")
            return method(client, *arguments, **keywords)

        return call

    def decorate(kind: Kind) -> Kind:
        for name in dir(base):
            if not name.startswith("_") and name not in allowed and name not in vars(kind):
                setattr(kind, name, guarded(name))
        return kind

    return decorate


@_guard(Consumer, _ALLOWED)
class GuardedConsumer(Consumer):
    """A consumer. Inside its callbacks some calls raise CallbackError, and the requests of one
    callback share CALLBACK_S seconds.
    """

    def __init__(self, properties: Mapping[str, Any], logger: _Logger) -> None:
        self.callbacks = _Callbacks()
        super().__init__(
            self.callbacks.mark_all(properties), logger=_MarkedLogger(logger, self.callbacks)
        )

    def subscribe(  # type: ignore[override]  # each by its name
        self, topics: list[str], **callbacks: Callable[[Consumer, list[TopicPartition]], None]
    ) -> None:
        self.callbacks.refuse("Consumer.subscribe()")
        super().subscribe(topics, **self.callbacks.mark_all(callbacks))

    def committed(self, partitions: list[TopicPartition], timeout: float) -> list[TopicPartition]:  # type: ignore[override]  # none is endless
        return super().committed(partitions, self.callbacks.limit(timeout))

    def offsets_for_times(  # type: ignore[override]  # each by its name
        self, partitions: list[TopicPartition], timeout: float
    ) -> list[TopicPartition]:
        return super().offsets_for_times(partitions, self.callbacks.limit(timeout))


@_guard(Producer, _PER_RECORD)
class GuardedProducer(Producer):
    """A producer. Inside its callbacks every call except produce() raises CallbackError."""

    def __init__(self, properties: Mapping[str, Any], logger: _Logger) -> None:
        self.callbacks = _Callbacks()
        super().__init__(
            self.callbacks.mark_all(properties), logger=_MarkedLogger(logger, self.callbacks)
        )
