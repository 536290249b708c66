"""Replay on a real Kafka: killed, stopped, run twice at once, with letters that must not go back;
no letter is lost.
"""

import random
import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from dead_letters.letters.letter import PARKED, REPLAYS
from dead_letters.replaying.progress import group_of
from tests.support.dead_letter_tool import Tool
from tests.support.load.raw_produce import RawRecord, raw_send
from tests.support.load.records import Record, read, send
from tests.support.processor import SECONDS
from tests.support.settings import MODES
from tests.support.stream import Stream
from tests.support.verify.dead_letters import FAILING, ONCE, RAISING, create
from tests.support.waiting import wait_for
from tests.unit.dead_letters.letters import headers

LETTERS, KILLS, PARTITIONS = 10_000, 10, 3
EXACTLY_ONCE = "exactly-once"
both_modes = pytest.mark.parametrize("mode", MODES)


def parked(stream: Stream) -> list[Record]:
    return read(stream.kafka.bootstrap, f"{stream.dead_letters}.parked")


def letter(stream: Stream, number: int, **changes: bytes | None) -> Record:
    """A letter of ours, whose value is its number."""
    partition = number % PARTITIONS
    place = {
        "topic": stream.source.encode(),
        "partition": partition.to_bytes(4, "big"),
        "offset": number.to_bytes(8, "big"),
    }
    return Record(b"%06d" % number, b"k%d" % partition, headers(**(place | changes)), partition)


def create_letters(stream: Stream, number: int, **changes: bytes | None) -> None:
    """The topics of the stream, and so many letters."""
    stream.create(PARTITIONS)
    stream.topics.create(stream.dead_letters, PARTITIONS)
    send(
        stream.kafka.bootstrap,
        stream.dead_letters,
        (letter(stream, each, **changes) for each in range(number)),
    )


def written(stream: Stream) -> int:
    """Records in the source, with those of open and aborted transactions."""
    return sum(stream.topics.ends(stream.source).values())


def check_order(records: list[Record]) -> None:
    """The first arrivals of each partition are in the order of their numbers."""
    last: dict[int, int] = {}
    seen: set[bytes | None] = set()
    for record in records:
        if record.value not in seen:
            seen.add(record.value)
            assert int(record.value or b"") > last.get(record.partition, -1), record
            last[record.partition] = int(record.value or b"")


@both_modes
def test_kill_during_replay(
    stream: Stream, tmp_path: Path, mode: str, chance: random.Random, tell: Callable[[str], None]
) -> None:
    """10,000 letters of a processor whose function fails; ten replays are killed; the mended
    processor gets each record.
    """
    stream.create(PARTITIONS)
    numbers = [
        Record(b"%06d" % n, b"k%d" % (n % PARTITIONS), [("user", b"\x01")], n % PARTITIONS)
        for n in range(LETTERS)
    ]
    failing = stream.own_flow(
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

    tool.replay_and_kill(KILLS, chance)
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
    tell(
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
def test_failing_record_is_parked_after_its_rounds(
    stream: Stream, tmp_path: Path, mode: str
) -> None:
    """A function that is mended for one record of two: one comes out, the other fails again after
    each of three replays.
    """
    stream.create()
    raising = RAISING.replace(
        'b"bad" in value', 'b"bad" in value and (b"mended" not in value or not MENDED.exists())'
    )
    mark = tmp_path / "mended"
    functions = f"from pathlib import Path\nMENDED = Path({str(mark)!r})\n{raising}"
    stream.own_flow(FAILING, functions, ONCE | MODES[mode]).start()
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


def read_numbers(stream: Stream) -> list[int]:
    return [int(record.value or b"") for record in read(stream.kafka.bootstrap, stream.source)]


@both_modes
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_stop_and_go_on(stream: Stream, tmp_path: Path, mode: str, number: signal.Signals) -> None:
    """A stopped replay says so by its exit code and has committed what it has sent; the next one
    goes on after that.
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
    """Under exactly once the second fences the first; otherwise the one that sees the other's
    commit ends.
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


@both_modes
def test_record_that_its_topic_rejects_is_parked(stream: Stream, tmp_path: Path, mode: str) -> None:
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


def test_damaged_letters_are_shown_and_parked(stream: Stream, tmp_path: Path) -> None:
    """Header names that are no UTF-8 too, which the client cannot read; the record itself is
    kept.
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
    """A topic with fewer partitions than it had: Kafka's own choice by key is better than no
    delivery.
    """
    stream.topics.create(stream.source)
    stream.topics.create(stream.dead_letters, PARTITIONS)
    send(stream.kafka.bootstrap, stream.dead_letters, [letter(stream, each) for each in range(9)])
    assert Tool(stream, tmp_path).report("replay")["replayed"] == 9
    assert sorted(read_numbers(stream)) == list(range(9))


def test_letters_that_come_back_wait_for_the_next_run(stream: Stream, tmp_path: Path) -> None:
    """A run ends at the letters that were there at its beginning, although the processor makes new
    ones all the while.
    """
    stream.create()
    stream.own_flow(FAILING, RAISING, ONCE).start()
    stream.send(*(Record(b"bad") for _ in range(300)))
    stream.drain()
    report = Tool(stream, tmp_path).report("replay", "--rate", "100")
    assert report["replayed"] == 300
    stream.drain()
    assert len(read(stream.kafka.bootstrap, stream.dead_letters)) == 600


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
