"""Compares the records that were sent with those that arrived."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from tests.support.load.records import Record


@dataclass(frozen=True)
class Count:
    """What became of the records that were sent."""

    sent: int
    lost: tuple[str, ...]
    doubled: int  # arrivals beyond the first of each record
    disordered: tuple[str, ...]  # among first arrivals, per key and per partition they came from
    wrong: tuple[str, ...]  # arrivals that nothing that was sent can have become

    def __str__(self) -> str:
        def some(found: Sequence[str]) -> str:
            return f"{len(found)}" + (
                f" ({'; '.join(found[:3])}{' ...' if len(found) > 3 else ''})" if found else ""
            )

        return (
            f"{self.sent} sent, {some(self.lost)} lost, {self.doubled} doubled, "
            f"{some(self.disordered)} out of order, {some(self.wrong)} wrong"
        )

    @property
    def nothing_lost(self) -> bool:
        """At least once: each record has arrived, right and in order.

        Some may have arrived again.
        """
        return not (self.lost or self.disordered or self.wrong)


def reversed_text(value: bytes) -> bytes:
    """What the processor makes of a value without combining characters."""
    return value.decode()[::-1].encode()


def count(
    sent: Iterable[Record],
    arrived: Iterable[Record],
    become: Callable[[bytes], bytes] = reversed_text,
) -> Count:
    """Compare what was sent with what arrived.

    Sent values are all different, in the order of sending; arrivals are in the order of each
    partition.
    """
    expected = {
        become(record.value): (number, record)
        for number, record in enumerate(sent)
        if record.value is not None
    }
    seen: set[int] = set()
    doubled = 0
    disordered, wrong = [], []
    # (partition sent to, partition arrived at) -> the number that arrived last.
    newest: dict[tuple[int, int], int] = {}
    # Key -> the partition its records arrive at: in two there is no order between them.
    home: dict[bytes, int] = {}
    for arrival in arrived:
        number, record = expected.get(arrival.value or b"", (-1, None))
        where = f"partition {arrival.partition}, offset {arrival.offset}"
        if record is None:
            wrong.append(f"value {arrival.value!r} at {where}")
            continue
        if record.key != arrival.key:
            wrong.append(f"number {number} with key {arrival.key!r} for {record.key!r} at {where}")
        if number in seen:
            doubled += 1
            continue
        seen.add(number)
        path = record.partition, arrival.partition
        if number < newest.setdefault(path, number):
            disordered.append(f"number {number} after {newest[path]} at {where}")
        newest[path] = max(newest[path], number)
        if (
            record.key is not None
            and home.setdefault(record.key, arrival.partition) != arrival.partition
        ):
            disordered.append(f"key {record.key!r} at {where} and in partition {home[record.key]}")
    lost = [f"number {number}" for number, _ in expected.values() if number not in seen]
    return Count(len(expected), tuple(lost), doubled, tuple(disordered), tuple(wrong))
