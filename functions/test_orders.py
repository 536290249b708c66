from functions.orders import enrich
from python_processor import run


def test_large_order_passes() -> None:
    result = run(enrich, {"total": 5}, topic="shop", threshold=3)
    assert result.json == {"total": 5, "source": "shop"}


def test_small_order_is_dropped() -> None:
    assert run(enrich, {"total": 2}).dropped


def test_order_without_total_is_a_dead_letter() -> None:
    (letter,) = run(enrich, {"item": "book"}).dead_letters
    assert letter.error == "KeyError"
