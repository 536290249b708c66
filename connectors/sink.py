"""Bytewax's side of a task's output."""

import os

from bytewax.outputs import DynamicSink, StatelessSinkPartition

from connectors.records.batch import RecordBatch
from connectors.source import BatchTask, KafkaSource
from runtime.forks import end_child


class KafkaSink(DynamicSink[RecordBatch]):
    """Writes the records of a KafkaSource to the output topic."""

    def __init__(self, source: KafkaSource) -> None:
        """Write what comes from a source.

        Args:
            source: Has the task that produces and commits.
        """
        self.source = source

    def build(
        self,
        step_id: str,  # noqa: ARG002 - Bytewax's signature
        worker_index: int,  # noqa: ARG002 - Bytewax's signature
        worker_count: int,  # noqa: ARG002 - Bytewax's signature
    ) -> StatelessSinkPartition[RecordBatch]:
        """Return the sink's partition. Bytewax calls this on the main thread."""
        return _Partition(self.source.task)


class _Partition(StatelessSinkPartition[RecordBatch]):
    def __init__(self, task: BatchTask) -> None:
        self._task = task
        self._process = os.getpid()

    def write_batch(self, items: list[RecordBatch]) -> None:
        if os.getpid() != self._process:  # a child that a function has forked
            end_child()
        for batch in items:
            self._task.write_batch(batch)
