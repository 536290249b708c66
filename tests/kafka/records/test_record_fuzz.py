"""Whatever a record holds and whatever a function does with it: it is out, a dead letter or
dropped, and the process goes on.

A failed run prints its seed and the records at fault; `--seed` repeats it.
"""

import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.load.careless_functions import expected_of_convert, expected_results
from tests.support.load.hostile_records import HostileRecord, HostileRecords
from tests.support.load.raw_produce import raw_send
from tests.support.load.records import Record, read
from tests.support.processor import Processor
from tests.support.settings import MODES
from tests.support.stream import Stream
from tests.support.verify.outcomes import Expected, Judge, Outcomes

_CONSUMER = "spring.cloud.stream.bindings.input.consumer"
_PRODUCER = "spring.cloud.stream.bindings.output.producer"
QUICK = {
    f"{_CONSUMER}.max-attempts": "2",
    f"{_CONSUMER}.back-off-initial-interval": "1",
    f"{_CONSUMER}.back-off-max-interval": "1",
    "python-processor.commit-interval": "200ms",
}
AS_IT_IS = {"reversestring": "false"}
FUNCTIONS = (
    "import faulthandler; faulthandler.enable()\nfrom "
    "tests.support.load.careless_functions import convert, keep, split"
)
CHAIN = (
    'map_value("convert", flat_map_value("split", filter_value("keep", records, keep), '
    "split), convert)"
)
PARTITIONS = 3
RECORDS = 200  # for each flow and guarantee
MANY_RECORDS = 960
WARM_UP_ROUNDS = 5
GROWTH_BYTES = 16 << 20
LIMIT_BYTES = 1_048_588  # of a batch, by default
DRAIN_S = 60  # for some hundred records
# Of the log line: the broker refused a record, so that records are read again.
SEARCHING = "record by record"

EXPRESSIONS = [
    "payload",
    "payload.hashCode()",
    "payload.length() % 5",
    "new String(payload)",
    "payload.a",
    "payload.a.hashCode() % 7",
    "payload['a'].length()",
    "payload.a.toString()",
    "payload.b[0]",
    "payload.b[1] % 2",
    "headers['x']",
    "headers['x'].hashCode() % 3",
    "headers['x'].toString()",
    "headers['x'].y",
    "headers['x'].y.length()",
    "headers['kafka_receivedMessageKey'].length()",
    "key",
    "key.hashCode() % 4",
    "key.length()",
]
SELECTORS = ["", "", "#root.hashCode() % 5", "toString().length()"]


@dataclass(frozen=True)
class Flow:
    """A processor, and what is known of the records that it makes."""

    settings: dict[str, str] = field(default_factory=dict)
    step: str = ""  # in place of the map step; "": as delivered
    expected: Expected | None = None  # see Judge
    unchanged: bool = False


def placing(expression: str, selector: str = "") -> Flow:
    """A flow that places records by a partition key expression."""
    settings = AS_IT_IS | {f"{_PRODUCER}.partition-key-expression": expression}
    if selector:
        settings[f"{_PRODUCER}.partition-selector-expression"] = selector
    return Flow(settings, unchanged=True)


FLOWS = {
    "reverse": Flow(),
    "unchanged": Flow(AS_IT_IS, unchanged=True),
    "convert": Flow(
        step='records = map_value("convert", records, convert)', expected=expected_of_convert
    ),
    "chain": Flow(step=f"records = {CHAIN}", expected=expected_results),
    "with content type": Flow(
        AS_IT_IS | {"spring.cloud.stream.bindings.output.content-type": "text/plain"},
        unchanged=True,
    ),
}
both_modes = pytest.mark.parametrize("mode", MODES)


def any_placing(chance: random.Random) -> Flow:
    return placing(chance.choice(EXPRESSIONS), chance.choice(SELECTORS))


class Fuzz:
    """One processor that is sent hostile records, round after round."""

    def __init__(self, stream: Stream, flow: Flow, mode: str, records: HostileRecords) -> None:
        self._stream, self._flow, self._records = stream, flow, records
        self._sent: list[tuple[int, HostileRecord]] = []
        stream.topics.create(stream.source)
        stream.topics.configure(stream.source, retention_ms="-1")  # some records are from 1970
        stream.topics.create(stream.target, PARTITIONS)
        settings = QUICK | MODES[mode] | flow.settings
        self._settings = settings
        self.processor = self._made(settings).start()

    def _made(self, settings: dict[str, str]) -> Processor:
        if self._flow.step:
            return self._stream.own_flow(self._flow.step, FUNCTIONS, settings)
        return self._stream.processor(settings, environ={"PYTHONFAULTHANDLER": "1"})

    def round(self, count: int) -> None:
        """Send `count` records and wait until they are committed."""
        self.send(self._records.take(count))

    def send(self, taken: Sequence[HostileRecord]) -> None:
        """Send records and wait until they are committed; an AssertionError names those at which
        the processor ended or stands.
        """
        offsets = raw_send(
            self._stream.kafka.bootstrap, self._stream.source, [record.raw for record in taken]
        )
        self._sent += zip(offsets, taken, strict=True)
        try:
            self._stream.drain(DRAIN_S)
        except AssertionError as error:
            shown = "\n".join(f"offset {offset}, {record}" for offset, record in self.suspects())
            raise AssertionError(
                f"{error}\nIt is one of these records, most likely the first:\n{shown}"
            ) from None

    def suspects(self) -> list[tuple[int, HostileRecord]]:
        """The records at which the processor ended or stands: a second one goes on one by one, and
        stops there too.
        """
        self.processor.end()
        second = self._made(self._settings | {"python-processor.batch-size": "1"}).start()
        with suppress(AssertionError):  # it ends, or stands still
            self._stream.drain(DRAIN_S)
        second.end()
        judge = self._judge(repeats=True)
        return judge.without_outcome(self._stream.arrived(), self._dead_letters())[:3]

    def outcomes(self) -> Outcomes:
        """Judge all that was sent."""
        judge = self._judge(repeats=SEARCHING in self.processor.output)
        return judge.judge(self._stream.arrived(), self._dead_letters())

    def _judge(self, *, repeats: bool) -> Judge:
        return Judge(
            self._sent, self._flow.expected, unchanged=self._flow.unchanged, repeats=repeats
        )

    def _dead_letters(self) -> list[Record]:
        return read(self._stream.kafka.bootstrap, self._stream.dead_letters)

    def resident_bytes(self) -> int:
        """The memory of the processor."""
        status = Path(f"/proc/{self.processor.child.pid}/status").read_text()
        return 1024 * int(status.split("VmRSS:")[1].split()[0])


def assert_each_has_one_outcome(fuzz: Fuzz, tell: Callable[[str], None]) -> None:
    outcomes = fuzz.outcomes()
    tell(str(outcomes))
    fuzz.processor.assert_alive()
    shown = "\n".join(outcomes.wrong[:10])
    assert not outcomes.wrong, f"{outcomes}; {len(outcomes.wrong)} wrong ones:\n{shown}"


@pytest.mark.parametrize("kind", ["reverse", "unchanged", "convert", "chain", "placing"])
@both_modes
def test_each_record_has_one_outcome(
    stream: Stream, mode: str, kind: str, chance: random.Random, tell: Callable[[str], None]
) -> None:
    fuzz = Fuzz(stream, FLOWS.get(kind) or any_placing(chance), mode, HostileRecords(chance))
    fuzz.round(RECORDS)
    assert_each_has_one_outcome(fuzz, tell)


@pytest.mark.long
@pytest.mark.parametrize("kind", [*FLOWS, *EXPRESSIONS])
@both_modes
def test_many_records_have_one_outcome(
    stream: Stream, mode: str, kind: str, chance: random.Random, tell: Callable[[str], None]
) -> None:
    """In both guarantees together, more than 20,000 records each."""
    fuzz = Fuzz(
        stream,
        FLOWS.get(kind) or placing(kind, chance.choice(SELECTORS)),
        mode,
        HostileRecords(chance),
    )
    for _ in range(3):
        fuzz.round(MANY_RECORDS // 3)
    assert_each_has_one_outcome(fuzz, tell)


@pytest.mark.long
@pytest.mark.parametrize("kind", ["reverse", "chain", "placing"])
@both_modes
def test_memory_stays_flat(
    stream: Stream, mode: str, kind: str, chance: random.Random, tell: Callable[[str], None]
) -> None:
    fuzz = Fuzz(stream, FLOWS.get(kind) or placing("headers['x'].y"), mode, HostileRecords(chance))
    for _ in range(WARM_UP_ROUNDS):
        fuzz.round(1000)
    before = fuzz.resident_bytes()
    for _ in range(10):
        fuzz.round(1000)
    growth = fuzz.resident_bytes() - before
    tell(
        f"{before >> 20} MiB after {WARM_UP_ROUNDS},000 records, {growth / (1 << 20):+.1f} MiB "
        f"after 10,000 more"
    )
    assert_each_has_one_outcome(fuzz, tell)
    assert growth < GROWTH_BYTES


@pytest.mark.parametrize("kind", ["reverse", pytest.param("placing", marks=pytest.mark.long)])
@both_modes
def test_large_records_have_one_outcome(
    stream: Stream, mode: str, kind: str, chance: random.Random, tell: Callable[[str], None]
) -> None:
    """Parts of some 100 kB each, and whole records that fill a batch: their dead letters have no
    room for all of it.
    """
    records = HostileRecords(chance, large=0.2)
    fuzz = Fuzz(stream, FLOWS.get(kind) or placing("payload.a"), mode, records)
    fuzz.send([*records.take(30), *records.filling(LIMIT_BYTES), *records.take(10)])
    assert_each_has_one_outcome(fuzz, tell)


@pytest.mark.long
@both_modes
def test_records_above_the_client_limit(
    stream: Stream, mode: str, chance: random.Random, tell: Callable[[str], None]
) -> None:
    """The input takes records of 10 MB; the producer's limit and those of the output are as they
    are by default.
    """
    records = HostileRecords(chance)
    fuzz = Fuzz(stream, FLOWS["unchanged"], mode, records)
    stream.topics.configure(stream.source, max_message_bytes=str(20 * LIMIT_BYTES))
    fuzz.send([*records.take(20), *records.filling(10 * LIMIT_BYTES), *records.take(20)])
    assert_each_has_one_outcome(fuzz, tell)


@pytest.mark.long
@both_modes
def test_records_without_a_key_for_a_compacted_topic(
    stream: Stream, mode: str, chance: random.Random, tell: Callable[[str], None]
) -> None:
    """The broker refuses them one by one."""
    fuzz = Fuzz(stream, FLOWS["reverse"], mode, HostileRecords(chance))
    stream.topics.configure(stream.target, cleanup_policy="compact")
    fuzz.round(100)
    assert_each_has_one_outcome(fuzz, tell)
