"""Replay on a real Kafka: which letters go back, and which are parked."""

from collections import Counter
from pathlib import Path

import pytest

from connectors.records.forwarding import PARKED, REPLAYS
from dead_letters.replaying.progress import group_of
from tests.support.dead_letters.failing import FAILING, ONCE, RAISING, create
from tests.support.dead_letters.tool import Tool
from tests.support.dead_letters.topics import (
    PARTITIONS,
    check_order,
    create_letters,
    letter,
    parked,
    read_numbers,
    written,
)
from tests.support.load.raw_produce import RawRecord, raw_send
from tests.support.load.records import Record, read, send
from tests.support.settings import MODES
from tests.support.stream import Stream

EXACTLY_ONCE = "exactly-once"
both_modes = pytest.mark.parametrize("mode", MODES)


@both_modes
def test_failing_record_is_parked_at_limit(stream: Stream, tmp_path: Path, mode: str) -> None:
    """A function that is mended for one record of two.

    One comes out, the other fails again after each of three replays.
    """
    stream.create()
    raising = RAISING.replace(
        'b"bad" in value', 'b"bad" in value and (b"mended" not in value or not MENDED.exists())'
    )
    mark = tmp_path / "mended"
    functions = f"from pathlib import Path\nMENDED = Path({str(mark)!r})\n{raising}"
    stream.with_step(FAILING, functions, ONCE | MODES[mode]).start()
    stream.send(Record(b"bad"), Record(b"good"), Record(b"bad, but mended"))
    stream.drain()
    mark.touch()
    tool = Tool(stream, tmp_path, MODES[mode])
    counts = []
    for _ in range(5):
        report = tool.report("replay")
        counts.append((report["replayed"], report["parked"]))
        stream.drain()
    assert counts == [(2, 0), (1, 0), (1, 0), (0, 1), (0, 0)]
    assert {record.value for record in stream.arrived()} == {b"good", b"bad, but mended"}
    (kept,) = parked(stream)
    found = dict(kept.headers)
    assert (kept.value, found[REPLAYS], found["x-exception-fqcn"]) == (b"bad", b"3", b"ValueError")
    assert (found[PARKED] or b"").endswith(b"replayed 3 times already")
    overview = tool.report("list")
    assert (overview["letters"], overview["open"]) == (5, 0)


@both_modes
def test_filters_leave_all_other_letters(stream: Stream, tmp_path: Path, mode: str) -> None:
    """Replays and a park with filters, then one without: each letter goes on once."""
    create_letters(stream, 30)
    more = [letter(stream, each, fqcn=b"KeyError") for each in range(30, 60)]
    more += [letter(stream, each, fqcn=b"json.decoder.JSONDecodeError") for each in range(60, 90)]
    send(stream.kafka.bootstrap, stream.dead_letters, more)
    tool = Tool(stream, tmp_path, MODES[mode])
    runs = [
        tool.report("replay", "--exception", "JSONDecodeError", "--max", "10"),
        tool.report("replay", "--exception", "JSONDecodeError"),
        tool.report("park", "--exception", "KeyError", "--step", "enrich"),
        tool.report("replay", "--step", "other"),
        tool.report("replay", "--dry-run"),
        tool.report("replay", "--since", "1h"),
        tool.report("replay"),
    ]
    assert [(run["replayed"], run["parked"]) for run in runs] == [
        (10, 0),
        (20, 0),
        (0, 30),
        (0, 0),
        (30, 0),
        (30, 0),
        (0, 0),
    ]
    assert runs[3]["not_matching"] == 90
    assert Counter(read_numbers(stream)) == Counter(
        {each for each in range(90) if each not in range(30, 60)}
    )
    assert {int(record.value or b"") for record in parked(stream)} == set(range(30, 60))
    assert tool.report("list")["open"] == 0


@both_modes
def test_rejected_record_is_parked(stream: Stream, tmp_path: Path, mode: str) -> None:
    """The others of its batch go back, in their order."""
    stream.topics.create(stream.dead_letters, PARTITIONS)
    create(stream, stream.source, PARTITIONS, max_message_bytes="4000")
    large = {7, 20, 21, 59}
    letters = (letter(stream, each) for each in range(60))
    records = [
        each._replace(value=(each.value or b"") + b"0" * 5000)
        if int(each.value or b"") in large
        else each
        for each in letters
    ]
    send(stream.kafka.bootstrap, stream.dead_letters, records)
    report = Tool(stream, tmp_path, MODES[mode]).report("replay")
    assert (report["replayed"], report["parked"]) == (60 - len(large), len(large))
    assert {int((record.value or b"")[:6]) for record in parked(stream)} == large
    arrived = read(stream.kafka.bootstrap, stream.source)
    assert {int(record.value or b"") for record in arrived} == set(range(60)) - large
    assert len(arrived) == 60 - len(large) or mode != EXACTLY_ONCE
    check_order(arrived)


def test_damaged_letter_is_parked(stream: Stream, tmp_path: Path) -> None:
    """Header names that are no UTF-8 too, which the client cannot read.

    The record itself is kept.
    """
    create_letters(stream, 1)
    whole = [(name.encode(), value) for name, value in letter(stream, 1).headers]
    damaged = [
        [(b"\xff\xfe", b"x"), *whole],
        [],
        [(name, b"\x00" if name == b"x-original-partition" else value) for name, value in whole],
        [(name, b"\xff" if name.startswith(b"x-exception") else value) for name, value in whole],
        [(name, value) for name, value in whole if name != b"x-original-topic"],
        [*whole, (REPLAYS.encode(), b"many")],
        [*whole, (b"x-original-topic", b"no-such-topic")],
        [*whole, (b"x-original-topic", stream.dead_letters.encode())],
    ]
    values = [b"damaged %d" % number for number in range(len(damaged))]
    raw_send(
        stream.kafka.bootstrap,
        stream.dead_letters,
        [RawRecord(value, b"k", given) for value, given in zip(values, damaged, strict=True)],
    )
    tool = Tool(stream, tmp_path)
    shown = tool.lines("show", "--payload", "--max", "100")
    assert {each["value"] for each in shown if each["damages"]} == {
        value.decode() for value in values[:6]
    }
    assert tool.run("show", "--payload", "--max", "100").output.count("damage ") >= 6
    assert tool.report("list")["damaged"] == 6
    report = tool.report("replay")
    assert (report["replayed"], report["parked"]) == (1, len(damaged))
    assert {record.value: record.key for record in parked(stream)} == dict.fromkeys(values, b"k")
    assert tool.report("list")["open"] == 0


def test_partition_that_is_gone(stream: Stream, tmp_path: Path) -> None:
    """A topic with fewer partitions than it had.

    Kafka's own choice by key is better than no delivery.
    """
    stream.topics.create(stream.source)
    stream.topics.create(stream.dead_letters, PARTITIONS)
    send(stream.kafka.bootstrap, stream.dead_letters, [letter(stream, each) for each in range(9)])
    assert Tool(stream, tmp_path).report("replay")["replayed"] == 9
    assert sorted(read_numbers(stream)) == list(range(9))


def test_parked_topic_may_not_be_created(stream: Stream, tmp_path: Path) -> None:
    create_letters(stream, 3)
    done = Tool(
        stream, tmp_path, {"spring.cloud.stream.kafka.binder.auto-create-topics": "false"}
    ).run("park")
    assert done.code == 1
    assert f"{stream.dead_letters}.parked" in done.errors
    assert "auto-create-topics" in done.errors
    assert stream.topics.committed(group_of(stream.dead_letters), stream.dead_letters) == {}


def test_dry_run_does_nothing(stream: Stream, tmp_path: Path) -> None:
    create_letters(stream, 30)
    send(stream.kafka.bootstrap, stream.dead_letters, [letter(stream, 30, partition=b"")])
    tool = Tool(stream, tmp_path)
    report = tool.report("replay", "--dry-run")
    assert (report["replayed"], report["parked"], report["dry_run"]) == (30, 1, True)
    assert "would be replayed" in tool.run("replay", "--dry-run").output
    assert written(stream) == 0
    assert f"{stream.dead_letters}.parked" not in stream.topics.names()
    assert stream.topics.committed(group_of(stream.dead_letters), stream.dead_letters) == {}


def test_topic_is_not_there(stream: Stream, tmp_path: Path) -> None:
    done = Tool(stream, tmp_path).run("list", "no-such-topic")
    assert (done.code, done.errors) == (
        1,
        f"python -m dead_letters: there is no topic no-such-topic on {stream.kafka.bootstrap}\n",
    )
