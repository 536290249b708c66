"""A sample to start from: JSON in, JSON out, with a property of its own. test_orders.py beside it
is its test.

make run ARGS="--function=orders:enrich --threshold=5"
"""

from typing import Any

from python_processor import Properties, Record, option


class Options(Properties):
    """What can be set for it: in the stream definition, as --threshold=5, as the variable
    THRESHOLD.
    """

    threshold: int = option(3, "Smallest total that passes.")


def enrich(order: dict[str, Any], record: Record, options: Options) -> dict[str, Any] | None:
    """Drop small orders and say where the others are from."""
    if order["total"] < options.threshold:
        return None
    return order | {"source": record.topic}
