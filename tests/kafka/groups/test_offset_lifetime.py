"""Offsets of fixed partitions: to the broker the group has no members, so it deletes offsets that
are not committed again.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.brokers.kafka import Kafka
from tests.support.load.records import Record
from tests.support.settings import MODES
from tests.support.stream import Stream
from tests.support.verify.groups import KAFKA_INPUT, leave
from tests.support.waiting import let_pass

RETENTION_S = 60  # the shortest that Kafka allows
FIXED = {f"{KAFKA_INPUT}.auto-rebalance-enabled": "false", "reversestring": "false"}


class ForgetfulKafka(Kafka):
    """Deletes the offsets of groups without members after a minute."""

    def _settings(self, node: int) -> dict[str, object]:
        retention = {
            "offsets.retention.minutes": RETENTION_S // 60,
            "offsets.retention.check.interval.ms": 1000,
        }
        return super()._settings(node) | retention


@pytest.fixture(scope="module")
def forgetful(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    with ForgetfulKafka(tmp_path_factory.mktemp("forgetful")) as running:
        yield running


@pytest.mark.parametrize("mode", MODES)
def test_idle_fixed_partitions_keep_offsets(
    forgetful: Kafka, tmp_path: Path, name: str, mode: str
) -> None:
    """One partition stays idle from the start, the other has moved before."""
    stream = Stream(forgetful, tmp_path, name)
    stream.create(2)
    stream.send(Record(b"first", partition=0), Record(b"first", partition=1))
    processor = stream.processor(FIXED | MODES[mode]).start().running()
    try:
        stream.drain()
        leave(processor)
        processor.start().running()
        stream.send(Record(b"second", partition=0))
        stream.drain()
        let_pass(RETENTION_S + 15)
        assert stream.topics.committed(stream.group, stream.source) == {0: 2, 1: 1}
        leave(processor)
        processor.start().running()
        stream.send(Record(b"last", partition=0), Record(b"last", partition=1))
        stream.drain()
        assert sorted(record.value or b"" for record in stream.arrived()) == [b"first"] * 2 + [
            b"last"
        ] * 2 + [b"second"]
    finally:
        stream.end()
