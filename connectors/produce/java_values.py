"""Java's values, as far as headers and JSON have them, and their hash codes."""

import re
import struct
import sys
from collections.abc import Callable
from functools import partial
from operator import mul

from formats.json_text import parse_json

_MASK = 0xFFFF_FFFF
_UTF16 = "utf-16-le" if sys.byteorder == "little" else "utf-16-be"
_BLOCK = 256
# The factor of each character in a block.
_POWERS = [pow(31, _BLOCK - 1 - place, 1 << 32) for place in range(_BLOCK)]


class Long(int):
    """A java.lang.Long, even if an Integer could hold it: hash codes of negative numbers differ.

    A plain int is of the smallest class that can hold it.
    """

    __slots__ = ()


class Float(float):
    """A java.lang.Float. A plain float is a Double."""

    __slots__ = ()


Scalar = str | bool | int | float

_WHOLE = re.compile(r"[+-]?[0-9]{1,20}")
_REAL = re.compile(
    r"[+-]?(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][+-]?[0-9]+)?|[+-]?(?:Infinity|INF)|NaN"
)
_TRUTH = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_FLOAT_MAX = 3.4028235677973366e38  # a Float of this size or more is infinite


def to_text(value: Scalar) -> str:
    """Return the text of Java's toString().

    Args:
        value: A value of a Java type.

    Raises:
        ValueError: Java writes the number with an exponent, or the number is a Float.
    """
    if isinstance(value, float) and (
        isinstance(value, Float) or not (value == 0 or 1e-3 <= abs(value) < 1e7)
    ):
        raise ValueError("Java's own form of a number")
    return str(value).lower() if isinstance(value, bool) else str(value)


def whole_number(value: object, bits: int) -> int:
    """Convert to a Java whole number.

    Args:
        value: A number, or a text with one.
        bits: The size of the Java type.

    Raises:
        ValueError: The value is no whole number, or does not fit.
    """
    if isinstance(value, str):
        usable = _WHOLE.fullmatch(value.strip()) is not None
    else:
        usable = (
            isinstance(value, int | float)
            and not isinstance(value, bool)
            and abs(value) < 1 << bits
        )
    if not usable:
        raise ValueError("no whole number")
    number: int = int(value)  # type: ignore[call-overload]  # a text or a number, as checked above
    if not -(1 << bits - 1) <= number < 1 << bits - 1:
        raise ValueError(f"more than {bits} bits")
    return number


def _long(value: object) -> Long:
    return Long(whole_number(value, 64))


def _double(value: object) -> float:
    if isinstance(value, str) and _REAL.fullmatch(value.strip()):
        return float(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return float(value)
        except OverflowError:  # a whole number of more than 308 digits
            return float("inf") if value > 0 else float("-inf")
    raise ValueError("no number")


def _float(value: object) -> Float:
    number = _double(value)
    return Float(
        number if not abs(number) >= _FLOAT_MAX else float("inf") if number > 0 else float("-inf")
    )


def _boolean(value: object) -> bool:
    if isinstance(value, str):
        value = _TRUTH.get(value.strip())
    if not isinstance(value, int):
        raise ValueError("no truth value")  # noqa: TRY004 - the text is wrong, not its type
    return bool(value)


_KINDS: dict[str, Callable[[object], Scalar]] = {
    "java.lang.Integer": partial(whole_number, bits=32),
    "java.lang.Short": partial(whole_number, bits=16),
    "java.lang.Byte": partial(whole_number, bits=8),
    "java.lang.Long": _long,
    "java.lang.Double": _double,
    "java.lang.Float": _float,
    "java.lang.Boolean": _boolean,
}


def read(kind: str, text: str) -> Scalar | None:
    """Return the value of a JSON text, as Jackson reads it.

    Args:
        kind: The Java class, such as java.lang.Integer.
        text: The JSON.

    Raises:
        KeyError: The class is unknown here.
        ValueError: The text is no such value.
    """
    convert = _KINDS[kind]
    value = parse_json(text)
    return None if value is None else convert(value)


def hash_code(value: Scalar) -> int:
    """Return Java's hashCode() as a signed number of 32 bits.

    For a String, Boolean, Integer, Long, BigInteger, Float or Double.
    """
    if isinstance(value, str):
        code = _of_string(value)
    elif isinstance(value, bool):
        code = 1231 if value else 1237
    elif isinstance(value, int):
        code = _of_whole_number(value)
    elif isinstance(value, Float):
        code = _bits(">f", ">I", value, 0x7FC0_0000)
    else:
        bits = _bits(">d", ">Q", value, 0x7FF8_0000_0000_0000)
        code = bits ^ bits >> 32
    code &= _MASK
    return code - (1 << 32) if code >> 31 else code


def _of_string(text: str) -> int:
    """Return s[0]*31^(n-1) + ... + s[n-1] over UTF-16 units. Block by block is faster."""
    units = memoryview(text.encode(_UTF16, "surrogatepass")).cast("H")
    code = 0
    for start in range(0, len(units), _BLOCK):
        block = units[start : start + _BLOCK]
        code = (
            code * pow(31, len(block), 1 << 32) + sum(map(mul, block, _POWERS[-len(block) :]))
        ) & _MASK
    return code


def _of_whole_number(value: int) -> int:
    if not isinstance(value, Long) and -(1 << 31) <= value < 1 << 31:
        return value
    if -(1 << 63) <= value < 1 << 63:
        return value ^ value >> 32
    magnitude = abs(value)
    code = 0
    # A BigInteger is hashed by its words, the highest first.
    for place in range((magnitude.bit_length() - 1) // 32, -1, -1):
        code = code * 31 + (magnitude >> 32 * place & _MASK)
    return -code if value < 0 else code


def _bits(real: str, whole: str, value: float, nan: int) -> int:
    """Return the IEEE 754 bits. Java has a single NaN."""
    if value != value:  # noqa: PLR0124 - only NaN differs from itself
        return nan
    bits: int = struct.unpack(whole, struct.pack(real, value))[0]
    return bits
