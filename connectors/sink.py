"""Bytewax's side of a lane's output."""

from bytewax.outputs import DynamicSink, StatelessSinkPartition

from connectors.batch import Batch
from connectors.source import KafkaSource, Moves
from runtime.forks import end_child


class KafkaSink(DynamicSink[Batch]):
    """Writes to the output topic what came from `source`."""

    def __init__(self, source: KafkaSource) -> None:
        self.source = source

    def build(self, step_id: str, worker_index: int, worker_count: int) -> StatelessSinkPartition[Batch]:  # noqa: ARG002 - Bytewax's signature
        return _Partition(self.source.lane)


class _Partition(StatelessSinkPartition[Batch]):
    def __init__(self, lane: Moves) -> None:
        self._lane = lane

    def write_batch(self, items: list[Batch]) -> None:
        end_child()
        for batch in items:
            self._lane.write_batch(batch)
