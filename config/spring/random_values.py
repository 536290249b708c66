"""`${random.value}`, `${random.int(10)}`, `${random.uuid}`: Spring Boot's random values."""

import random
import re
import uuid

from config.errors import SettingsError

PREFIX = "random."
_BITS = {"int": 32, "long": 64}


def random_value(name: str, source: random.Random) -> str:
    """Return the value of a placeholder `${random...}`.

    Args:
        name: The text between the braces.
        source: The random number generator.

    Raises:
        SettingsError: The range is not allowed.
    """
    kind = name.removeprefix(PREFIX)
    if kind == "uuid":
        return str(uuid.UUID(int=source.getrandbits(128), version=4))
    prefix = "long" if kind.startswith("long") else "int"
    bits = _BITS[prefix]
    if kind == prefix:
        return str(source.getrandbits(bits) - (1 << (bits - 1)))
    if not kind.startswith(prefix) or len(kind) == len(prefix) + 1:
        return f"{source.getrandbits(128):032x}"
    try:  # any two characters may enclose the range, as in Spring Boot
        *low, high = (_bound(each, bits) for each in kind[len(prefix) + 1 : -1].split(",")[:2])
        return str(source.randrange(low[0] if low else 0, high))
    except ValueError:
        raise SettingsError(
            f"placeholder ${{random.{prefix}...}} is not allowed; allowed is an upper bound, "
            f"which is above 0, or two bounds as in "
            f"${{random.{prefix}[5,9]}}"
        ) from None


def _bound(text: str, bits: int) -> int:
    """Parse a number as Java does, without spaces. Raises ValueError."""
    if not re.fullmatch(r"[+-]?[0-9]{1,19}", text):
        raise ValueError(text)
    number = int(text)
    if not -(1 << (bits - 1)) <= number < 1 << (bits - 1):
        raise ValueError(text)
    return number
