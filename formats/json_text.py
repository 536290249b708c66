"""Reading JSON that a sender wrote: the only place that does so."""

import json
from typing import Any, NoReturn


class InvalidJsonError(ValueError):
    """The text is no JSON, or none that can be read here; the message never quotes the text."""


def parse_json(text: bytes | str) -> Any:
    """The value that a JSON text stands for; of equal keys the last counts, as for Jackson.

    Args:
        text: The JSON. Bytes are UTF-8, or UTF-16 or UTF-32 by their first four bytes.

    Raises:
        InvalidJsonError: Bytes are no text, or the text is no JSON (NaN and Infinity are none). Or
            the text is nested too deeply for the interpreter (about 900 levels), or has a whole
            number of more than 4,300 digits. Nothing else is raised.
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
