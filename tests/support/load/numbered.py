"""Numbered records, and values of records."""

from tests.support.load.records import Record


def numbers(count: int) -> list[Record]:
    return [Record(str(n).encode(), b"key") for n in range(count)]


def values(records: list[Record]) -> list[bytes | None]:
    return [record.value for record in records]
