"""Reads JSON that a sender has written. No other module does."""

import json
from typing import Any, NoReturn


class InvalidJsonError(ValueError):
    """The text is no JSON, or cannot be read here. The message never quotes the text."""


def parse_json(text: bytes | str) -> Any:
    """Return the value of a JSON text. As in Jackson, the last of equal keys counts.

    Args:
        text: The JSON. Bytes are UTF-8, or UTF-16 or UTF-32 by their first four bytes.

    Raises:
        InvalidJsonError: The text is no JSON (NaN and Infinity are none). Or it is nested more than
            about 900 levels, or has a whole number of more than 4,300 digits. No other error is
            raised.
    """
    try:
        return _DECODER.decode(
            text if isinstance(text, str) else text.decode(json.detect_encoding(text))
        )
    except (ValueError, RecursionError):
        raise InvalidJsonError("no JSON that can be read") from None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


_DECODER = json.JSONDecoder(parse_constant=_refuse)
