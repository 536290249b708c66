"""The function in the map step is anyone's."""

import signal

import pytest

from tests.support.load.numbered import numbers, values
from tests.support.load.records import Record, read
from tests.support.processor import DATAFLOW
from tests.support.settings import EXACTLY_ONCE
from tests.support.stream import Stream

ODD_ONLY = "def odd(value):\n    return value.upper() if int(value) % 2 else None"

NO_NEW_TOPICS = {"spring.cloud.stream.kafka.binder.auto-create-topics": "false"}


def test_result_replaces_the_value(stream: Stream) -> None:
    stream.create()
    stream.with_step(
        'records = map_value("shout", records, lambda value: value.decode().upper())'
    ).start()
    stream.send(Record("größe".encode(), b"key", [("h", b"1")]))
    (arrived,) = stream.await_arrivals(1)
    assert (arrived.value, arrived.key, list(arrived.headers)) == (
        "GRÖSSE".encode(),
        b"key",
        [("h", b"1")],
    )


def test_dropped_record_commits(stream: Stream) -> None:
    stream.create()
    stream.with_step('records = map_value("odd", records, odd)', ODD_ONLY).start()
    stream.send(*numbers(101))  # the last one is dropped
    stream.drain()
    assert values(stream.arrived()) == [str(n).encode() for n in range(1, 101, 2)]


def test_dropped_batches_commit(stream: Stream) -> None:
    stream.create()
    stream.with_step('records = map_value("nothing", records, lambda value: None)').start()
    stream.send(*numbers(5000))
    stream.drain()
    assert stream.arrived() == []


def test_filter_value_keeps_what_is_true(stream: Stream) -> None:
    stream.create()
    stream.with_step(
        'records = filter_value("even", records, lambda value: int(value) % 2 == 0)'
    ).start()
    stream.send(*numbers(100))
    stream.drain()
    assert values(stream.arrived()) == [str(n).encode() for n in range(0, 100, 2)]


def test_flat_map_gives_any_number(stream: Stream) -> None:
    stream.create()
    stream.with_step('records = flat_map_value("split", records, bytes.split)').start()
    stream.send(
        Record(b"one two", b"k1", [("h", b"1")]),
        Record(b" ", b"k2"),
        Record(b"three", b"k3"),
        Record(None, b"k4"),
    )
    stream.drain()
    arrived = stream.arrived()
    assert [(record.key, record.value) for record in arrived] == [
        (b"k1", b"one"),
        (b"k1", b"two"),
        (b"k3", b"three"),
        (b"k4", None),
    ]
    assert list(arrived[1].headers) == [("h", b"1")]


def test_steps_can_follow_steps(stream: Stream) -> None:
    stream.create()
    steps = (
        'records = filter_value("b", flat_map_value("a", records, bytes.split), lambda value: '
        'value != b"x")'
    )
    stream.with_step(f"{steps}; records = map_value('c', records, reverse)").start()
    stream.send(Record(b"ab x cd"), Record(b"x"))
    stream.drain()
    assert values(stream.arrived()) == [b"ba", b"dc"]


def test_failed_record_is_logged_uncommitted(
    stream: Stream,
) -> None:
    """Where there is no dead letter topic to take the record."""
    stream.create()
    broken = stream.with_step(
        'records = map_value("inverse", records, lambda value: b"%d" % (100 // int(value)))',
        settings=NO_NEW_TOPICS,
    ).start()
    stream.send(*[Record(value, b"secret key") for value in (b"5", b"4", b"0", b"2")])
    assert broken.exit_code() == 1
    (line,) = [line for line in broken.output.splitlines() if "ZeroDivisionError" in line]
    assert f"inverse: the record {stream.source}-0@2 failed" in line
    assert "secret" not in broken.output
    assert stream.topics.committed(stream.group, stream.source).get(0, 0) <= 2
    mended = stream.with_step(
        'records = map_value("inverse", records, lambda value: b"%d" % (100 // (int(value) or '
        "100)))",
        settings=NO_NEW_TOPICS,
    ).start()
    stream.drain()
    mended.end()
    assert [value for value in values(stream.arrived()) if value in {b"1", b"50"}] == [b"1", b"50"]
    assert {b"20", b"25"} <= set(values(stream.arrived()))


def test_mistake_costs_one_record(stream: Stream) -> None:
    stream.create()
    function = "def enrich(value):\n    return {'n': 1} if value == b'3' else value"
    processor = stream.with_step('records = map_value("mine", records, enrich)', function).start()
    stream.send(*numbers(5))
    stream.drain()
    assert values(stream.arrived()) == [b"0", b"1", b"2", b"4"]
    (line,) = [line for line in processor.output.splitlines() if " ERROR " in line]
    assert f"mine: the record {stream.source}-0@3 failed: enrich (" in line
    assert f"{DATAFLOW.name}:" in line
    assert "returned dict; return bytes, str or None (json.dumps(...) for JSON); it goes to" in line


CHILDREN = {
    "a pool": "with get_context('fork').Pool(1) as pool: value = pool.apply(bytes.upper, (value,))",
    "a terminated process": (
        "p = get_context('fork').Process(target=time.sleep, args=(600,)); "
        "p.start(); p.terminate(); p.join()"
    ),
    "a broken pool": "value = broken(value)",
    "a child that returns": "pid = os.fork()\n    if pid: os.waitpid(pid, 0)",
    "a child that exits": (
        "pid = os.fork()\n    if not pid: raise ValueError\n    os.waitpid(pid, 0)"
    ),
}
BROKEN = """
import os, signal, sys, time
from multiprocessing import get_context
from concurrent.futures import ProcessPoolExecutor

def broken(value):
    with ProcessPoolExecutor(1, get_context("fork")) as pool:
        result = pool.submit(time.sleep, 600)
        os.kill(*pool._processes, signal.SIGTERM)
        return str(result.exception()).encode()[:1] and value

def function(value):
    {line}
    return value
"""


@pytest.mark.parametrize("case", CHILDREN)
def test_function_starts_processes(stream: Stream, case: str) -> None:
    stream.create()
    processor = stream.with_step(
        'records = map_value("mine", records, function)', BROKEN.format(line=CHILDREN[case])
    ).start()
    stream.send(*numbers(5))
    stream.drain()
    assert values(stream.arrived()) == [b"0", b"1", b"2", b"3", b"4"]
    processor.running().signal(signal.SIGTERM)
    assert processor.exit_code() == 0
    assert "stopped: all records read are delivered and committed" in processor.output


def test_charset_reaches_function(stream: Stream) -> None:
    stream.create()
    stream.with_step(
        'records = map_value("charset", records, charset_of)',
        "def charset_of(value, charset):\n    return charset",
    ).start()
    stream.send(Record(b"1", headers=[("contentType", b"text/plain;charset=utf-16")]), Record(b"2"))
    assert [(value or b"").lower() for value in values(stream.await_arrivals(2))] == [
        b"utf-16",
        b"utf-8",
    ]


ROUGH = """
import ctypes, logging.config, signal, sys

class NoClass:
    @property
    def __class__(self):
        raise RuntimeError

def rough(value):
    if value == b"1":
        logging.config.dictConfig({"version": 1})
        sys.stdout.close()
        sys.stderr.close()
    return {b"2": NoClass(), b"3": ctypes.c_int(5)}.get(value, value)

def rough_values(value):
    return [rough(value)]

def late(*_):
    raise TimeoutError

def alarm(value):
    signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, 0.5)
    return value
"""


@pytest.mark.parametrize("guarantee", [{}, EXACTLY_ONCE], ids=["at least once", "exactly once"])
@pytest.mark.parametrize(
    "step", ['map_value("m", records, rough)', 'flat_map_value("m", records, rough_values)']
)
def test_function_may_misuse_log_and_values(
    stream: Stream, step: str, guarantee: dict[str, str]
) -> None:
    stream.create()
    processor = stream.with_step(f"records = {step}", ROUGH, guarantee).start()
    stream.send(*numbers(6))
    stream.drain()
    assert values(stream.arrived()) == [b"0", b"1", b"4", b"5"]
    assert values(read(stream.kafka.bootstrap, stream.dead_letters)) == [b"2", b"3"]
    assert "returned NoClass; " in processor.output.replace("yielded", "returned")
    assert "returned c_int; " in processor.output.replace("yielded", "returned")
    assert "Traceback" not in processor.output


def test_leftover_timer_stops_with_one_line(stream: Stream) -> None:
    stream.create()
    processor = stream.with_step('records = map_value("m", records, alarm)', ROUGH).start()
    stream.send(*numbers(1))
    assert processor.exit_code() == 1
    assert "unforeseen TimeoutError at " in processor.output
    assert "Traceback" not in processor.output
