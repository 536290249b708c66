"""The tests can fail: sources in which one line is wrong are caught by a scenario that the right ones pass."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from confluent_kafka.cimpl import NewTopic

from tests.support.faults import strike
from tests.support.processor import DATAFLOW, REPOSITORY
from tests.support.records import Record, read
from tests.support.settings import EXACTLY_ONCE
from tests.support.stream import Stream
from tests.support.topics import quick_admin
from tests.support.waiting import wait_for

_BINDER = "spring.cloud.stream.kafka.binder"
_CONSUMER = "spring.cloud.stream.bindings.input.consumer"
PARTITIONS = 2


class Books(NamedTuple):
    """Of the records sent, all different: how many are in neither topic, and how many arrivals are too many."""

    lost: int
    doubled: int


class Sources:
    """A copy of the program, in which a test may change a line."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for package in ("actuator", "config", "connectors", "formats", "runtime"):
            shutil.copytree(REPOSITORY / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
        for module in (DATAFLOW.name, "text.py"):
            shutil.copy(REPOSITORY / module, folder / module)

    @property
    def program(self) -> tuple[str]:
        return (str(self.folder / DATAFLOW.name),)

    def change(self, module: str, line: str, other: str) -> None:
        """Everywhere in the module; AssertionError when it has no such line."""
        text = (self.folder / module).read_text()
        assert line in text, f"{module} has no {line!r} any more: this mutant needs another one"
        (self.folder / module).write_text(text.replace(line, other))


def books(stream: Stream, sent: list[Record]) -> Books:
    """Once all is committed: the output and the dead letters against what was sent."""
    stream.drain()
    dead = stream.dead_letters
    letters = read(stream.kafka.bootstrap, dead) if dead in stream.topics.names() else []
    arrived = [record.value for record in stream.arrived() + letters]
    return Books(len({record.value for record in sent} - set(arrived)), len(arrived) - len(set(arrived)))


# ---- scenarios


def killed_while_records_wait(stream: Stream, sources: Sources) -> Books:
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
        strike(stream, processor, processor.kill)
        processor.start().first_answer()
    return books(stream, numbers.finish())


def refused(stream: Stream, sources: Sources, mode: dict[str, str]) -> Books:
    """The broker refuses one record among many."""
    stream.topics.create(stream.source, PARTITIONS)
    admin = quick_admin(stream.kafka.bootstrap)
    admin.create_topics([NewTopic(stream.target, PARTITIONS, config={"max.message.bytes": "4000"})])[stream.target].result(30)
    sent = [Record(f"{n:04d}".encode() + b" large" * 1000 * (n in {100, 250}), partition=n % PARTITIONS) for n in range(300)]
    stream.send(*sent)
    stream.processor({"reversestring": "false"} | mode, sources.program).start().first_answer()
    return books(stream, sent)


def refused_without_idempotence(stream: Stream, sources: Sources) -> Books:
    """An idempotent producer would stop by itself behind a gap."""
    return refused(stream, sources, {f"{_BINDER}.required-acks": "1"})


def refused_exactly_once(stream: Stream, sources: Sources) -> Books:
    return refused(stream, sources, EXACTLY_ONCE)


def a_second_member_while_a_record_waits(stream: Stream, sources: Sources) -> Books:
    """A record in hand is tried again and again; then a rebalance that leaves its partition here, for it is cooperative."""
    stream.create(PARTITIONS)
    cured = sources.folder / "cured"
    function = f"""
def waiting(value):
    if b"wait" in value and not os.path.exists({str(cured)!r}):
        print("attempt", flush=True)
        raise ValueError
    return value


def flow("""
    sources.change(DATAFLOW.name, "def flow(", function.lstrip())
    sources.change(
        DATAFLOW.name, "named_functions(records, settings.functions, settings.options)", 'map_value("reverse", records, waiting)'
    )
    settings = {
        f"{_CONSUMER}.max-attempts": "1000",
        f"{_CONSUMER}.back-off-initial-interval": "500",
        f"{_CONSUMER}.back-off-max-interval": "500",
        f"{_BINDER}.consumer-properties.partition.assignment.strategy": "org.apache.kafka.clients.consumer.CooperativeStickyAssignor",
    }
    sent = [Record(f"{n:04d}".encode() + b" wait" * (100 <= n < 102), partition=n % PARTITIONS) for n in range(400)]
    first = stream.processor(settings, sources.program).start().running()
    stream.members(1)
    stream.send(*sent[:200])
    wait_for(lambda: "attempt" in first.output, 30, "the record being tried")
    stream.processor(settings, sources.program).start().running()
    wait_for(lambda: "partitions revoked" in first.output, 30, "the rebalance")
    cured.touch()
    stream.members(2)
    stream.send(*sent[200:])
    return books(stream, sent)


# ---- mutants


class Mutant(NamedTuple):
    module: str
    line: str
    other: str
    scenario: Callable[[Stream, Sources], Books]


MUTANTS = {
    "commit before the flush": Mutant(
        "connectors/at_least_once.py", "if not self._output.delivered(FLUSH):", "if False:", killed_while_records_wait
    ),
    "no rewind after an abort": Mutant(
        "connectors/exactly_once.py", "[self._transaction.abort, self._rewind]", "[self._transaction.abort]", refused_exactly_once
    ),
    "nothing given back": Mutant(
        "connectors/membership.py",
        "for key, offset in first.items():",
        "for key, offset in ():",
        a_second_member_while_a_record_waits,
    ),
    "a delivery error ignored": Mutant(
        "connectors/output.py",
        "if error.code() in _PURGED:",
        "if error.code():",
        refused_without_idempotence,
    ),
}


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_mutant_is_caught(stream: Stream, tmp_path: Path, tell: Callable[[str], None], mutant: str) -> None:
    wrong = MUTANTS[mutant]
    sources = Sources(tmp_path / "sources")
    sources.change(wrong.module, wrong.line, wrong.other)
    found = wrong.scenario(stream, sources)
    tell(f"{found.lost} lost, {found.doubled} doubled")
    assert found.lost or found.doubled


@pytest.mark.parametrize("mutant", MUTANTS)
def test_the_same_scenario_without_it(stream: Stream, tmp_path: Path, tell: Callable[[str], None], mutant: str) -> None:
    found = MUTANTS[mutant].scenario(stream, Sources(tmp_path / "sources"))
    tell(f"{found.lost} lost, {found.doubled} doubled")
    assert found.lost == 0
    assert found.doubled == 0 or MUTANTS[mutant].scenario is not refused_exactly_once
