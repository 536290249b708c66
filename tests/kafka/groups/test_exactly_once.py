"""Exactly once: what it commits, and who may.

tests/guarantees shows that no fault loses or doubles a record.
"""

import random
from collections.abc import Callable

from runtime.exit_codes import Exit
from tests.support import settings
from tests.support.faults.fault_scenario import EXACTLY_ONCE, FaultScenario
from tests.support.load.records import Record
from tests.support.stream import Stream
from tests.support.waiting import wait_for

ReportFigure = Callable[[str], None]


def test_dropped_batches_commit(stream: Stream) -> None:
    """Nothing is produced, and still the offsets go on: in transactions of their own."""
    stream.create(2)
    drop = 'records = filter_value("keep", records, lambda value: value.startswith(b"keep"))'
    stream.with_step(drop, settings=settings.EXACTLY_ONCE).start()
    stream.send(*(Record(b"drop", partition=number % 2) for number in range(500)))
    stream.drain()
    stream.send(Record(b"keep"))
    stream.drain()
    assert [record.value for record in stream.arrived()] == [b"keep"]


def test_two_processes_with_one_id(
    stream: Stream, rng: random.Random, report_figure: ReportFigure
) -> None:
    """The younger one takes over; the older one says so and ends with a code of its own."""
    scenario = FaultScenario(stream, EXACTLY_ONCE, "range", rng)
    first = scenario.join()
    scenario.let_records_pass()
    second = stream.processor(scenario.settings(0)).start()
    wait_for(lambda: first.child.poll() is not None, 30, "the end of the older process")
    assert first.exit_code() == Exit.FENCED, first.tail()
    assert "instance-index" in first.output
    assert "Traceback" not in first.output
    row = scenario.finish("two processes with one id")
    report_figure(str(row))
    row.check()
    second.assert_alive()
