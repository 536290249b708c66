"""`running` and ready mean that the partitions are assigned, and a new cluster passes `--check` at
the first try.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.brokers.kafka import Kafka
from tests.support.load.records import Record
from tests.support.processor import DATAFLOW
from tests.support.settings import PROTOCOLS
from tests.support.stream import Stream
from tests.support.waiting import wait_for

DELAY_MS = 5000


class SlowGroupKafka(Kafka):
    """A group waits for further members before it assigns its partitions, as Kafka does by default
    (3 s).
    """

    def _settings(self, node: int) -> dict[str, object]:
        return super()._settings(node) | {"group.initial.rebalance.delay.ms": DELAY_MS}


@pytest.fixture
def new_kafka(tmp_path: Path) -> Iterator[Kafka]:
    with SlowGroupKafka(tmp_path / "kafka") as running:
        yield running


@pytest.fixture
def new_stream(new_kafka: Kafka, tmp_path: Path, name: str) -> Iterator[Stream]:
    made = Stream(new_kafka, tmp_path, name)
    yield made
    made.end()


def test_check_of_a_new_cluster(new_stream: Stream) -> None:
    """Nobody has used a group there: the coordinator's topic does not exist yet."""
    new_stream.create()
    checked = new_stream.processor(program=(str(DATAFLOW), "--check")).start()
    code = checked.exit_code()
    assert "FAILED" not in checked.output
    assert f"  ok     group {new_stream.group}: 0 member(s)" in checked.output
    assert code == 0


def test_running_before_the_assignment(new_stream: Stream) -> None:
    new_stream.create()
    processor = new_stream.processor(PROTOCOLS["range"]).start().first_answer()
    seen = set()

    def assigned() -> bool:
        state = processor.binding()["state"]
        ready = processor.request("GET", "/actuator/health/readiness")[0]
        # Asked last: what was said before holds for a moment before.
        if "partitions assigned: " in processor.output:
            return True
        seen.add((state, ready))
        return False

    wait_for(assigned, 30, "the assignment")
    assert seen == {("stopped", 503)}


def test_anonymous_group_from_running_on(new_stream: Stream) -> None:
    """It reads from the end: what is sent once it is `running` comes out."""
    new_stream.create()
    processor = (
        new_stream.processor(PROTOCOLS["range"] | {"spring.cloud.stream.bindings.input.group": ""})
        .start()
        .running()
    )
    new_stream.send(Record(b"abc"))
    assert [record.value for record in new_stream.await_arrivals(1)] == [b"cba"]
    processor.assert_alive()
