"""Whatever is raised for one record makes it a dead letter.

One, with none of its values in the output; the others go on.
"""

import pytest

from tests.support.dead_letters.failing import ONCE, both_modes, dead, java_view, stop
from tests.support.load.numbered import values
from tests.support.load.raw_produce import RawRecord, raw_send
from tests.support.load.records import Record
from tests.support.settings import MODES
from tests.support.stream import Stream

_KAFKA_CONSUMER = "spring.cloud.stream.kafka.bindings.input.consumer"
_PRODUCER = "spring.cloud.stream.bindings.output.producer"
AS_IT_IS = {"reversestring": "false"}
FIRST, LAST = Record(b"first"), Record(b"last")


def error_lines(output: str) -> list[str]:
    return [line for line in output.splitlines() if " ERROR " in line]


# ---- headers that cannot be read

LATIN_1 = RawRecord(b"bad", b"k", [(b"caf\xe9", b"v"), (b"x", b"1")])
READERS = {
    "reverse": ("", {}),
    "as it is": ("", AS_IT_IS),
    "charset": ('records = map_value("map", records, lambda value, charset: value)', {}),
    "flat_map": ('records = flat_map_value("map", records, lambda value: [value, value])', {}),
    "no DLQ": ("", {f"{_KAFKA_CONSUMER}.enable-dlq": "false"}),
    "expression": ("", AS_IT_IS | {f"{_PRODUCER}.partition-key-expression": "headers['x']"}),
}


@pytest.mark.parametrize("reader", READERS)
@both_modes
def test_header_name_not_utf8(stream: Stream, mode: str, reader: str) -> None:
    stream.create()
    good = [RawRecord(value, None, [(b"x", b"1")]) for value in (b"aba", b"cdc")]
    raw_send(stream.kafka.bootstrap, stream.source, [good[0], LATIN_1, good[1]])
    step, settings = READERS[reader]
    made = (
        stream.with_step(step, settings=settings | MODES[mode])
        if step
        else stream.processor(settings | MODES[mode])
    )
    made.start()
    stream.drain()
    stop(made)
    assert list(dict.fromkeys(values(stream.arrived()))) == [b"aba", b"cdc"]
    (line,) = error_lines(made.output)
    assert f"{stream.source}-0@1" in line
    if reader == "no DLQ":
        assert "skipped" in line
        return
    (letter,) = dead(stream)
    assert (letter.value, letter.key) == (b"bad", b"k")
    seen = java_view(letter.headers)
    assert seen.pop("x-dead-letter-omitted") == "headers"
    assert seen["x-original-offset"] == 1
    assert "headers cannot be read" in str(seen["x-exception-message"])
    assert {name for name, _ in letter.headers if not name.startswith("x-")} == set()


# ---- whatever a function raises

HOSTILE = """
class Hostile(Exception):
    pass

class NoText(Exception):
    def __str__(self):
        raise SystemExit(0)
    __repr__ = __str__

class Endless(Exception):
    @property
    def __cause__(self):
        return Endless()
    @property
    def __notes__(self):
        return [self] * 10

class Huge(Exception):
    def __str__(self):
        return "x" * 10_000_000

class NoClass(Exception):
    __module__ = 7
    @property
    def __class__(self):
        raise OSError

def deep(value):
    return deep(value)

def raising(value):
    import asyncio
    kinds = {
        b"SystemExit": SystemExit, b"KeyboardInterrupt": KeyboardInterrupt, b"GeneratorExit": GeneratorExit,
        b"CancelledError": asyncio.CancelledError, b"BaseException": BaseException, b"MemoryError": MemoryError,
        b"NoText": NoText, b"Endless": Endless, b"Huge": Huge, b"NoClass": NoClass, b"StopIteration": StopIteration,
    }
    if value == b"RecursionError":
        return deep(value)
    if value == b"exit":
        exit(0)
    if kind := kinds.get(value):
        raise kind
    return value
"""  # noqa: E501 - lines of a page
RAISED = [
    *(
        b"SystemExit",
        b"KeyboardInterrupt",
        b"GeneratorExit",
        b"CancelledError",
        b"BaseException",
        b"MemoryError",
        b"NoText",
    ),
    *(b"Endless", b"Huge", b"NoClass", b"StopIteration", b"RecursionError", b"exit"),
]


@both_modes
def test_function_raises_anything(stream: Stream, mode: str) -> None:
    stream.create()
    made = stream.with_step(
        'records = map_value("raising", records, raising)', HOSTILE, ONCE | MODES[mode]
    ).start()
    stream.send(FIRST, *map(Record, RAISED), LAST)
    stream.drain()
    stop(made)
    assert values(stream.arrived()) == [FIRST.value, LAST.value]
    letters = dead(stream)
    assert values(letters) == RAISED
    lines = error_lines(made.output)
    assert len(lines) == len(RAISED)
    for offset, (line, letter) in enumerate(zip(lines, letters, strict=True), 1):
        assert f"raising: the record {stream.source}-0@{offset} failed: " in line
        assert len(str(java_view(letter.headers).get("x-exception-message", ""))) <= 4000
    assert "Traceback" not in made.output


# ---- one record of several values

DIVIDED = """
def divided(value):
    return [value + b"/" + part for part in (b"0", b"1", b"2", b"3")] if value.startswith(b"bad") else [value]

def failing(value):
    if value.endswith((b"/1", b"/3")):
        raise ValueError(value.decode())
    return value

def wrong_type(value):
    return 7 if value.endswith(b"/2") else value

def too_large(value):
    return value + b"x" * 2_000_000 if value.endswith(b"/2") else value

def no_json(value):
    return value if value.endswith(b"/2") else b'{"a": "%s"}' % value
"""  # noqa: E501 - lines of a page
SPLIT = 'records = flat_map_value("split", records, divided)'
LATER = {
    "map": ("map_value", "failing", {}),
    "filter": ("filter_value", "failing", {}),
    "flat_map": ("flat_map_value", "lambda value: [failing(value)]", {}),
    "type": ("map_value", "wrong_type", {}),
    "size": ("map_value", "too_large", {}),
    "placement": ("map_value", "no_json", {f"{_PRODUCER}.partition-key-expression": "payload.a"}),
}


@pytest.mark.parametrize("later", LATER)
@both_modes
def test_divided_record_is_one_letter(stream: Stream, mode: str, later: str) -> None:
    stream.create(2)
    operator, function, settings = LATER[later]
    step = f'{SPLIT}\n    records = {operator}("later", records, {function})'
    made = stream.with_step(step, DIVIDED, ONCE | settings | MODES[mode]).start()
    stream.send(FIRST, Record(b"bad", b"k", [("h", b"1")]), LAST)
    stream.drain()
    stop(made)
    assert len(stream.arrived()) == 2, stream.arrived()
    assert not [value for value in values(stream.arrived()) if b"bad" in (value or b"")]
    (letter,) = dead(stream)
    assert (letter.value, letter.key, letter.headers[0]) == (b"bad", b"k", ("h", b"1"))
    assert len(error_lines(made.output)) == 1


def test_divided_record_broker_rejects(stream: Stream) -> None:
    """Exactly once nothing is seen of the values that were taken before."""
    stream.topics.create(stream.source)
    stream.topics.create(stream.target, 2)
    stream.topics.configure(stream.target, max_message_bytes="4000")
    functions = DIVIDED.replace("2_000_000", "5_000").replace('b\'{"a": "%s"}\' % value', "value")
    step = f'{SPLIT}\n    records = map_value("later", records, too_large)'
    made = stream.with_step(step, functions, MODES["exactly-once"]).start()
    stream.send(FIRST, Record(b"bad", b"k"), LAST)
    stream.drain()
    stop(made)
    assert set(values(stream.arrived())) == {FIRST.value, LAST.value}
    assert values(dead(stream)) == [b"bad"]


# ---- placement and conversion


@both_modes
@pytest.mark.parametrize(
    ("expression", "bad"),
    [
        ("payload.a", Record(b"[" * 100_000)),
        (
            "headers['x']",
            Record(
                b"v",
                None,
                [("x", b"1e999"), ("spring_json_header_types", b'{"x":"java.lang.Integer"}')],
            ),
        ),
        (
            "headers['x']",
            Record(
                b"v",
                None,
                [("x", b"no number"), ("spring_json_header_types", b'{"x":"java.lang.Float"}')],
            ),
        ),
        ("payload", Record(b"v", None, [("contentType", b"text/plain;charset=nosuch")])),
    ],
)
def test_placement_raises_anything(stream: Stream, mode: str, expression: str, bad: Record) -> None:
    stream.create(2)
    good = [Record(b'{"a": "1"}', None, [("x", b"1")]), Record(b'{"a": "2"}', None, [("x", b"2")])]
    made = stream.processor(
        AS_IT_IS | MODES[mode] | {f"{_PRODUCER}.partition-key-expression": expression}
    ).start()
    stream.send(good[0], bad, good[1])
    stream.drain()
    stop(made)
    assert set(values(stream.arrived())) == set(values(good))
    assert values(dead(stream)) == [bad.value]
