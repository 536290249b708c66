"""Counts of letters: by exception, step, topic and hour, in bounded memory."""

from dead_letters.display.overview import MAX_ROWS, NONE, OTHERS, Overview, format_time
from tests.unit.dead_letters.letters import TIME_MS, headers, letter

HOUR_MS = 3_600_000


def test_counts_by_every_dimension() -> None:
    overview = Overview()
    overview.add(letter(), is_open=True)
    overview.add(letter(headers(fqcn=b"KeyError"), timestamp_ms=TIME_MS + HOUR_MS), is_open=False)
    overview.add(letter([], timestamp_ms=-1), is_open=True)
    found = overview.to_dict()
    assert {name: found[name] for name in ("letters", "open", "damaged", "first", "last")} == {
        "letters": 3,
        "open": 2,
        "damaged": 1,
        "first": "2026-11-29T09:30:19.812Z",
        "last": "2026-11-29T10:30:19.812Z",
    }
    counts = {
        name: {row[name]: row["letters"] for row in found[f"by_{name}"]}
        for name in ("exception", "step", "topic", "hour")
    }
    assert counts == {
        "exception": {"ValueError": 1, "KeyError": 1, NONE: 1},
        "step": {"enrich": 2, NONE: 1},
        "topic": {"orders": 2, NONE: 1},
        "hour": {"2026-11-29T09": 1, "2026-11-29T10": 1, NONE: 1},
    }


def test_memory_is_bounded() -> None:
    overview = Overview()
    for number in range(MAX_ROWS + 50):
        overview.add(letter(headers(fqcn=f"Error{number}".encode())), is_open=True)
    rows = overview.rows["exception"]
    assert len(rows) == MAX_ROWS + 1
    assert rows[OTHERS].letters == 50


def test_impossible_time_is_none() -> None:
    assert [format_time(each) for each in (None, -1, 2**62)] == [None, None, None]
