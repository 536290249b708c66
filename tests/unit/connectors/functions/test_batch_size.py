"""Pace: how many records a batch may have."""

from hypothesis import given
from hypothesis import strategies as st

from connectors.functions.batch_size import BATCH_TIME_LIMIT_S, MAX_GROWTH_FACTOR, BatchSizer


def test_the_first_record_comes_alone_and_a_fast_function_soon_gets_full_batches() -> None:
    pace, sizes = BatchSizer(1000), []
    for _ in range(4):
        sizes.append(pace.size)
        pace.observe(0.00001 * pace.size, pace.size)
    assert sizes == [1, MAX_GROWTH_FACTOR, MAX_GROWTH_FACTOR**2, 1000]


def test_a_function_of_half_a_second_gets_single_records() -> None:
    pace = BatchSizer(1000)
    for _ in range(5):
        pace.observe(0.5, 1)
        assert pace.size == 1


@given(st.lists(st.floats(1e-7, 10), min_size=1, max_size=50))
def test_a_batch_never_takes_longer_than_the_budget_at_the_last_cost_seen(
    costs: list[float],
) -> None:
    pace = BatchSizer(1000)
    for cost in costs:
        pace.observe(cost * pace.size, pace.size)
        assert 1 <= pace.size <= 1000
        assert pace.size == 1 or pace.size * cost <= BATCH_TIME_LIMIT_S * 1.000001


def test_a_function_that_is_slow_now_and_then_stays_expected_to_be() -> None:
    pace = BatchSizer(1000)
    pace.observe(0.1, 1)
    pace.observe(0.00001 * pace.size, pace.size)
    assert pace.size < 10
