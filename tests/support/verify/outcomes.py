"""What became of each record that was sent: it is out, a dead letter or dropped, and exactly one of
these.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from tests.support.load.hostile_records import HostileRecord, number_of
from tests.support.load.records import Record

# Names the parts of the record for which a dead letter had no room.
OMITTED = "x-dead-letter-omitted"

_ByOffset = defaultdict[int, list[Record]]
# How many output records a value becomes; None: it is a dead letter.
Expected = Callable[[bytes], int | None]


@dataclass(frozen=True)
class Outcomes:
    """The counts of one run, and one line for each record that broke the rule."""

    sent: int
    out: int  # input records with at least one output record
    dead: int
    dropped: int
    repeated: int  # output records and dead letters beyond those due
    wrong: tuple[str, ...]

    def __str__(self) -> str:
        return (
            f"{self.sent} sent = {self.out} out + {self.dead} dead letters + {self.dropped} "
            f"dropped, {self.repeated} repeated"
        )


class Judge:
    """Compares what was sent with the output and the dead letters."""

    def __init__(
        self,
        sent: Sequence[tuple[int, HostileRecord]],
        expected: Expected | None,
        *,
        unchanged: bool,
        repeats: bool,
    ) -> None:
        """Take the records with their offsets.

        Args:
            sent: offset and record.
            expected: of a value; without it each record may be out or dead, a plain one has to be
                out.
            unchanged: the flow does not change values.
            repeats: the broker refused something, so that records were read again; each may have
                come more than once.

        """
        self._sent = dict(sent)
        self._numbers = {record.number: offset for offset, record in sent}
        self._expected = expected
        self._unchanged = unchanged
        self._repeats = repeats

    def judge(self, output: Iterable[Record], letters: Iterable[Record]) -> Outcomes:
        """What became of each record, by all that is in the output and in the topic of dead
        letters.
        """
        arrivals, dead, wrong = self._sorted(output, letters)
        fates = Counter[str]()
        repeated = 0
        for offset, record in self._sent.items():
            came, lettered = arrivals[offset], dead[offset]
            fates["out" if came else "dead" if lettered else "dropped"] += 1
            repeated += max(0, len(came) - len({one.value for one in came})) + max(
                0, len(lettered) - 1
            )
            wrong += [
                f"{fault}: offset {offset}, {record}"
                for fault in self._faults(record, came, lettered)
            ]
        return Outcomes(
            len(self._sent), fates["out"], fates["dead"], fates["dropped"], repeated, tuple(wrong)
        )

    def without_outcome(
        self, output: Iterable[Record], letters: Iterable[Record]
    ) -> list[tuple[int, HostileRecord]]:
        """Offset and record of those that are neither in the output nor dead letters, and are not
        to be dropped.
        """
        arrivals, dead, _ = self._sorted(output, letters)
        due = {
            offset for offset, record in self._sent.items() if (0, 0) not in self._allowed(record)
        }
        return [
            (offset, self._sent[offset]) for offset in sorted(due - arrivals.keys() - dead.keys())
        ]

    def _sorted(
        self, output: Iterable[Record], letters: Iterable[Record]
    ) -> tuple[_ByOffset, _ByOffset, list[str]]:
        """Output records and dead letters by the offset of the record they were made from, and what
        nobody sent.
        """
        arrivals, dead = _ByOffset(list), _ByOffset(list)
        wrong: list[str] = []
        for arrival in output:
            number = number_of(arrival.key, arrival.value, arrival.headers)
            if number in self._numbers:
                arrivals[self._numbers[number]].append(arrival)
            else:
                wrong.append(f"nobody sent the output record {str(arrival)[:300]}")
        for letter in letters:
            dead[int.from_bytes(dict(letter.headers)["x-original-offset"] or b"", "big")].append(
                letter
            )
        wrong += [
            f"nobody sent the record of a dead letter, offset {offset}"
            for offset in dead.keys() - self._sent.keys()
        ]
        return arrivals, dead, wrong

    def _faults(
        self, record: HostileRecord, came: list[Record], lettered: list[Record]
    ) -> Iterable[str]:
        values = {one.value for one in came} if self._repeats else [one.value for one in came]
        fate = len(values), min(1, len(lettered)) if self._repeats else len(lettered)
        allowed = self._allowed(record)
        if fate not in allowed:
            yield (
                f"{fate[0]} output records and {fate[1]} dead letters, not "
                f"{' or '.join(map(str, sorted(allowed)))}"
            )
        if any((one.key or b"") != (record.raw.key or b"") for one in came):
            yield "the key has changed"
        if self._unchanged and any(one.value != record.raw.value for one in came):
            yield "the value has changed"
        for letter in lettered:
            omitted = (dict(letter.headers).get(OMITTED) or b"").decode().split(",")
            if letter.value != (None if "value" in omitted else record.raw.value):
                yield "the value of the dead letter has changed"
            if (letter.key or b"") != (b"" if "key" in omitted else record.raw.key or b""):
                yield "the key of the dead letter has changed"

    def _allowed(self, record: HostileRecord) -> set[tuple[int, int]]:
        """How many output records and dead letters there may be."""
        due: int | None = 1
        if self._expected and record.raw.value is not None:
            due = self._expected(record.raw.value)
        if due is None:
            return {(0, 1)}
        is_good = record.plain or (self._expected and record.readable)
        return {(due, 0)} if is_good else {(due, 0), (0, 1)}
