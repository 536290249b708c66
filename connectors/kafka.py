"""The source and the sink that Bytewax calls. Both call the same task."""

import logging
import os
from collections.abc import Callable
from typing import Protocol

from bytewax.inputs import DynamicSource, StatelessSourcePartition
from bytewax.outputs import DynamicSink, StatelessSinkPartition

from connectors.records.batch import RecordBatch
from runtime.errors import ProcessorError
from runtime.exit_codes import Exit, end_now
from runtime.forks import end_child

log = logging.getLogger("processor.lifecycle")


class BatchTask(Protocol):
    """Moves records: a task, or the parent of processes with one task each.

    All methods run on the main thread.
    """

    def next_batch(self) -> RecordBatch | None:
        """Return the records of this turn, or None.

        Raises:
            StopIteration: The task has ended.
        """

    def write_batch(self, batch: RecordBatch) -> None:
        """Produce the records of a batch.

        Args:
            batch: From next_batch(), after all steps.
        """

    def close(self) -> None:
        """End the task. Never raises."""


class KafkaSource(DynamicSource[RecordBatch]):
    """Reads the input topics as a member of a consumer group, in batches."""

    def __init__(self, start: Callable[[], BatchTask]) -> None:
        """Prepare. HTTP, signals and clients start with the task.

        Args:
            start: Makes the task. Bytewax calls it once, when it builds the source.
        """
        self._start_task = start
        self._task: BatchTask | None = None
        self.steps: tuple[str, ...] = ()  # of the flow, for the log

    @property
    def task(self) -> BatchTask:
        """The task, for the sink that shares it. Bytewax builds the source first."""
        if self._task is None:
            raise RuntimeError("the source is built before the sink")
        return self._task

    def build(
        self,
        step_id: str,  # noqa: ARG002 - Bytewax's signature
        worker_index: int,  # noqa: ARG002 - Bytewax's signature
        worker_count: int,
    ) -> StatelessSourcePartition[RecordBatch]:
        """Return the source's partition. Bytewax calls this on the main thread.

        Starts the task. Ends the process if that fails, or if Bytewax runs several workers.

        Args:
            step_id: Not used.
            worker_index: Not used.
            worker_count: The workers of the whole flow.
        """
        if worker_count > 1:
            end_now(
                Exit.FAILED,
                f"{worker_count} Bytewax workers: use one; to scale out, set "
                f"spring.cloud.stream.bindings.input.consumer.concurrency",
            )
        try:
            self._task = self._start_task()
        except ProcessorError as error:  # Bytewax would print a long traceback
            end_now(Exit.FAILED, str(error))
        log.info("each record passes the steps: %s", ", ".join(self.steps) or "none")
        return _SourcePartition(self._task)


class _SourcePartition(StatelessSourcePartition[RecordBatch]):
    def __init__(self, task: BatchTask) -> None:
        self._task = task

    def next_batch(self) -> list[RecordBatch]:
        batch = self._task.next_batch()
        return [batch] if batch else []

    def close(self) -> None:
        self._task.close()


class KafkaSink(DynamicSink[RecordBatch]):
    """Writes the records of a KafkaSource to the output topic."""

    def __init__(self, source: KafkaSource) -> None:
        """Write the records of a source.

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
        """Return the sink's partition. Bytewax calls this on the main thread.

        Args:
            step_id: Not used.
            worker_index: Not used.
            worker_count: Not used; KafkaSource allows one worker only.
        """
        return _SinkPartition(self.source.task)


class _SinkPartition(StatelessSinkPartition[RecordBatch]):
    def __init__(self, task: BatchTask) -> None:
        self._task = task
        self._process = os.getpid()

    def write_batch(self, items: list[RecordBatch]) -> None:
        if os.getpid() != self._process:  # a function has forked this process
            end_child()
        for batch in items:
            self._task.write_batch(batch)
