"""The tests can fail: a scenario catches each wrong function and passes the right one."""

import ast
import inspect
import shutil
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from confluent_kafka.cimpl import NewTopic

from connectors.commit.committer import Committer
from connectors.consume.assignment import PartitionAssignment
from connectors.produce.record_producer import RecordProducer
from tests.support.brokers.admin import quick_admin
from tests.support.faults.inject import inject_when_in_flight
from tests.support.load.records import Record, read
from tests.support.processor import DATAFLOW, REPOSITORY
from tests.support.settings import EXACTLY_ONCE
from tests.support.stream import Stream
from tests.support.waiting import wait_for
from text import unchanged

_BINDER = "spring.cloud.stream.kafka.binder"
_CONSUMER = "spring.cloud.stream.bindings.input.consumer"
PARTITIONS = 2


class DeliveryCount(NamedTuple):
    """How many sent records are in neither topic, and how many arrivals are too many.

    Every sent record is different.
    """

    lost: int
    doubled: int


class Sources:
    """A copy of the program, in which a test may replace the body of a function."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for package in (
            "actuator",
            "catalog",
            "config",
            "connectors",
            "formats",
            "functions",
            "python_processor",
            "runtime",
        ):
            shutil.copytree(
                REPOSITORY / package, folder / package, ignore=shutil.ignore_patterns("__pycache__")
            )
        for module in (DATAFLOW.name, "bootstrap.py", "text.py"):
            shutil.copy(REPOSITORY / module, folder / module)

    @property
    def program(self) -> tuple[str]:
        return (str(self.folder / DATAFLOW.name),)

    def replace(self, function: Callable[..., Any], body: str) -> None:
        """Give the function, which is named by the symbol itself, another body in the copy."""
        source = inspect.getsourcefile(function)
        assert source
        module = self.folder / Path(source).relative_to(REPOSITORY)
        text = module.read_text()
        node: ast.AST = ast.parse(text)
        for name in function.__qualname__.split("."):
            node = next(
                each for each in ast.iter_child_nodes(node) if getattr(each, "name", None) == name
            )
        assert isinstance(node, ast.FunctionDef)
        lines = text.splitlines(keepends=True)
        first, last = node.body[0], node.body[-1]
        lines[first.lineno - 1 : last.end_lineno] = [
            textwrap.indent(body.strip(), " " * first.col_offset),
            "\n",
        ]
        module.write_text("".join(lines))


def count_deliveries(stream: Stream, sent: list[Record]) -> DeliveryCount:
    """Once all is committed: the output and the dead letters against what was sent."""
    stream.drain()
    dead = stream.dead_letters
    letters = read(stream.kafka.bootstrap, dead) if dead in stream.topics.names() else []
    arrived = [record.value for record in stream.arrived() + letters]
    return DeliveryCount(
        len({record.value for record in sent} - set(arrived)), len(arrived) - len(set(arrived))
    )


# ---- scenarios


def killed_while_records_wait(stream: Stream, sources: Sources) -> DeliveryCount:
    """The producer takes its time, and the process dies."""
    stream.create(PARTITIONS)
    lingering = {
        "reversestring": "false",
        f"{_BINDER}.producer-properties.linger.ms": "3000",
        "python-processor.commit-interval": "50ms",
    }
    numbers = stream.numbers(1000)
    processor = stream.processor(lingering, sources.program).start().first_answer()
    for _ in range(3):
        stream.members(1)
        numbers.advance(1000)
        inject_when_in_flight(stream, processor, processor.kill)
        processor.start().first_answer()
    return count_deliveries(stream, numbers.finish())


def refused(stream: Stream, sources: Sources, mode: dict[str, str]) -> DeliveryCount:
    """The broker refuses one record among many."""
    stream.topics.create(stream.source, PARTITIONS)
    admin = quick_admin(stream.kafka.bootstrap)
    admin.create_topics(
        [NewTopic(stream.target, PARTITIONS, config={"max.message.bytes": "4000"})]
    )[stream.target].result(30)
    sent = [
        Record(f"{n:04d}".encode() + b" large" * 1000 * (n in {100, 250}), partition=n % PARTITIONS)
        for n in range(300)
    ]
    stream.send(*sent)
    stream.processor({"reversestring": "false"} | mode, sources.program).start().first_answer()
    return count_deliveries(stream, sent)


def refused_without_idempotence(stream: Stream, sources: Sources) -> DeliveryCount:
    """An idempotent producer would stop by itself behind a gap."""
    return refused(stream, sources, {f"{_BINDER}.required-acks": "1"})


def refused_exactly_once(stream: Stream, sources: Sources) -> DeliveryCount:
    return refused(stream, sources, EXACTLY_ONCE)


def a_second_member_while_a_record_waits(stream: Stream, sources: Sources) -> DeliveryCount:
    """A cooperative rebalance leaves the partition of a record that is being retried."""
    stream.create(PARTITIONS)
    cured = sources.folder / "cured"
    waiting = f"""
import os
if b"wait" in value and not os.path.exists({str(cured)!r}):
    print("attempt", flush=True)
    raise ValueError
return value
"""
    sources.replace(unchanged, waiting)
    settings = {
        "reversestring": "false",
        f"{_CONSUMER}.max-attempts": "1000",
        f"{_CONSUMER}.back-off-initial-interval": "500",
        f"{_CONSUMER}.back-off-max-interval": "500",
        f"{_BINDER}.consumer-properties.partition.assignment.strategy": "org.apache.kafka.clients.consumer.CooperativeStickyAssignor",  # noqa: E501 - one text
    }
    sent = [
        Record(f"{n:04d}".encode() + b" wait" * (100 <= n < 102), partition=n % PARTITIONS)
        for n in range(400)
    ]
    first = stream.processor(settings, sources.program).start().running()
    stream.members(1)
    stream.send(*sent[:200])
    wait_for(lambda: "attempt" in first.output, 30, "the record being tried")
    stream.processor(settings, sources.program).start().running()
    wait_for(lambda: "partitions revoked" in first.output, 30, "the rebalance")
    cured.touch()
    stream.members(2)
    stream.send(*sent[200:])
    return count_deliveries(stream, sent)


# ---- mutants


class Mutant(NamedTuple):
    function: Callable[..., Any]
    body: str
    scenario: Callable[[Stream, Sources], DeliveryCount]


MUTANTS = {
    "no flush before a commit": Mutant(
        RecordProducer.flush, "return True", killed_while_records_wait
    ),
    "no rewind after an abort": Mutant(
        Committer._seek_to_committed, "return {}", refused_exactly_once
    ),
    "nothing given back": Mutant(
        PartitionAssignment.seek_back, "pass", a_second_member_while_a_record_waits
    ),
    "a delivery error ignored": Mutant(
        RecordProducer._on_delivery, "pass", refused_without_idempotence
    ),
}


@pytest.mark.parametrize("mutant", MUTANTS)
def test_mutant_is_caught(
    stream: Stream, tmp_path: Path, report_figure: Callable[[str], None], mutant: str
) -> None:
    wrong = MUTANTS[mutant]
    sources = Sources(tmp_path / "sources")
    sources.replace(wrong.function, wrong.body)
    found = wrong.scenario(stream, sources)
    report_figure(f"{found.lost} lost, {found.doubled} doubled")
    assert found.lost or found.doubled


@pytest.mark.parametrize("mutant", MUTANTS)
def test_same_scenario_without_it(
    stream: Stream, tmp_path: Path, report_figure: Callable[[str], None], mutant: str
) -> None:
    found = MUTANTS[mutant].scenario(stream, Sources(tmp_path / "sources"))
    report_figure(f"{found.lost} lost, {found.doubled} doubled")
    assert found.lost == 0
    assert found.doubled == 0 or MUTANTS[mutant].scenario is not refused_exactly_once
