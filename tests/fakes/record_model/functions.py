"""The functions of the flow: one of each kind."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from python_processor import Record
from tests.fakes.record_model.world import (
    ATTEMPTS,
    LARGE,
    World,
    made,
    read,
)


def function_of(world: World, step: int, kind: str) -> Callable[..., Any]:  # noqa: C901, PLR0915 - one short function for each kind
    def become(value: Any, mark: str) -> bytes | None:
        record, trail = read(value)
        action = world.called(step, record, trail)
        if action == "wrong":
            return 5  # type: ignore[return-value]  # on purpose
        return (
            None if action == "drop" else made(record, trail + mark + LARGE * (action == "large"))
        )

    def become_json(value: Any, mark: str) -> Any:
        result = become(value, mark)
        return json.loads(result) if isinstance(result, bytes) else result

    def become_record(record: Record, value: Any, mark: str, part: str = "") -> Any:
        number, trail = read(value)
        action = world.called(step, number, trail)
        assert (record.offset, read(record.value)) == (number, (number, trail))
        if action == "drop":
            return None
        key = 5 if action == "wrong" else (record.key or b"") + f"{step}{part}".encode()
        more = LARGE if action == "large" else trail + part
        result = (
            json.loads(made(number, trail + mark + part))
            if mark == "j"
            else made(number, trail + mark + part)
        )
        return record.replace(value=result, key=key, headers={**record.headers, f"h{step}": more})  # type: ignore[arg-type]

    def as_bytes(value: bytes) -> bytes | None:
        return become(value, "b")

    def with_charset(value: bytes, charset: str) -> bytes | None:
        world.charsets.add(charset)
        return become(value, "c")

    def as_text(value: str) -> str | None:
        assert isinstance(value, str)
        result = become(value, "t")
        return result.decode() if isinstance(result, bytes) else result

    def as_json(value: dict[str, Any]) -> dict[str, Any] | None:
        return become_json(value, "j")  # type: ignore[no-any-return]

    def json_with_record(value: dict[str, Any], record: Record) -> dict[str, Any] | None:
        assert record.offset == value["record"]
        return become_json(value, "J")  # type: ignore[no-any-return]

    def as_record(record: Record) -> Record | None:
        return become_record(record, record.value, "r")  # type: ignore[no-any-return]

    def record_of_json(value: dict[str, Any], record: Record) -> Record | None:
        return become_record(record, value, "j")  # type: ignore[no-any-return]

    def keep(value: bytes) -> bool:
        result = become(value, "")
        return parts(None, bytes) if result == 5 else result is not None  # type: ignore[return-value, comparison-overlap]

    def keep_json(value: dict[str, Any]) -> bool:
        return keep(value)  # type: ignore[arg-type]

    def split(value: bytes) -> Iterator[bytes]:
        yield from parts(become(value, "s"), bytes)

    def split_json(value: dict[str, Any]) -> Iterator[dict[str, Any]]:
        yield from parts(become(value, "s"), json.loads)

    def parts(result: Any, convert: Callable[[bytes], Any]) -> Iterator[Any]:
        if result == 5:
            yield 5
        elif result is not None:
            record, trail = read(result)
            yield convert(made(record, trail + "0"))
            yield convert(made(record, trail + "1"))

    def split_record(record: Record) -> Iterator[Record]:
        number, trail = read(record.value)
        world.attempts.pop((step, number, trail + "/second"), None)
        if (first := become_record(record, record.value, "s", "0")) is not None:
            yield first
            attempts = world.attempts[step, number, trail]
            # The second call for this value does not raise.
            world.attempts[step, number, trail] = ATTEMPTS
            yield become_record(record, record.value, "s", "1")
            world.attempts[step, number, trail] = attempts

    async def take_time(value: Any) -> None:
        for _ in range((read(value)[0] * 7) % 4):  # calls end in another order than they begin
            await asyncio.sleep(0)

    async def async_bytes(value: bytes) -> bytes | None:
        await take_time(value)
        return become(value, "b")

    async def async_json(value: dict[str, Any]) -> dict[str, Any] | None:
        await take_time(value)
        return become_json(value, "j")  # type: ignore[no-any-return]

    async def async_record(record: Record) -> Record | None:
        await take_time(record.value)
        return become_record(record, record.value, "r")  # type: ignore[no-any-return]

    async def async_keep(value: bytes) -> bool:
        await take_time(value)
        return keep(value)

    async def async_split_json(value: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:
        for part in parts(become(value, "s"), json.loads):
            await take_time(value)
            yield part

    functions: dict[str, Callable[..., Any]] = {
        "async bytes": async_bytes,
        "async json": async_json,
        "async record": async_record,
        "async keep": async_keep,
        "async split json": async_split_json,
        "bytes": as_bytes,
        "charset": with_charset,
        "text": as_text,
        "json": as_json,
        "json with record": json_with_record,
        "record": as_record,
        "record of json": record_of_json,
        "keep": keep,
        "keep json": keep_json,
        "split": split,
        "split json": split_json,
        "split record": split_record,
    }
    return functions[kind]
