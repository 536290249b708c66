"""Applications of Spring Cloud Stream 4.3 and 5.0 before and after the processor.

What the ones send, the others are given.
"""

import base64
from collections.abc import Callable, Iterator

import pytest

from tests.compatibility.spring.apps import Apps, Received
from tests.support.brokers.kafka import Kafka
from tests.support.spring import GENERATIONS
from tests.support.stream import Stream
from tests.support.waiting import wait_for

MESSAGES = 13  # of the source
BROKEN = 11  # its text is not valid UTF-8
TOMBSTONE = 12
OTHER_CHARSETS = {2, 3}
FORWARDED = 25  # headers of the message with one of each kind, without the reader's own
BYTES, TEXT, EXCEPTION = "[B", "java.lang.String", "x-exception-"


class Mixed:
    """The topics of one stream, and what arrived in them."""

    def __init__(
        self, apps: Apps, stream: Stream, unchanged: str, relayed: str, letters: tuple[str, str]
    ) -> None:
        self._apps = apps
        self.source, self.reversed = stream.source, stream.target
        self.unchanged, self.relayed, self.letters = unchanged, relayed, letters

    def await_all(self) -> None:
        """Wait until every sink has everything."""
        expected = {(sink, self.source): MESSAGES for sink in ("bytes", "text")}
        expected |= {("bytes", topic): MESSAGES for topic in (self.unchanged, self.relayed)}
        expected |= {(sink, self.reversed): MESSAGES - 1 for sink in ("bytes", "text")}
        expected |= {("bytes", topic): 1 for topic in self.letters}
        wait_for(
            lambda: {place: len(self.at(*place)) for place in expected} == expected,
            60,
            f"all messages: {expected}",
        )

    def at(self, sink: str, topic: str) -> dict[int, Received]:
        """By number of the source's message; AssertionError for one that came twice."""
        found = [each for each in self._apps.received() if (each.sink, each.topic) == (sink, topic)]
        numbered = {each.number: each for each in found}
        assert len(numbered) == len(found), "a message came twice"
        return numbered


@pytest.fixture(scope="module", params=GENERATIONS)
def mixed(
    request: pytest.FixtureRequest, kafka: Kafka, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mixed]:
    """The stream of one generation, once everything has arrived."""
    folder = tmp_path_factory.mktemp("spring")
    generation = request.param
    name = f"spring-{generation}"
    stream = Stream(kafka, folder, name)
    unchanged, relayed = f"{name}.unchanged", f"{name}.relayed"
    letters = (stream.dead_letters, f"error.{stream.source}.{name}-failing")
    stream.create()
    for topic in (unchanged, relayed, *letters):
        stream.topics.create(topic)
    reverse = {"spring.cloud.stream.bindings.input.consumer.max-attempts": "1"}
    copy = {
        "reversestring": "false",
        "spring.cloud.stream.bindings.output.destination": unchanged,
        "spring.cloud.stream.bindings.input.group": f"{name}-copy",
    }
    stream.processor(reverse).start()
    stream.processor(copy).start()
    topics = {
        "source": [stream.source],
        "bytes": [stream.source, stream.target, unchanged, relayed, *letters],
        "text": [stream.source, stream.target],
        "relay": [unchanged],
        "relayed": [relayed],
        "failing": [stream.source],
    }
    try:
        with Apps(generation, folder, stream.kafka.bootstrap, name, topics) as apps:
            made = Mixed(apps, stream, unchanged, relayed, letters)
            made.await_all()
            yield made
    finally:
        stream.end()


def test_unchanged_are_equal(mixed: Mixed, report_figure: Callable[[str], None]) -> None:
    """Payload, key, and every header by name, Java class and value.

    In both forms of a sink, and after a Java processor.
    """
    direct, behind = mixed.at("bytes", mixed.source), mixed.at("bytes", mixed.unchanged)
    for number, message in direct.items():
        assert behind[number]._replace(topic=mixed.source) == message
    largest = max(direct.values(), key=lambda message: len(message.headers))
    assert len(largest.headers) >= FORWARDED
    kinds = {kind for kind, _ in largest.headers.values()}
    assert kinds >= {
        TEXT,
        BYTES,
        "java.lang.Integer",
        "java.lang.Long",
        "java.lang.Boolean",
        "java.util.UUID",
        "java.util.ArrayList",
    }
    report_figure(
        f"{len(direct)} messages, {sum(len(each.headers) for each in direct.values())} headers of "
        f"{len(kinds)} Java classes: equal"
    )


def test_java_processor_reads_our_records(mixed: Mixed) -> None:
    ours, relayed = mixed.at("bytes", mixed.unchanged), mixed.at("bytes", mixed.relayed)
    for number, message in ours.items():
        assert relayed[number].payload == message.payload
        assert relayed[number].key == message.key
        assert message.headers.keys() - relayed[number].headers.keys() <= {
            "source-type",
            "target-protocol",
        }


def test_texts_are_reversed(mixed: Mixed) -> None:
    """By the charset of contentType; nothing else of the message changes."""
    direct, behind = mixed.at("bytes", mixed.source), mixed.at("bytes", mixed.reversed)
    assert direct.keys() - behind.keys() == {BROKEN}
    charsets = set()
    for number, message in behind.items():
        charset = message.headers["contentType"][1].partition("charset=")[2] or "UTF-8"
        charsets.add(charset)
        assert message.headers == direct[number].headers
        assert message.key == direct[number].key
        if number == TOMBSTONE:
            assert message.payload == direct[number].payload
        else:
            assert text_of(message, charset) == text_of(direct[number], charset)[::-1]
    assert charsets == {"UTF-8", "ISO-8859-1", "UTF-16BE"}


def text_of(message: Received, charset: str) -> str:
    kind, payload = message.payload
    assert kind == BYTES
    return base64.b64decode(payload).decode(charset)


def test_texts_reach_sink_of_texts(mixed: Mixed) -> None:
    """Whose application reads all of them as UTF-8."""
    direct, behind = mixed.at("text", mixed.source), mixed.at("text", mixed.reversed)
    for number, message in behind.items():
        kind, text = direct[number].payload
        if kind == TEXT and number not in OTHER_CHARSETS:
            assert message.payload == (kind, text[::-1])
    assert {
        kind for kind, _ in (behind[number].payload for number in behind.keys() - {TOMBSTONE})
    } == {TEXT}


def test_json_is_read_as_json(mixed: Mixed) -> None:
    read = [
        message.json
        for _, message in sorted(mixed.at("bytes", mixed.unchanged).items())
        if message.json
    ]
    assert [text for _, text in read] == ["{name=Zo\u00eb}", "[1, two, {three=3}]", "{raw=true}"]


def test_keys_come_through(mixed: Mixed) -> None:
    keys = {
        number: message.key and base64.b64decode(message.key[1])
        for number, message in mixed.at("bytes", mixed.unchanged).items()
    }
    given = {
        1: b"k-1",
        3: b"",
        4: b"\x00\x01\xff",
        8: b"json",
        BROKEN: b"k-2",
        TOMBSTONE: b"tombstone",
    }
    assert keys == dict.fromkeys(range(MESSAGES)) | given


def test_dead_letter_is_like_javas(mixed: Mixed) -> None:
    """Of one message, which fails in both: the same headers of the same classes.

    What names the place is equal.
    """
    ours, javas = (mixed.at("bytes", topic)[BROKEN] for topic in mixed.letters)
    assert {name: kind for name, (kind, _) in ours.headers.items()} == {
        name: kind for name, (kind, _) in javas.headers.items()
    }
    assert (ours.payload, ours.key) == (javas.payload, javas.key)
    for name, value in javas.headers.items():
        assert name.startswith(EXCEPTION) or ours.headers[name] == value
    assert base64.b64decode(ours.headers["x-original-topic"][1]).decode() == mixed.source
