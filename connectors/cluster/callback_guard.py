"""Kafka clients that refuse some calls inside their own callbacks.

These calls would abort the process or never return. confluent_kafka keeps the state of a poll() in
the client. list_topics(), poll() and consume() of the same client replace this state. The next
callback of the outer poll() then aborts the process (SIGABRT). close() inside a callback waits for
ever.
"""

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from functools import wraps
from time import monotonic
from typing import Any, Protocol

from confluent_kafka import Consumer, Producer, TopicPartition

from connectors.errors.client_exceptions import CallbackError

CALLBACK_S = 20.0  # for all requests of one callback, as other members of the group wait meanwhile
_LEAST_S = 0.001
# All other methods of a consumer are refused inside its callbacks, also methods of later versions.
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
# These only append to a queue. A delivery report may call them.
_APPENDS = frozenset({"produce", "produce_batch"})


class _Logger(Protocol):
    def log(self, level: int, template: str, *arguments: str) -> None: ...


class _Callbacks:
    """Whether a callback of one client runs, and since when. Only one thread uses a client."""

    def __init__(self, client: object, kind: type, allowed: AbstractSet[str]) -> None:
        """Prepare to refuse all methods of `kind` but those in `allowed`."""
        # Not the client itself: with a cycle it would not be closed when it is dropped.
        self._attributes = vars(client)
        self._refusals = {
            name: _refuse(f"{kind.__name__}.{name}()")
            for name in dir(kind)
            if not name.startswith("_") and name not in allowed
        }
        self._depth = 0
        self._began = 0.0

    def mark(self, callback: Callable[..., Any]) -> Callable[..., Any]:
        """Return the callback, so that calls are refused while it runs.

        The refusing functions become attributes of the client, which hide its methods. So the many
        calls outside of callbacks cost nothing.
        """

        @wraps(callback)
        def marked(*arguments: Any) -> Any:
            if not self._depth:
                self._began = monotonic()
                self._attributes |= self._refusals
            self._depth += 1
            try:
                return callback(*arguments)
            finally:
                self._depth -= 1
                if not self._depth:
                    for name in self._refusals:
                        del self._attributes[name]

        return marked

    def mark_all(self, properties: Mapping[str, Any]) -> dict[str, Any]:
        """Return a client's properties with each callback marked."""
        return {
            name: self.mark(value) if callable(value) else value
            for name, value in properties.items()
        }

    def limit(self, timeout: float) -> float:
        """Return the seconds for a request. A callback has CALLBACK_S for all of its requests."""
        return (
            max(_LEAST_S, min(timeout, self._began + CALLBACK_S - monotonic()))
            if self._depth
            else timeout
        )


class _MarkedLogger:
    """The client's logger. It is called inside poll(), too, so it counts as a callback."""

    def __init__(self, logger: _Logger, callbacks: _Callbacks) -> None:
        self.log = callbacks.mark(logger.log)


def _refuse(call: str) -> Callable[..., Any]:
    def refused(*_: object, **__: object) -> Any:
        raise CallbackError(call)

    return refused


class GuardedConsumer(Consumer):
    """A consumer that raises CallbackError for some calls inside its callbacks.

    The requests of one callback share CALLBACK_S seconds.
    """

    def __init__(self, properties: Mapping[str, Any], logger: _Logger) -> None:
        """Make the client.

        Args:
            properties: For librdkafka, with callbacks.
            logger: Gets librdkafka's log lines.
        """
        self.callbacks = _Callbacks(self, Consumer, _ALLOWED)
        super().__init__(
            self.callbacks.mark_all(properties), logger=_MarkedLogger(logger, self.callbacks)
        )

    def subscribe(  # type: ignore[override]  # each by its name
        self, topics: list[str], **callbacks: Callable[[Consumer, list[TopicPartition]], None]
    ) -> None:
        """Subscribe as Consumer does.

        Args:
            topics: Names or regular expressions.
            callbacks: on_assign, on_revoke and on_lost.
        """
        super().subscribe(topics, **self.callbacks.mark_all(callbacks))

    def committed(self, partitions: list[TopicPartition], timeout: float) -> list[TopicPartition]:  # type: ignore[override]  # no time-out is endless
        """Return committed offsets as Consumer does. In a callback CALLBACK_S limits the time."""
        return super().committed(partitions, self.callbacks.limit(timeout))

    def offsets_for_times(  # type: ignore[override]  # each by its name
        self, partitions: list[TopicPartition], timeout: float
    ) -> list[TopicPartition]:
        """Return offsets as Consumer does. In a callback CALLBACK_S limits the time."""
        return super().offsets_for_times(partitions, self.callbacks.limit(timeout))


class GuardedProducer(Producer):
    """A producer. Inside its callbacks only the calls that produce do not raise CallbackError."""

    def __init__(self, properties: Mapping[str, Any], logger: _Logger) -> None:
        """Make the client.

        Args:
            properties: For librdkafka, with callbacks.
            logger: Gets librdkafka's log lines.
        """
        self.callbacks = _Callbacks(self, Producer, _APPENDS)
        super().__init__(
            self.callbacks.mark_all(properties), logger=_MarkedLogger(logger, self.callbacks)
        )
