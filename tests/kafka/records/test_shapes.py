"""Records of unusual size and shape pass, in both modes; an unknown charset is a dead letter.

Rejected records are in tests/kafka/dead_letters.
"""

import pytest

from tests.support.dead_letters.failing import dead
from tests.support.load.records import Headers, Record
from tests.support.stream import Stream

PREFIX = "spring.cloud.stream.kafka.binder.transaction.transaction-id-prefix"
MODES = {"at-least-once": {}, "exactly-once": {PREFIX: "shapes-"}}
LISTED = b'{"contentType":"java.lang.String"}'
MANY: Headers = [(f"h{n}", f"{n}".encode()) for n in range(1000)]


@pytest.mark.parametrize("mode", MODES)
def test_unusual_records_pass(stream: Stream, mode: str) -> None:
    stream.create()
    sent = {
        "1 MB": Record(b"ab" * 500_000, b"1 MB"),
        "1,000 headers": Record(b"ab", b"1,000 headers", MANY),
        "types that are no JSON": Record(
            b"ab",
            b"types that are no JSON",
            [("contentType", b"text/plain"), ("spring_json_header_types", b"{broken")],
        ),
        "odd contentType": Record(b"ab", b"odd contentType", [("contentType", b"\xff;;no/type")]),
        "null": Record(None, b"null"),
        "empty": Record(b"", b"empty"),
    }
    unknown = Record(b"ab", b"unknown charset", [("contentType", b"text/plain;charset=none")])
    stream.send(unknown, *sent.values())
    processor = stream.processor(MODES[mode]).start()
    stream.drain()
    processor.assert_alive()
    arrived = {(record.key or b"").decode(): record for record in stream.arrived()}
    assert {key: record.value for key, record in arrived.items()} == {
        key: record.value and record.value[::-1] for key, record in sent.items()
    }
    assert [letter.key for letter in dead(stream)] == [unknown.key]
    assert list(arrived["1,000 headers"].headers) == MANY
    assert dict(arrived["types that are no JSON"].headers)["spring_json_header_types"] == LISTED
    assert dict(arrived["odd contentType"].headers) == {
        "contentType": b"\xff;;no/type",
        "spring_json_header_types": LISTED,
    }
