"""Replay on a real Kafka: killed, stopped, run twice at once; no letter is lost."""

import random
import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from connectors.records.forwarding import REPLAYS
from tests.support.dead_letters.failing import FAILING, ONCE, RAISING
from tests.support.dead_letters.tool import Tool
from tests.support.dead_letters.topics import (
    PARTITIONS,
    check_order,
    create_letters,
    read_numbers,
    written,
)
from tests.support.load.records import Record, read
from tests.support.processor import SECONDS
from tests.support.settings import MODES
from tests.support.stream import Stream
from tests.support.waiting import wait_for

LETTERS, KILLS = 10_000, 10
EXACTLY_ONCE = "exactly-once"
both_modes = pytest.mark.parametrize("mode", MODES)


@both_modes
def test_kill_during_replay(
    stream: Stream,
    tmp_path: Path,
    mode: str,
    rng: random.Random,
    report_figure: Callable[[str], None],
) -> None:
    """10,000 letters of a processor whose function fails; ten replays are killed.

    The mended processor gets each record.
    """
    stream.create(PARTITIONS)
    numbers = [
        Record(b"%06d" % n, b"k%d" % (n % PARTITIONS), [("user", b"\x01")], n % PARTITIONS)
        for n in range(LETTERS)
    ]
    failing = stream.with_step(
        FAILING, RAISING.replace('b"bad" in value', "True"), ONCE | MODES[mode]
    ).start()
    stream.send(*numbers)
    stream.drain(timeout=180)
    failing.signal(signal.SIGTERM)
    assert failing.exit_code() == 0
    letters = read(stream.kafka.bootstrap, stream.dead_letters)
    assert len(letters) == LETTERS
    tool = Tool(stream, tmp_path, MODES[mode])
    begins = stream.topics.ends(stream.source)

    tool.replay_and_kill(KILLS, rng)
    report = tool.report("replay")
    assert report["complete"]
    assert 0 < report["replayed"] < LETTERS
    assert report["parked"] == 0

    replayed = [
        record
        for record in read(stream.kafka.bootstrap, stream.source)
        if record.offset >= begins[record.partition]
    ]
    doubled = len(replayed) - len({record.value for record in replayed})
    ends = sum(stream.topics.ends(stream.source).values()) - sum(begins.values())
    report_figure(
        f"{mode}: {KILLS} kills, {doubled} doubled, {ends - len(replayed)} aborted records and "
        f"markers; last run {report['replayed']}"
    )
    assert {record.value for record in replayed} == {record.value for record in numbers}
    assert doubled == 0 or mode != EXACTLY_ONCE
    check_order(replayed)
    for record in replayed:
        assert (record.key, record.partition) == (
            b"k%d" % record.partition,
            int(record.value or b"") % PARTITIONS,
        )
        assert record.headers == [("user", b"\x01"), (REPLAYS, b"1")]
    assert tool.report("replay")["replayed"] == 0
    assert len(read(stream.kafka.bootstrap, stream.dead_letters)) == LETTERS, "nothing is deleted"

    stream.processor({"reversestring": "false"} | MODES[mode]).start()
    stream.drain(timeout=180)
    arrived = stream.arrived()
    assert {record.value for record in arrived} == {record.value for record in numbers}
    assert len(arrived) == len(replayed)


@both_modes
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_stop_and_go_on(stream: Stream, tmp_path: Path, mode: str, number: signal.Signals) -> None:
    """A stopped replay says so by its exit code and has committed what it has sent.

    The next one goes on after that.
    """
    create_letters(stream, 600)
    tool = Tool(stream, tmp_path, MODES[mode])
    run = tool.start("replay", "--rate", "100")
    wait_for(lambda: written(stream) > 0, SECONDS, "the first records")
    run.signal(number)
    assert run.exit_code() == 128 + number
    assert "the same command goes on from here" in run.output
    first = len(read_numbers(stream))
    assert 0 < first < 600
    assert tool.report("replay")["replayed"] == 600 - first
    assert sorted(read_numbers(stream)) == list(range(600))


@both_modes
def test_two_runs_at_once(stream: Stream, tmp_path: Path, mode: str) -> None:
    """Under exactly once the second fences the first.

    Otherwise the one that sees the other's commit ends.
    """
    create_letters(stream, 3000)
    tool = Tool(stream, tmp_path, MODES[mode])
    first = tool.start("replay", "--rate", "60")
    wait_for(lambda: written(stream) > 0, SECONDS, "records of the first run")
    second = tool.run("replay")
    if mode == EXACTLY_ONCE or second.code == 0:
        assert (first.exit_code(), second.code) == (1, 0)
        assert "another replay or park" in first.output
        assert "Traceback" not in first.output
    else:
        assert "another replay or park" in second.errors
        first.signal(signal.SIGTERM)
        assert first.exit_code() == 128 + signal.SIGTERM
    tool.report("replay")
    found = Counter(read_numbers(stream))
    assert set(found) == set(range(3000))
    assert found.total() == 3000 or mode != EXACTLY_ONCE


def test_returning_letters_wait_for_next_run(stream: Stream, tmp_path: Path) -> None:
    """A run ends at the letters present at its start, although the processor makes new ones."""
    stream.create()
    stream.with_step(FAILING, RAISING, ONCE).start()
    stream.send(*(Record(b"bad") for _ in range(300)))
    stream.drain()
    report = Tool(stream, tmp_path).report("replay", "--rate", "100")
    assert report["replayed"] == 300
    stream.drain()
    assert len(read(stream.kafka.bootstrap, stream.dead_letters)) == 600


@both_modes
def test_broker_dies_during_replay(own_stream: Stream, tmp_path: Path, mode: str) -> None:
    """The same run goes on when the broker is back."""
    create_letters(own_stream, 1500)
    tool = Tool(own_stream, tmp_path, MODES[mode])
    run = tool.start("replay", "--rate", "300")
    wait_for(lambda: written(own_stream) > 0, SECONDS, "the first records")
    with own_stream.kafka.away():
        run.assert_alive()
    assert run.exit_code(180) == 0, run.tail()
    found = Counter(read_numbers(own_stream))
    assert set(found) == set(range(1500))
    assert found.total() == 1500 or mode != EXACTLY_ONCE
    check_order(read(own_stream.kafka.bootstrap, own_stream.source))
