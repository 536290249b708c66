"""The count of deliveries sees each kind of damage, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.load.records import Record
from tests.support.verify.delivery_count import count, reversed_text

SENT = [Record(f"{n:04d} 한글".encode(), f"k{n % 4}".encode(), (), n % 2) for n in range(20)]


def delivered(records: list[Record]) -> list[Record]:
    """What an honest processor leaves: keys k0, k2 in partition 0, the others in 1, in order."""
    return [
        Record(reversed_text(r.value or b""), r.key, r.headers, r.partition, offset)
        for offset, r in enumerate(records)
    ]


def test_complete_delivery_passes() -> None:
    delivery_count = count(SENT, delivered(SENT))
    assert delivery_count.nothing_lost
    assert delivery_count.doubled == 0
    assert str(delivery_count) == "20 sent, 0 lost, 0 doubled, 0 out of order, 0 wrong"


@given(st.sets(st.integers(0, 19), min_size=1))
def test_each_lost_record_is_named(gone: set[int]) -> None:
    delivery_count = count(
        SENT, delivered([record for n, record in enumerate(SENT) if n not in gone])
    )
    assert delivery_count.lost == tuple(f"number {n}" for n in sorted(gone))
    assert not delivery_count.nothing_lost


@given(st.integers(0, 19), st.integers(1, 20))
def test_restart_doubles_in_order(begin: int, length: int) -> None:
    again = SENT[begin : begin + length]
    delivery_count = count(SENT, delivered(SENT[: begin + length] + again + SENT[begin + length :]))
    assert delivery_count.doubled == len(again)
    assert delivery_count.nothing_lost


@given(st.permutations(range(20)))
def test_reordering_in_partition_is_seen(
    order: list[int],
) -> None:
    delivery_count = count(SENT, delivered([SENT[n] for n in order]))
    kept = all(
        [n for n in order if n % 2 == partition] == list(range(partition, 20, 2))
        for partition in (0, 1)
    )
    assert delivery_count.nothing_lost == kept
    assert not delivery_count.lost


def test_late_record_is_out_of_order() -> None:
    """A record that comes after its successors breaks the order, although none is lost."""
    delivery_count = count(SENT, delivered([*SENT[:4], *SENT[5:], SENT[4]]))
    assert delivery_count.disordered == ("number 4 after 18 at partition 0, offset 19",)


def test_moved_key_is_out_of_order() -> None:
    arrived = delivered(SENT)
    arrived[4] = arrived[4]._replace(partition=1)
    assert count(SENT, arrived).disordered == (
        "key b'k0' at partition 1, offset 4 and in partition 0",
    )


@pytest.mark.parametrize(
    "damaged",
    [
        Record(b"0000", b"k3"),
        Record(None, b"k3"),
        Record(reversed_text(b"0003"), b"k3"),
        Record(SENT[3].value, b"k3"),
    ],
)
def test_changed_value_is_wrong_and_lost(damaged: Record) -> None:
    arrived = delivered(SENT)
    arrived[3] = damaged
    delivery_count = count(SENT, arrived)
    assert (len(delivery_count.wrong), delivery_count.lost) == (1, ("number 3",))


@pytest.mark.parametrize("key", [b"k9", None])
def test_changed_key_is_wrong(key: bytes | None) -> None:
    arrived = delivered(SENT)
    arrived[3] = arrived[3]._replace(key=key)
    delivery_count = count(SENT, arrived)
    assert len(delivery_count.wrong) == 1
    assert not delivery_count.nothing_lost


def test_empty_output_is_all_lost() -> None:
    assert len(count(SENT, []).lost) == 20
