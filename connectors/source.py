"""Bytewax's side of a lane's input."""

from collections.abc import Callable
from typing import Protocol

from bytewax.inputs import DynamicSource, StatelessSourcePartition

from connectors.batch import Batch
from runtime.errors import ProcessorError
from runtime.exits import Exit, end_now


class Moves(Protocol):
    """What moves the records: a lane, or in its place the parent of the processes that have one each."""

    def next_batch(self) -> Batch | None:
        """The records of this turn, or None. Raises StopIteration at the end."""

    def write_batch(self, batch: Batch) -> None:
        """Produce them."""

    def close(self) -> None:
        """Never raises."""


class KafkaSource(DynamicSource[Batch]):
    """Reads the input topics as a member of a consumer group, in batches."""

    def __init__(self, start: Callable[[], Moves]) -> None:
        """`start` makes the lane; it is called once, when Bytewax builds the source, and is where HTTP, signals and clients begin."""
        self._start = start
        self._lane: Moves | None = None

    @property
    def lane(self) -> Moves:
        """The lane, for the sink that shares it; there once the source is built, which Bytewax does first."""
        if self._lane is None:
            raise RuntimeError("the source is built before the sink")
        return self._lane

    def build(self, step_id: str, worker_index: int, worker_count: int) -> StatelessSourcePartition[Batch]:  # noqa: ARG002 - Bytewax's signature
        if worker_count > 1:
            end_now(
                Exit.FAILED,
                f"{worker_count} Bytewax workers: use one; to scale out, set spring.cloud.stream.bindings.input.consumer.concurrency",
            )
        try:
            self._lane = self._start()
        except ProcessorError as error:  # raised through Bytewax, one line would become a page
            end_now(Exit.FAILED, str(error))
        return _Partition(self._lane)


class _Partition(StatelessSourcePartition[Batch]):
    def __init__(self, lane: Moves) -> None:
        self._lane = lane

    def next_batch(self) -> list[Batch]:
        batch = self._lane.next_batch()
        return [batch] if batch else []

    def close(self) -> None:
        self._lane.close()
