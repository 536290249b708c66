"""A flow that would break the guarantees is refused."""

from pathlib import Path

import pytest

from tests.support.load.numbered import numbers
from tests.support.processor import DATAFLOW, REPOSITORY
from tests.support.settings import EXACTLY_ONCE
from tests.support.stream import Stream


@pytest.mark.parametrize(
    "step",
    [
        'op.collect("gather", records, timedelta(seconds=1), 10)',
        'op.redistribute("spread", records)',
    ],
)
def test_unsafe_step_is_refused_by_name(stream: Stream, step: str) -> None:
    stream.create()
    refused = stream.with_step(
        f'records = op.key_on("key", records, str); records = {step}',
        "from datetime import timedelta",
    ).start()
    assert refused.exit_code() == 1
    (line,) = refused.output.splitlines()
    assert step.split('"')[1] in line


REFUSED = {
    "op.map": 'records = op.map("mine", records, lambda value: value)',
    "two filters merged": (
        'records = op.merge("mine", *(filter_value(name, records, bool) for name in "ab"))'
    ),
    "two readers": 'mapped = map_value("mine", records, reverse)',
    "a second output": 'op.output("mine", records, KafkaSink(source))',
}


@pytest.mark.parametrize("case", REFUSED)
def test_unsafe_flow_is_refused_in_one_line(stream: Stream, case: str) -> None:
    refused = stream.with_step(REFUSED[case], "").start()
    assert refused.exit_code() == 1
    (line,) = refused.output.splitlines()
    assert line.startswith("python-processor: ")
    assert "'mine'" in line


def test_bytewax_command_refuses_it_too(stream: Stream, tmp_path: Path) -> None:
    text = DATAFLOW.read_text().replace(
        "named_functions(records, settings.functions, settings.options)",
        'op.map("mine", records, bytes.upper)',
    )
    (tmp_path / "flow.py").write_text(text)
    program, environ = (
        ("-m", "bytewax.run", str(tmp_path / "flow.py")),
        {"PYTHONPATH": str(REPOSITORY)},
    )
    refused = stream.processor(program=program, environ=environ).start()
    assert refused.exit_code() == 1
    (line,) = refused.output.splitlines()
    assert line.startswith("python-processor: step 'mine': ")


UNGUARDED = {
    "dropped": 'records = op.filter("mine", records, lambda _: False)',
    "merged": 'records = op.merge("mine", *(filter_value(name, records, bool) for name in "ab"))',
}


@pytest.mark.parametrize("settings", [{}, EXACTLY_ONCE], ids=["at least once", "exactly once"])
@pytest.mark.parametrize("case", UNGUARDED)
def test_unguarded_flow_stops_at_lost_batch(
    stream: Stream, case: str, settings: dict[str, str]
) -> None:
    stream.create()
    unguarded = (
        f'{UNGUARDED[case]}; op.output("output", records, KafkaSink(source)); return dataflow'
    )
    processor = stream.with_step(unguarded, settings=settings).start()
    stream.send(*numbers(10))
    assert processor.exit_code() == 1
    (line,) = [line for line in processor.output.splitlines() if " ERROR " in line]
    assert "guarded(dataflow)" in line
    assert stream.topics.committed(stream.group, stream.source).get(0, 0) <= 0
