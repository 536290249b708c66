"""Only bytes, str and None are values; the client alone would take more, and ask subclasses."""

import ctypes
from collections.abc import Callable
from typing import Any, Never

import pytest

from config import Settings
from connectors.cluster.broker_status import BrokerStatus
from connectors.functions.values import are_exact, exact
from connectors.produce.record_producer import RecordProducer
from connectors.records.batch import RecordBatch
from tests.fakes.messages import batch, message


class Text(str):
    __slots__ = ()

    def encode(self, *_: object) -> Never:
        raise OSError

    def __getitem__(self, _: object) -> Never:
        raise OSError


class Bytes(bytes):
    def __len__(self) -> int:
        raise OSError

    def __bool__(self) -> bool:
        raise OSError

    def __getitem__(self, _: object) -> Never:
        raise OSError


class NoClass:
    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        raise OSError


class Unhashable(type):
    def __hash__(cls) -> int:
        raise OSError


class OfUnhashable(metaclass=Unhashable):
    pass


NO_VALUES: dict[str, Callable[[], Any]] = {  # in functions: pytest itself would ask them
    "c_double": ctypes.c_double,
    "c_char_Array_3": ctypes.c_char * 3,
    "NoClass": NoClass,
    "OfUnhashable": OfUnhashable,
    "int": int,
    "bool": bool,
    "dict": dict,
    "bytearray": bytearray,
}


@pytest.mark.parametrize("value", [b"", b"v", "", "ü", "\ud800", None])
def test_exact_values_stay(value: object) -> None:
    assert are_exact([value])
    assert exact(value) is value


def test_subclass_methods_are_not_called() -> None:
    assert not are_exact([b"x", Bytes(b"v")])
    assert not are_exact([Text("v")])
    assert (type(exact(Bytes(b"v"))), exact(Bytes(b"v"))) == (bytes, b"v")
    assert (type(exact(Text("v"))), exact(Text("v"))) == (str, "v")


@pytest.mark.parametrize("kind", NO_VALUES)
@pytest.mark.parametrize("way", ["map", "map with charset", "flat_map"])
def test_wrong_value_costs_its_record_only(way: str, kind: str) -> None:
    value = NO_VALUES[kind]()

    def enrich(given: bytes) -> Any:
        return value if given == b"1" else given

    def enrich_text(given: bytes, charset: str) -> Any:
        assert charset
        return enrich(given)

    records = batch(*(message(b"%d" % number, number) for number in range(3)))
    if way == "flat_map":
        records.flat_map("f.s", lambda given: [b"first", enrich(given)])
    elif way == "map":
        records.map("f.s", enrich)
    else:
        records.map("f.s", enrich_text, wants_charset=True)
    output = RecordProducer(Settings(), BrokerStatus(("127.0.0.1:1",), {}))
    given_up: list[tuple[str, int | None, str]] = []

    def give_up(given: RecordBatch, step: str, record: Any, error: BaseException) -> None:
        given.give_up(record)
        given_up.append((step, record.offset(), str(error)))

    output.produce_batch(records, lambda _: None, give_up)
    output.producer.purge()
    ((step, offset, text),) = given_up
    assert (step, offset, output.sent) == ("f.s", 1, 4 if way == "flat_map" else 2)
    assert f"ed {kind}; " in text
