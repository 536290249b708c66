"""Processors under hostile records, and the outcome of each record."""

import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

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


def any_placing(rng: random.Random) -> Flow:
    return placing(rng.choice(EXPRESSIONS), rng.choice(SELECTORS))


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
            return self._stream.with_step(self._flow.step, FUNCTIONS, settings)
        return self._stream.processor(settings, environ={"PYTHONFAULTHANDLER": "1"})

    def round(self, count: int) -> None:
        """Send `count` records and wait until they are committed."""
        self.send(self._records.take(count))

    def send(self, taken: Sequence[HostileRecord]) -> None:
        """Send records and wait until they are committed.

        An AssertionError names those at which the processor ended or stands.
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
        """The records at which the processor ended or stands.

        A second one goes on one by one, and stops there too.
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


def assert_each_has_one_outcome(fuzz: Fuzz, report_figure: Callable[[str], None]) -> None:
    outcomes = fuzz.outcomes()
    report_figure(str(outcomes))
    fuzz.processor.assert_alive()
    shown = "\n".join(outcomes.wrong[:10])
    assert not outcomes.wrong, f"{outcomes}; {len(outcomes.wrong)} wrong ones:\n{shown}"
