"""What happens to one record on its way through."""

import json

from tests.support.load.records import Headers, Record, read, send_aborted
from tests.support.stream import Stream
from tests.support.verify.delivery_count import count, reversed_text

TEXT_PLAIN = ("contentType", b"text/plain;charset=UTF-8")
LISTED = ("spring_json_header_types", b'{"contentType":"java.lang.String"}')


def passed_on(stream: Stream, *records: Record, **settings: str) -> list[Record]:
    """Send the records through a processor, return what arrives."""
    stream.create()
    stream.processor({name.replace("_", "."): value for name, value in settings.items()}).start()
    stream.send(*records)
    stream.drain()
    return stream.arrived()


def test_text_is_reversed(stream: Stream) -> None:
    (arrived,) = passed_on(stream, Record(b"hello world"))
    assert arrived.value == b"dlrow olleh"


def test_graphemes_stay_whole(stream: Stream) -> None:
    family, accent, hangul = (
        "\N{MAN}\N{ZERO WIDTH JOINER}\N{WOMAN}\N{ZERO WIDTH JOINER}\N{GIRL}",
        "e\N{COMBINING ACUTE ACCENT}",
        "한글",
    )
    (arrived,) = passed_on(stream, Record(f"a{family}{accent}{hangul}".encode()))
    assert (arrived.value or b"").decode() == f"글한{accent}{family}a"


def test_content_type_names_charset(stream: Stream) -> None:
    latin: Headers = [("contentType", b"text/plain;charset=ISO-8859-1"), LISTED]
    (arrived,) = passed_on(stream, Record("für".encode("latin-1"), headers=latin))
    assert arrived.value == "rüf".encode("latin-1")


def test_hostile_text_and_headers(stream: Stream) -> None:
    """Each record is out or a dead letter.

    Flags, equal headers, a contentType as an object, unknown charsets, deep JSON.
    """
    flags = "\U0001f1e9\U0001f1ea" * 60_000
    latin = {"type": "text", "subtype": "plain", "parameters": {"charset": "ISO-8859-1"}}
    arrived = passed_on(
        stream,
        Record(flags.encode()),
        Record(b"\xe91", headers=[TEXT_PLAIN, ("contentType", b"text/plain;charset=ISO-8859-1")]),
        Record(b"\xe92", headers=[("contentType", json.dumps(latin).encode())]),
        Record(b"abc", headers=[("contentType", b"text/plain;charset=punycode")]),
        Record(b"hell\xff", headers=[("contentType", b"text/plain;charset=" + b"\xad" * 240_000)]),
        Record(b"deep", headers=[TEXT_PLAIN, ("spring_json_header_types", b"[" * 1000)]),
    )
    assert [record.value for record in arrived] == [flags.encode(), b"1\xe9", b"2\xe9", b"peed"]
    assert list(arrived[-1].headers) == [TEXT_PLAIN, LISTED]
    letters = read(stream.kafka.bootstrap, stream.dead_letters)
    unknown = ["unknown charset 'punycode'", "unknown charset '" + r"\xad" * 10 + "...'"]
    assert [
        (dict(letter.headers)["x-exception-message"] or b"").decode() for letter in letters
    ] == unknown


def test_keys_and_headers_survive_in_order(stream: Stream) -> None:
    headers: Headers = [
        TEXT_PLAIN,
        ("many", b"1"),
        ("none", None),
        ("many", b"2"),
        ("empty", b""),
        ("bytes", b"\xff\x00"),
        LISTED,
    ]
    (arrived,) = passed_on(stream, Record(b"abc", b"\x00key\xff", headers))
    assert arrived.value == b"cba"
    assert arrived.key == b"\x00key\xff"
    assert list(arrived.headers) == headers


def test_null_and_empty_survive(stream: Stream) -> None:
    arrived = passed_on(
        stream,
        Record(None, b"tombstone", [("h", b"1")]),
        Record(b"", b"empty"),
        Record(b"ab", b""),
        Record(b"cd", None),
    )
    assert [(record.key, record.value) for record in arrived] == [
        (b"tombstone", None),
        (b"empty", b""),
        (b"", b"ba"),
        (None, b"dc"),
    ]
    assert list(arrived[0].headers) == [("h", b"1")]


def test_content_type_has_its_header_type(stream: Stream) -> None:
    """The stock log sink loses a record with application/json and no such entry."""
    (arrived,) = passed_on(stream, Record(b"1", headers=[("contentType", b"application/json")]))
    assert list(arrived.headers) == [("contentType", b"application/json"), LISTED]


def test_received_headers_are_dropped(stream: Stream) -> None:
    received: Headers = [
        ("kafka_offset", b"1"),
        ("id", b"x"),
        ("timestamp", b"2"),
        ("deliveryAttempt", b"3"),
        ("kept", b"4"),
    ]
    (arrived,) = passed_on(stream, Record(b"1", headers=received))
    assert list(arrived.headers) == [("kept", b"4")]


def test_bytes_pass_without_reversestring(stream: Stream) -> None:
    """Byte for byte, never decoded: also what is no text at all."""
    sent = [
        Record(bytes(range(256)), b"k1", [TEXT_PLAIN, LISTED]),
        Record(b"\xff\xfe", b"k2"),
        Record(None, b"k3"),
        Record(b"abc", b"k4"),
    ]
    arrived = passed_on(stream, *sent, reversestring="false")
    assert [(record.value, record.key, list(record.headers)) for record in arrived] == [
        (r.value, r.key, list(r.headers)) for r in sent
    ]


def test_ten_thousand_records_keep_order(stream: Stream) -> None:
    stream.create(5)
    sent = [
        Record(f"{n:05d} text".encode(), f"k{n % 23}".encode(), [TEXT_PLAIN, LISTED], n % 23 % 5)
        for n in range(10_000)
    ]
    stream.send(*sent)
    stream.processor().start()
    stream.drain()
    delivery_count = count(sent, stream.arrived(), reversed_text)
    assert delivery_count.nothing_lost, delivery_count
    assert delivery_count.doubled == 0


def test_aborts_are_not_read(stream: Stream) -> None:
    """Two processors in a row must not copy the output of a transaction that was rolled back."""
    stream.create()
    send_aborted(stream.kafka.bootstrap, stream.source, [Record(b"never")])
    stream.send(Record(b"kept"))
    stream.processor().start()
    assert [record.value for record in stream.await_arrivals(1)] == [b"tpek"]
