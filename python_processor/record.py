"""The record that a function is called for."""

from collections.abc import Iterable, Mapping
from operator import itemgetter
from types import MappingProxyType
from typing import Any, Self

_CONTENT_TYPE = "contentType"
_KEEP: Any = object()
HeaderList = list[tuple[str, bytes | None]]


class Record(tuple[Any, ...]):
    """A record for a function. It cannot be changed. `replace` makes another one.

    It is a tuple, which is several times as fast as an object with seven fields. One is made for
    each record.
    """

    __slots__ = ()

    def __new__(  # noqa: PLR0917 - one for each part of a record
        cls,
        value: Any = b"",
        key: bytes | str | None = None,
        headers: Mapping[str, Any] | Iterable[tuple[str, Any]] = (),
        topic: str = "",
        partition: int = 0,
        offset: int = 0,
        timestamp: int = 0,
    ) -> Self:
        """Make a record.

        Args:
            value: Bytes, or the str that an earlier step has returned.
            key: Bytes, text or None.
            headers: By name, or pairs of name and value.
            topic: The topic that the record was read from.
            partition: Its partition there.
            offset: Its offset there.
            timestamp: Milliseconds since 1970 (UTC).
        """
        pairs = headers.items() if isinstance(headers, Mapping) else headers
        return tuple.__new__(cls, (value, key, list(pairs), topic, partition, offset, timestamp))

    value = property(
        itemgetter(0),
        doc="The value as it is here: bytes, or the str that an earlier step has returned.",
    )
    key = property(itemgetter(1), doc="The key, bytes or None.")
    topic = property(itemgetter(3), doc="The topic that the record was read from.")
    partition = property(itemgetter(4), doc="Its partition there.")
    offset = property(itemgetter(5), doc="Its offset there.")
    timestamp = property(itemgetter(6), doc="Its timestamp, in milliseconds since 1970 (UTC).")

    @property
    def headers(self) -> Mapping[str, Any]:
        """The headers by name. Values are bytes or None. The last of equal names counts."""
        return MappingProxyType(dict(self[2]))

    @property
    def content_type(self) -> str | None:
        """The contentType header as text, without JSON's quotes."""
        found = self.headers.get(_CONTENT_TYPE)
        return found.decode("latin-1").strip('"') if isinstance(found, bytes) else found

    def replace(
        self,
        *,
        value: Any = _KEEP,
        key: bytes | str | None = _KEEP,
        headers: Mapping[str, Any] = _KEEP,
    ) -> "Record":
        """Return the same record with another value, key or headers.

        Args:
            value: bytes, str, or a value that is written as JSON: dict, list, dataclass, pydantic
                model. None is refused: return None to drop the record.
            key: bytes, str (sent as UTF-8) or None.
            headers: All headers of the new record, so start from `record.headers`:
                `{**record.headers, "source": "shop"}`. Bytes stay as they are. str, int, float and
                bool are typed, so that a Spring application gets a String, Long, Double or Boolean.
        """
        changed = list(self)
        for place, new in enumerate((value, key, headers)):
            if new is not _KEEP:
                changed[place] = list(headers.items()) if new is headers else new
        return tuple.__new__(Record, changed)

    def __getnewargs__(self) -> tuple[Any, ...]:
        """Have pickle and copy make an equal record."""
        return tuple(self)

    def __repr__(self) -> str:
        """Return topic, partition and offset, without the payload."""
        # A payload here could get into a log.
        return f"Record({self.topic}-{self.partition}@{self.offset})"
