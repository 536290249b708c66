"""Letters that applications of Spring Cloud Stream 4.3 and 5.0 wrote.

Listed, replayed, killed meanwhile, parked after their rounds.
"""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from connectors.records.forwarding import PARKED, REPLAYS
from tests.compatibility.spring.apps import FUNCTIONS, Apps
from tests.support.dead_letters.tool import Tool
from tests.support.load.records import Record, read
from tests.support.settings import EXACTLY_ONCE
from tests.support.spring import GENERATIONS
from tests.support.stream import Stream
from tests.support.waiting import wait_for

LETTERS, KILLS, PARTITIONS = 10_000, 10, 3
FEW = 20
SPRINGS_S = 120  # to fail with so many records

of_both_generations = pytest.mark.parametrize("generation", GENERATIONS)


def letters_of(stream: Stream) -> str:
    """The dead letter topic of the failing application."""
    return f"error.{stream.source}.{stream.group}-failing"


def count(stream: Stream, topic: str) -> int:
    return sum(stream.topics.ends(topic).values())


@contextmanager
def failing(stream: Stream, folder: Path, generation: str, letters: int) -> Iterator[None]:
    """An application that fails for every record, once it has made its first dead letters."""
    stream.create(PARTITIONS)
    stream.topics.create(letters_of(stream), PARTITIONS)
    others = {name: [f"{stream.group}.{name}"] for name in ("source", "relayed", *FUNCTIONS)}
    for (name,) in others.values():
        stream.topics.create(name)
    stream.send(
        *(
            Record(b"%06d" % n, b"k%d" % (n % PARTITIONS), [("broken", b"1")], n % PARTITIONS)
            for n in range(letters)
        )
    )
    with Apps(
        generation,
        folder,
        stream.kafka.bootstrap,
        stream.group,
        others | {"failing": [stream.source]},
    ):
        wait_for(
            lambda: count(stream, letters_of(stream)) == letters,
            SPRINGS_S,
            f"{letters} letters of Spring",
        )
        yield


@of_both_generations
def test_kill_during_replay(
    stream: Stream,
    tmp_path: Path,
    generation: str,
    rng: random.Random,
    report_figure: Callable[[str], None],
) -> None:
    """Ten replays of 10,000 letters are killed.

    Each record comes back once, in order, and our processor takes it.
    """
    with failing(stream, tmp_path, generation, LETTERS):
        pass
    begins = stream.topics.ends(stream.source)
    tool = Tool(stream, tmp_path, EXACTLY_ONCE)
    overview = tool.report("list", letters_of(stream))
    assert (overview["letters"], overview["open"], overview["damaged"]) == (LETTERS, LETTERS, 0)
    assert [row["exception"] for row in overview["by_exception"]] == [
        "java.lang.IllegalArgumentException"
    ]
    assert [row["step"].split("$")[:2] for row in overview["by_step"]] == [
        ["Apps.lambda", "failing"]
    ]
    tool.replay_and_kill(KILLS, rng, letters_of(stream))
    report = tool.report("replay", letters_of(stream))
    assert 0 < report["replayed"] < LETTERS
    replayed = [
        record
        for record in read(stream.kafka.bootstrap, stream.source)
        if record.offset >= begins[record.partition]
    ]
    report_figure(f"{len(replayed)} of {LETTERS} replayed; the last run {report['replayed']}")
    for partition in range(PARTITIONS):
        mine = [int(record.value or b"") for record in replayed if record.partition == partition]
        assert mine == list(range(partition, LETTERS, PARTITIONS))
    assert {record.key for record in replayed} == {b"k0", b"k1", b"k2"}
    assert all(record.headers == [("broken", b"1"), (REPLAYS, b"1")] for record in replayed)
    stream.processor({"reversestring": "false"} | EXACTLY_ONCE).start()
    stream.drain(timeout=180)
    assert sorted(int(record.value or b"") for record in stream.arrived()) == sorted(
        [*range(LETTERS)] * 2
    )


@of_both_generations
def test_repeated_failures_are_parked(stream: Stream, tmp_path: Path, generation: str) -> None:
    """Spring hands our count on from letter to letter."""
    topic = letters_of(stream)
    tool = Tool(stream, tmp_path)
    with failing(stream, tmp_path, generation, FEW):
        for rounds in range(1, 4):
            report = tool.report("replay", topic)
            assert (report["replayed"], report["parked"]) == (FEW, 0)
            wait_for(
                lambda rounds=rounds: count(stream, topic) == FEW * (rounds + 1),  # type: ignore[misc]  # mypy cannot see its default
                SPRINGS_S,
                "the letters again",
            )
        report = tool.report("replay", topic)
    assert (report["replayed"], report["parked"]) == (0, FEW)
    found = read(stream.kafka.bootstrap, f"{topic}.parked")
    assert sorted(record.value or b"" for record in found) == [
        b"%06d" % number for number in range(FEW)
    ]
    for record in found:
        last = dict(record.headers)
        assert last[REPLAYS] == b"3"
        assert (last[PARKED] or b"").endswith(b"replayed 3 times already")
        assert last["x-original-topic"] == stream.source.encode()
