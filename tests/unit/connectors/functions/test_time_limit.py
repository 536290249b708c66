"""Pace: how many records a batch may have."""

from hypothesis import given
from hypothesis import strategies as st

from connectors.functions.time_limit import BATCH_TIME_LIMIT_S, MAX_GROWTH_FACTOR, BatchSizer


def test_batch_size_starts_at_one_and_grows() -> None:
    pace, sizes = BatchSizer(1000), []
    for _ in range(4):
        sizes.append(pace.size)
        pace.observe(0.00001 * pace.size, pace.size)
    assert sizes == [1, MAX_GROWTH_FACTOR, MAX_GROWTH_FACTOR**2, 1000]


def test_slow_function_gets_single_records() -> None:
    pace = BatchSizer(1000)
    for _ in range(5):
        pace.observe(0.5, 1)
        assert pace.size == 1


@given(st.lists(st.floats(1e-7, 10), min_size=1, max_size=50))
def test_batch_fits_the_time_budget(
    costs: list[float],
) -> None:
    pace = BatchSizer(1000)
    for cost in costs:
        pace.observe(cost * pace.size, pace.size)
        assert 1 <= pace.size <= 1000
        assert pace.size == 1 or pace.size * cost <= BATCH_TIME_LIMIT_S * 1.000001


def test_occasional_slowness_is_remembered() -> None:
    pace = BatchSizer(1000)
    pace.observe(0.1, 1)
    pace.observe(0.00001 * pace.size, pace.size)
    assert pace.size < 10
