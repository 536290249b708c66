"""Values as Java sees them, as far as headers and JSON carry them, and their hash codes."""

import json
import struct
import sys
from collections.abc import Callable
from operator import mul

_MASK = 0xFFFF_FFFF
_UTF16 = "utf-16-le" if sys.byteorder == "little" else "utf-16-be"
_BLOCK = 256
_POWERS = [pow(31, _BLOCK - 1 - place, 1 << 32) for place in range(_BLOCK)]  # of the places of a block of characters


class Long(int):
    """A java.lang.Long, also where an Integer would do: their hash codes differ below zero. A plain int is the smallest that holds it."""

    __slots__ = ()


class Float(float):
    """A java.lang.Float; a plain float is a Double."""

    __slots__ = ()


Scalar = str | bool | int | float

_KINDS: dict[str, Callable[[object], Scalar]] = {
    "java.lang.Integer": int,  # type: ignore[dict-item]  # these four raise for what they cannot take
    "java.lang.Short": int,  # type: ignore[dict-item]
    "java.lang.Byte": int,  # type: ignore[dict-item]
    "java.lang.Long": Long,  # type: ignore[dict-item]
    "java.lang.Double": float,  # type: ignore[dict-item]
    "java.lang.Float": Float,  # type: ignore[dict-item]
    "java.lang.Boolean": bool,
}


def read(kind: str, text: str) -> Scalar | None:
    """The value of the Java class `kind` that the JSON `text` stands for. Raises KeyError for other classes, ValueError for other text."""
    convert = _KINDS[kind]
    value = json.loads(text)
    if isinstance(value, list | dict):
        raise ValueError(text)  # noqa: TRY004 - it is the text that is wrong
    return None if value is None else convert(value)


def hash_code(value: Scalar) -> int:
    """Java's hashCode() of a String, Boolean, Integer, Long, BigInteger, Float or Double, as a signed number of 32 bits."""
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
    """s[0]*31^(n-1) + ... + s[n-1] over UTF-16 code units, block by block: sum and map are quicker than a loop."""
    units = memoryview(text.encode(_UTF16, "surrogatepass")).cast("H")
    code = 0
    for start in range(0, len(units), _BLOCK):
        block = units[start : start + _BLOCK]
        code = (code * pow(31, len(block), 1 << 32) + sum(map(mul, block, _POWERS[-len(block) :]))) & _MASK
    return code


def _of_whole_number(value: int) -> int:
    if not isinstance(value, Long) and -(1 << 31) <= value < 1 << 31:
        return value
    if -(1 << 63) <= value < 1 << 63:
        return value ^ value >> 32
    magnitude = abs(value)
    code = 0
    for place in range((magnitude.bit_length() - 1) // 32, -1, -1):  # a BigInteger: its words, the highest first
        code = code * 31 + (magnitude >> 32 * place & _MASK)
    return -code if value < 0 else code


def _bits(real: str, whole: str, value: float, nan: int) -> int:
    """The IEEE 754 bits; Java has one NaN."""
    if value != value:  # noqa: PLR0124 - true of NaN alone
        return nan
    bits: int = struct.unpack(whole, struct.pack(real, value))[0]
    return bits
