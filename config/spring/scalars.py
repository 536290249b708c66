"""Scalars of YAML and JSON as Spring Boot's text: `010` is 8, `yes` is true, `1.10` is 1.1."""

import json
import math
import re
from decimal import Decimal
from typing import Any

# The patterns of SnakeYAML, which follows YAML 1.1. As in Spring Boot, there is none for dates.
_TRUE = frozenset({"yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"})
_FALSE = frozenset({"no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"})
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_INTEGER = re.compile(
    r"[-+]?0b_*[01][01_]*|[-+]?0_*[0-7][0-7_]*|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x_*[0-9a-fA-F][0-9a-fA-F_]*"
    r"|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+"
)
_DECIMAL = re.compile(
    r"[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?|[-+]?[0-9][0-9_]*[eE][-+]?[0-9]+|[-+]?\.[0-9_]+(?:[eE][-+]?[0-9]+)?"
    r"|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)
_MAX_DIGITS = 4000  # Python converts no longer text to a number
_BASES = {"0b": 2, "0x": 16}


class Converted(str):
    """The text of a number or a boolean. As a key it is written in brackets: `[8]`."""

    __slots__ = ()


def convert_scalar(text: str, kind: str | None) -> str | None:
    """Return Spring Boot's text of a YAML scalar.

    Args:
        text: The scalar without quotation marks.
        kind: str, int, float, bool or null if a tag names it. None for a plain scalar, whose form
            decides.

    Returns:
        The text, or None for a null.

    Raises:
        ValueError: The scalar is not of its tag's kind, or has too many digits.
    """
    kind = kind or _kind_of(text)
    if kind == "null":
        return None
    if kind == "bool":
        word = text.lower()
        return (
            Converted("true")
            if word in {"yes", "true", "on"}
            else Converted("false")
            if word in {"no", "false", "off"}
            else None
        )
    if kind == "int":
        return Converted(_integer(text.replace("_", "")))
    return Converted(_decimal(text.replace("_", ""))) if kind == "float" else text


def _kind_of(text: str) -> str:
    if text in _NULL:
        return "null"
    if text in _TRUE or text in _FALSE:
        return "bool"
    return "int" if _INTEGER.fullmatch(text) else "float" if _DECIMAL.fullmatch(text) else "str"


def _integer(text: str) -> str:
    if len(text) > _MAX_DIGITS:
        raise ValueError(len(text))
    digits = text.removeprefix("-") if text.startswith("-") else text.removeprefix("+")
    if not re.fullmatch(r"[0-9a-zA-Z:]+", digits):
        raise ValueError(text)
    if ":" in digits:  # base 60, within Java's int
        number = int(_base_60(digits, int))
        number = (number + (1 << 31)) % (1 << 32) - (1 << 31)
    elif base := _BASES.get(digits[:2]):
        number = int(digits[2:], base)
    else:
        number = int(digits, 8 if digits.startswith("0") else 10)
    return str(-number if text.startswith("-") else number)


def _decimal(text: str) -> str:
    sign = -1.0 if text.startswith("-") else 1.0
    digits = text.lstrip("+-").lower()
    if digits in {".inf", ".nan"}:
        return java_double(sign * float(digits[1:]))
    return java_double(sign * (_base_60(digits, float) if ":" in digits else _float(digits)))


def _float(text: str) -> float:
    if not re.fullmatch(r"[0-9.e+-]+", text):  # Python would accept more
        raise ValueError(text)
    return float(text)


def _base_60(digits: str, number: Any) -> Any:
    total = number(0)
    for part in digits.split(":"):
        total = total * 60 + number(part)
    return total


def java_double(value: float) -> str:
    """Return a number as Java's Double.toString writes it: 1.0E10, 0.001, Infinity."""
    if math.isnan(value):
        return "NaN"
    sign = "-" if math.copysign(1.0, value) < 0 else ""
    value = abs(value)
    if math.isinf(value):
        return f"{sign}Infinity"
    if value == 0 or 1e-3 <= value < 1e7:
        text = format(Decimal(repr(value)), "f")
        return sign + (text if "." in text else f"{text}.0")
    _, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    first, *rest = map(str, digits)
    return f"{sign}{first}.{''.join(rest) or '0'}E{int(exponent) + len(digits) - 1}"


def parse_json(text: str) -> Any:
    """Return a JSON document whose numbers are text, as in Java.

    Args:
        text: The document.

    Raises:
        ValueError: The text is no JSON.
        RecursionError: The document is nested too deeply.
    """
    return json.loads(
        text, parse_int=_json_integer, parse_float=_json_float, parse_constant=_refuse_constant
    )


def _json_integer(text: str) -> str:
    return "0" if text == "-0" else text


def _json_float(text: str) -> str:
    return java_double(float(text))


def _refuse_constant(text: str) -> str:
    """Refuse NaN and Infinity. Python accepts them, and JSON does not have them."""
    raise ValueError(text)
