"""All the ways to start the processor mean the same."""

import pytest

from tests.support.load.records import Record
from tests.support.processor import REPOSITORY, By
from tests.support.stream import Stream

IN_REPOSITORY = {"PYTHONPATH": str(REPOSITORY)}
MODULE = ("-m", "bytewax.run", "dataflow")


@pytest.mark.parametrize("by", By)
def test_python_command_reads_all_sources(stream: Stream, by: By) -> None:
    stream.create()
    stream.processor(by=by).start().running()
    stream.send(Record(b"hello world"))
    assert [record.value for record in stream.await_arrivals(1)] == [b"dlrow olleh"]


@pytest.mark.parametrize("by", [By.JSON, By.ENVIRONMENT])
def test_bytewax_run_reads_environment(stream: Stream, by: By) -> None:
    stream.create()
    stream.processor(program=MODULE, by=by, environ=IN_REPOSITORY).start().running()
    stream.send(Record(b"hello world"))
    assert [record.value for record in stream.await_arrivals(1)] == [b"dlrow olleh"]


def test_bytewax_run_passes_arguments(stream: Stream) -> None:
    stream.create()
    program = ("-m", "bytewax.run", "dataflow:flow('--reversestring=true')")
    stream.processor({"reversestring": "false"}, program, environ=IN_REPOSITORY).start().running()
    stream.send(Record(b"hello world"))
    assert [record.value for record in stream.await_arrivals(1)] == [b"dlrow olleh"]


def test_bytewax_visualize_needs_no_broker(stream: Stream) -> None:
    drawn = stream.processor(
        program=("-m", "bytewax.visualize", "dataflow"), environ=IN_REPOSITORY
    ).start()
    assert drawn.exit_code() == 0
    for step in ("input", "reverse", "output"):
        assert step in drawn.output
    assert stream.topics.partitions(stream.source) == 0
