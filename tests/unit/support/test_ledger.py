"""The books must not lie: each kind of damage is seen, and nothing else is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.load.records import Record
from tests.support.verify.ledger import count, reversed_text

SENT = [Record(f"{n:04d} 한글".encode(), f"k{n % 4}".encode(), (), n % 2) for n in range(20)]


def delivered(records: list[Record]) -> list[Record]:
    """What an honest processor leaves: keys k0, k2 in partition 0, the others in 1, in order."""
    return [
        Record(reversed_text(r.value or b""), r.key, r.headers, r.partition, offset)
        for offset, r in enumerate(records)
    ]


def test_all_is_well() -> None:
    books = count(SENT, delivered(SENT))
    assert books.nothing_lost
    assert books.doubled == 0
    assert str(books) == "20 sent, 0 lost, 0 doubled, 0 out of order, 0 wrong"


@given(st.sets(st.integers(0, 19), min_size=1))
def test_each_lost_record_is_named(gone: set[int]) -> None:
    books = count(SENT, delivered([record for n, record in enumerate(SENT) if n not in gone]))
    assert books.lost == tuple(f"number {n}" for n in sorted(gone))
    assert not books.nothing_lost


@given(st.integers(0, 19), st.integers(1, 20))
def test_a_restart_from_an_earlier_position_doubles_and_keeps_the_order(
    begin: int, length: int
) -> None:
    again = SENT[begin : begin + length]
    books = count(SENT, delivered(SENT[: begin + length] + again + SENT[begin + length :]))
    assert books.doubled == len(again)
    assert books.nothing_lost


@given(st.permutations(range(20)))
def test_every_permutation_that_changes_the_order_within_a_partition_is_seen(
    order: list[int],
) -> None:
    books = count(SENT, delivered([SENT[n] for n in order]))
    kept = all(
        [n for n in order if n % 2 == partition] == list(range(partition, 20, 2))
        for partition in (0, 1)
    )
    assert books.nothing_lost == kept
    assert not books.lost


def test_a_gap_filled_later_is_out_of_order() -> None:
    """A record that is skipped and comes after its successors has broken the order, although
    nothing is lost.
    """
    books = count(SENT, delivered([*SENT[:4], *SENT[5:], SENT[4]]))
    assert books.disordered == ("number 4 after 18 at partition 0, offset 19",)


def test_a_key_that_moves_to_another_partition_is_out_of_order() -> None:
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
def test_a_changed_value_is_wrong_and_its_record_lost(damaged: Record) -> None:
    arrived = delivered(SENT)
    arrived[3] = damaged
    books = count(SENT, arrived)
    assert (len(books.wrong), books.lost) == (1, ("number 3",))


@pytest.mark.parametrize("key", [b"k9", None])
def test_a_changed_key_is_wrong(key: bytes | None) -> None:
    arrived = delivered(SENT)
    arrived[3] = arrived[3]._replace(key=key)
    books = count(SENT, arrived)
    assert len(books.wrong) == 1
    assert not books.nothing_lost


def test_nothing_arrived() -> None:
    assert len(count(SENT, []).lost) == 20
