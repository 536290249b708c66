"""A task without Kafka, and flows that it moves batches through."""

from collections.abc import Callable, Sequence
from typing import Any

import bytewax.operators as op
from bytewax.dataflow import Dataflow, Stream, operator
from bytewax.testing import run_main
from hypothesis import strategies as st

from connectors.kafka import BatchTask, KafkaSink, KafkaSource
from connectors.operators import filter_value, flat_map_value, map_value
from connectors.records.batch import RecordBatch

Records = Any  # a Stream[RecordBatch], which Bytewax's operators for other items would not take
Steps = Callable[[Records], Records]


class MemoryTask:
    """Hands out the batches given, one a turn, and keeps those that come to the sink."""

    def __init__(self, batches: Sequence[RecordBatch] = ()) -> None:
        self._left = list(batches)
        self.written: list[RecordBatch] = []

    def next_batch(self) -> RecordBatch | None:
        if not self._left:
            raise StopIteration
        return self._left.pop(0)

    def write_batch(self, batch: RecordBatch) -> None:
        self.written.append(batch)

    def close(self) -> None:
        """Nothing is open."""


def flow_of(steps: Steps, task: BatchTask | None = None) -> Dataflow:
    """A flow like that of dataflow.py, with these steps in its middle; not guarded."""
    source = KafkaSource(lambda: task or MemoryTask())
    flow = Dataflow("f")
    records = op.input("input", flow, source)
    op.output("output", steps(records), KafkaSink(source))
    return flow


def same(item: Any) -> Any:
    return item


def kept(_: object) -> bool:
    return True


@operator
def cleaned(step_id: str, up: Stream[RecordBatch]) -> Stream[RecordBatch]:  # noqa: ARG001 - Bytewax's signature
    """An operator as users make them: of others."""
    return map_value("upper", filter_value("some", up, kept), bytes.upper)


@operator
def passed(step_id: str, up: Stream[RecordBatch]) -> Stream[RecordBatch]:  # noqa: ARG001 - Bytewax's signature
    return up


# Every way on from one stream: ours and Bytewax's.
WAYS: list[Callable[[str, Records], Records]] = [
    lambda name, records: map_value(name, records, same),
    lambda name, records: filter_value(name, records, kept),
    lambda name, records: flat_map_value(name, records, lambda value: [value]),
    cleaned,
    passed,
    lambda name, records: op.map(name, records, same),
    lambda name, records: op.filter(name, records, kept),
    op.inspect,
    lambda name, records: op.branch(name, records, kept).trues,
    lambda name, records: op.branch(name, records, kept).falses,
]


def drawn_steps(data: st.DataObject) -> Steps:
    """Up to six steps, each behind any stream that is there.

    Most are no chain from the input to the output.
    """

    def steps(records: Records) -> Records:
        streams = [records]

        def any_of_them() -> Records:
            # The last one more often, or there would be no chain.
            return streams[data.draw(st.integers(-1, len(streams) - 1))]

        for number in range(data.draw(st.integers(0, 6))):
            if data.draw(st.integers(0, 9)) == 0:
                streams.append(op.merge(f"s{number}", any_of_them(), any_of_them()))
            else:
                streams.append(data.draw(st.sampled_from(WAYS))(f"s{number}", any_of_them()))
        return any_of_them()

    return steps


def run(flow: Dataflow) -> None:
    run_main(flow)  # type: ignore[no-untyped-call]  # Bytewax's is untyped
