"""Dead letters for unit tests, without a broker."""

from typing import Any

from confluent_kafka import TIMESTAMP_CREATE_TIME, Message

from dead_letters.letters.letter import Letter

Headers = list[tuple[str, bytes | None]]
TOPIC, ORIGIN = "error.orders.billing", "orders"
TIME_MS = 1_795_944_619_812  # 2026-11-29T09:30:19.812Z
TRACE = """Traceback (most recent call last):
  File "/opt/python-processor/connectors/batch.py", line 200, in _results
    result = function(value)
  File "/opt/app/orders.py", line 12, in enrich
    return prices[value]
  File "/opt/app/prices.py", line 3, in price
    raise ValueError("no price")
ValueError: no price
"""
EIGHT: dict[str, bytes | None] = {
    "x-original-topic": ORIGIN.encode(),
    "x-original-partition": (1).to_bytes(4, "big"),
    "x-original-offset": (77).to_bytes(8, "big"),
    "x-original-timestamp": TIME_MS.to_bytes(8, "big"),
    "x-original-timestamp-type": b"CreateTime",
    "x-exception-fqcn": b"ValueError",
    "x-exception-message": b"no price",
    "x-exception-stacktrace": TRACE.encode(),
}
OWN: Headers = [("contentType", b"text/plain"), ("user", None)]


def headers(**changes: bytes | None) -> Headers:
    """The headers of a letter. `changes` are by the end of the name, underscores for hyphens; None
    leaves the header out.
    """
    found = dict(EIGHT)
    for end, value in changes.items():
        (name,) = [
            each
            for each in EIGHT
            if each.endswith(end.replace("_", "-")) and (end != "timestamp" or each.endswith(end))
        ]
        found[name] = value
    return [*OWN, *((name, value) for name, value in found.items() if value is not None)]


def message(
    given: Headers | None = None,
    *,
    partition: int = 1,
    offset: int = 5,
    timestamp_ms: int = TIME_MS,
    key: bytes | None = b"k",
    value: bytes | None = b"v",
) -> Message:
    """A letter as the consumer hands it over."""
    found: Any = headers() if given is None else given
    timestamp = TIMESTAMP_CREATE_TIME, timestamp_ms
    return Message(
        topic=TOPIC,
        partition=partition,
        offset=offset,
        timestamp=timestamp,
        key=key,
        value=value,
        headers=found,
    )


def letter(given: Headers | None = None, **fields: Any) -> Letter:
    """A decoded letter."""
    return Letter.from_message(message(given, **fields))
