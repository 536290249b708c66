"""The size of a record and the kinds of values: the same verdict as the client's."""

from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException, Producer
from hypothesis import given
from hypothesis import strategies as st

from connectors.produce.record_sizes import wire_bytes

LIMIT = 1000  # bytes, the least that librdkafka takes
names = st.text(max_size=200).filter(lambda name: "\0" not in name)
contents = st.none() | st.binary(max_size=200)


@pytest.fixture(scope="module")
def producer() -> Producer:
    return Producer(
        {"bootstrap.servers": "127.0.0.1:1", "log_level": 0, "message.max.bytes": LIMIT}
    )


def is_too_large(producer: Producer, *arguments: Any) -> bool:
    try:
        producer.produce("out", *arguments)
    except KafkaException as error:
        return bool(error.args[0].code() == KafkaError.MSG_SIZE_TOO_LARGE)
    finally:
        producer.purge()
        producer.poll(0)
    return False


@given(
    key=contents,
    headers=st.lists(st.tuples(names, contents), max_size=3),
    size=st.integers(0, 1100),
)
def test_the_size_is_the_client_s(
    producer: Producer, key: bytes | None, headers: list[tuple[str, bytes | None]], size: int
) -> None:
    found = is_too_large(producer, b"x" * size, key, -1, None, None, 0, headers)
    assert (wire_bytes(b"x" * size, key, headers) > LIMIT) is found
    rest = LIMIT - wire_bytes(b"", key, headers)
    if rest >= 0:
        assert not is_too_large(producer, b"x" * rest, key, -1, None, None, 0, headers)
        assert is_too_large(producer, b"x" * (rest + 1), key, -1, None, None, 0, headers)
