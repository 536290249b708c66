"""`${random.value}`, `${random.int(10)}`, `${random.long[5,9]}`, `${random.uuid}`: Spring Boot's random values."""

import random
import re
import uuid

from config.errors import SettingsError

PREFIX = "random."
_BITS = {"int": 32, "long": 64}
_RANGE = re.compile(r"(int|long)(?:\W(.+)\W)?", re.DOTALL)


def random_value(name: str, source: random.Random) -> str:
    """What `${name}` stands for. Raises SettingsError for a range that is none."""
    kind = name.removeprefix(PREFIX)
    if kind == "uuid":
        return str(uuid.UUID(int=source.getrandbits(128), version=4))
    if not (found := _RANGE.fullmatch(kind)):
        return f"{source.getrandbits(128):032x}"
    bits = _BITS[found[1]]
    if found[2] is None:
        return str(source.getrandbits(bits) - (1 << (bits - 1)))
    try:
        *low, high = (int(each.strip()) for each in found[2].split(","))
        usable = len(low) < 2 and max(map(abs, (*low, high))) < 1 << (bits - 1)
        return str(source.randrange(low[0] if low else 0, high if usable else -(1 << bits)))
    except ValueError:
        raise SettingsError(
            f"placeholder ${{random.{found[1]}...}} is not allowed; allowed is an upper bound, which is above 0, or two bounds as in "
            f"${{random.{found[1]}[5,9]}}"
        ) from None
