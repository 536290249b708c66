"""Bytewax's side of a lane's output."""

from bytewax.outputs import DynamicSink, StatelessSinkPartition

from connectors.batch import Batch
from connectors.source import KafkaSource, Moves


class KafkaSink(DynamicSink[Batch]):
    """Writes to the output topic what came from `source`."""

    def __init__(self, source: KafkaSource) -> None:
        self._source = source

    def build(self, step_id: str, worker_index: int, worker_count: int) -> StatelessSinkPartition[Batch]:  # noqa: ARG002 - Bytewax's signature
        return _Partition(self._source.lane)


class _Partition(StatelessSinkPartition[Batch]):
    def __init__(self, lane: Moves) -> None:
        self._lane = lane

    def write_batch(self, items: list[Batch]) -> None:
        for batch in items:
            self._lane.write_batch(batch)
