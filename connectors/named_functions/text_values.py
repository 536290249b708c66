"""Text as a function's argument and result, in the charset of the record's contentType."""

import codecs
from typing import Any

from connectors.functions.values import exact
from text import UndecodableText

_MARKS = {
    "utf-16": ((codecs.BOM_UTF16_BE, "utf-16-be"), (codecs.BOM_UTF16_LE, "utf-16-le")),
    "utf-32": ((codecs.BOM_UTF32_BE, "utf-32-be"), (codecs.BOM_UTF32_LE, "utf-32-le")),
}


def decode(value: Any, codec: str) -> str:
    """Return the text of a value. Raises UndecodableText if the codec cannot decode it."""
    if isinstance(value, str):  # the result of an earlier step
        return value
    try:
        text: str = value.decode(codec)
    except ValueError:
        # Not chained, as the cause contains the text.
        raise UndecodableText(f"not valid {codec!r} text") from None
    return text


def encode(result: Any, value: Any, codec: str, _record: Any = None) -> Any:
    """Return text in the codec and with the byte order mark of `value`. Other results stay."""
    if type(result) is not str:
        if not issubclass(type(result), str):
            return result
        result = exact(result)  # a subclass may override encode()
    mark = b""
    if codec in _MARKS:
        mark, codec = next(
            (
                each
                for each in _MARKS[codec]
                if isinstance(value, bytes) and value.startswith(each[0])
            ),
            (b"", codec),
        )
    try:
        return mark + result.encode(codec) if mark else result.encode(codec)
    except ValueError:
        raise UndecodableText(f"the result cannot be written in {codec!r}") from None
