"""A sample: JSON in, JSON out, with a property of its own. test_orders.py tests it.

make run ARGS="--function=orders:enrich --threshold=5"
"""

from typing import Any

from python_processor import Properties, Record, option


class Options(Properties):
    """The function's properties: --threshold=5 in the stream, or the variable THRESHOLD."""

    threshold: int = option(3, "Smallest total that passes.")


def enrich(order: dict[str, Any], record: Record, options: Options) -> dict[str, Any] | None:
    """Drop small orders, and add the topic to the others."""
    if order["total"] < options.threshold:
        return None
    return order | {"source": record.topic}
