"""Functions of a user's own, named by --function, on a real broker."""

import json
from pathlib import Path

import pytest

from tests.support.load.records import Record
from tests.support.stream import Stream

ORDERS = """
from collections.abc import Iterator
import pydantic
from python_processor import Properties, Record, option

class Options(Properties):
    threshold: int = option(3, "Smallest total that passes.")

class Order(pydantic.BaseModel):
    total: int

def enrich(order: dict, record: Record, options: Options) -> dict | None:
    return order | {"offset": record.offset} if order["total"] >= options.threshold else None

def route(order: dict, record: Record) -> Record:
    return record.replace(key=str(order["total"]), headers={**record.headers, "size": 5, "kind": "big"})

def split(order: dict) -> Iterator[dict]:
    yield from ({"part": n} for n in range(order["total"]))

def check(order: Order) -> Order:
    return order
"""  # noqa: E501 - lines of a page
TYPES = b'{"contentType":"java.lang.String"}'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "shop.py").write_text(ORDERS)
    return tmp_path / "own"


def arrivals(
    stream: Stream, folder: Path, function: str, *values: bytes, **properties: str
) -> list[Record]:
    stream.create()
    settings = {"function": function, "python-processor.function-path": str(folder), **properties}
    stream.processor(settings).start()
    stream.send(*(Record(value, b"key", [("h", b"1")]) for value in values))
    stream.drain()
    return stream.arrived()


def test_json_function_with_its_property(stream: Stream, folder: Path) -> None:
    found = arrivals(
        stream,
        folder,
        "shop:enrich",
        b'{"total": 9}',
        b'{"total": 5}',
        b'{"total": 7}',
        threshold="6",
    )
    assert [json.loads(record.value or b"") for record in found] == [
        {"total": 9, "offset": 0},
        {"total": 7, "offset": 2},
    ]
    assert list(found[0].headers) == [
        ("h", b"1"),
        ("contentType", b"application/json"),
        ("spring_json_header_types", TYPES),
    ]
    assert found[0].key == b"key"


def test_record_sets_key_and_headers(stream: Stream, folder: Path) -> None:
    (found,) = arrivals(stream, folder, "shop:route", b'{"total": 9}')
    headers = dict(found.headers)
    assert (found.key, found.value) == (b"9", b'{"total": 9}')
    assert (headers["h"], headers["size"], headers["kind"]) == (b"1", b"5", b"big")
    assert json.loads(headers["spring_json_header_types"] or b"") == {
        "size": "java.lang.Long",
        "kind": "java.lang.String",
    }


def test_generator_gives_several(stream: Stream, folder: Path) -> None:
    found = arrivals(stream, folder, "shop:enrich|shop:split", b'{"total": 3}', b'{"total": 1}')
    assert [record.value for record in found] == [b'{"part":0}', b'{"part":1}', b'{"part":2}']


def test_invalid_value_is_dead_letter(stream: Stream, folder: Path) -> None:
    endless = {"spring.cloud.stream.bindings.input.consumer.back-off-initial-interval": "3600000"}
    found = arrivals(
        stream, folder, "shop:check", b'{"total": "x"}', b'{"total": 1}', b"no json", **endless
    )
    assert [record.value for record in found] == [b'{"total":1}']
