"""The size of the next batch."""

from hypothesis import given
from hypothesis import strategies as st

from connectors.functions.calls import BATCH_TIME_LIMIT_S
from connectors.task.batch_times import (
    MAX_GROWTH_FACTOR,
    RECEIVED_BYTES,
    SAMPLED_RECORDS,
    BatchSizer,
    mean_bytes,
)
from tests.fakes.messages import message


def test_batch_size_starts_at_one_and_grows() -> None:
    sizer, sizes = BatchSizer(1000), []
    for _ in range(4):
        sizes.append(sizer.size)
        sizer.observe(0.00001 * sizer.size, sizer.size)
    assert sizes == [1, MAX_GROWTH_FACTOR, MAX_GROWTH_FACTOR**2, 1000]


def test_slow_function_gets_single_records() -> None:
    sizer = BatchSizer(1000)
    for _ in range(5):
        sizer.observe(0.5, 1)
        assert sizer.size == 1


@given(st.lists(st.floats(1e-7, 10), min_size=1, max_size=50))
def test_batch_fits_time_budget(
    costs: list[float],
) -> None:
    sizer = BatchSizer(1000)
    for cost in costs:
        sizer.observe(cost * sizer.size, sizer.size)
        assert 1 <= sizer.size <= 1000
        assert sizer.size == 1 or sizer.size * cost <= BATCH_TIME_LIMIT_S * 1.000001


def test_occasional_slowness_is_remembered() -> None:
    sizer = BatchSizer(1000)
    sizer.observe(0.1, 1)
    sizer.observe(0.00001 * sizer.size, sizer.size)
    assert sizer.size < 10


@given(st.lists(st.integers(0, 2 * RECEIVED_BYTES), min_size=1, max_size=50))
def test_batch_fits_memory_budget(sizes: list[int]) -> None:
    sizer = BatchSizer(1000)
    for size in sizes:
        sizer.observe(0, sizer.size, sizer.size, size)
        assert sizer.size == 1 or sizer.size * size <= RECEIVED_BYTES


def test_short_records_get_whole_batches() -> None:
    sizer = BatchSizer(1000)
    for _ in range(4):
        sizer.observe(0, sizer.size, sizer.size, 1024)
    assert sizer.size == 1000


@given(st.lists(st.integers(0, 100), max_size=200))
def test_mean_size_is_of_all_records(sizes: list[int]) -> None:
    messages = [message(bytes(size)) for size in sizes]
    assert mean_bytes(messages) <= max(sizes, default=0)
    if sizes and min(sizes) == max(sizes):
        assert mean_bytes(messages) == sizes[0]
    halves = [*messages, *(message(bytes(1000)) for _ in range(len(sizes) + SAMPLED_RECORDS))]
    assert mean_bytes(halves) >= 1000 / 3
