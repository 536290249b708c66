"""Spring's spellings of values: booleans, durations, sizes, lists. With their Java types."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
TRUE = frozenset({"true", "yes", "on", "1"})
FALSE = frozenset({"false", "no", "off", "0"})
_NUMBER = re.compile(r"[+-]?[0-9]{1,19}")  # at most Java's long
_SIMPLE_DURATION = re.compile(r"([0-9]{1,15})(ns|us|ms|s|m|h|d)?", re.IGNORECASE)
_ISO_DURATION = re.compile(
    r"P(?:(\d{1,9})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9}(?:\.\d{1,9})?)S)?)?",
    re.IGNORECASE,
)
_SECONDS = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_SIZE = re.compile(r"([0-9]{1,12})(B|KB|MB|GB|TB)?", re.IGNORECASE)
# A name or an address, an IPv6 one in brackets, with a port or without; Data Flow's own compose
# file puts a scheme in front. The characters are those that Java's client allows.
_BROKER = re.compile(
    r"(?:\w+://)?(?:\[[0-9A-Za-z:.%_-]+\]|[0-9A-Za-z.%_-]+)(?::(?P<port>[0-9]{1,5}))?"
)
_PORTS = range(1, 65536)
_BYTES = {"B": 1, "KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30, "TB": 1 << 40}


@dataclass(frozen=True)
class PropertyType(Generic[T]):
    """Parses a value. `parse` raises ValueError. `allowed` ends the sentence "allowed is ..."."""

    parse: Callable[[str], T]
    allowed: str
    java: str  # the Java type in Data Flow's metadata
    words: tuple[str, ...] = ()  # all values, if they are few
    nearest: bool = False  # whether parse returns the nearest value of a range


def boolean(text: str) -> bool:
    """Parse one of Spring's words for true and false. Raises ValueError."""
    word = text.strip().lower()
    if word not in TRUE | FALSE:
        raise ValueError(text)
    return word in TRUE


def truthy(text: str) -> bool:
    """Parse a boolean. Any other word is false."""
    return text.strip().lower() in TRUE


def integer(text: str) -> int:
    """Parse a whole number.

    Args:
        text: The number.

    Raises:
        ValueError: The text is no whole number, or longer than Java's long.
    """
    if not _NUMBER.fullmatch(text.strip()):
        raise ValueError(text)
    return int(text)


def seconds(text: str, unit: str = "ms") -> float:
    """Parse a duration such as `5s`, `500ms` or `PT1M30S` to seconds.

    Args:
        text: The duration.
        unit: The unit of a plain number.

    Raises:
        ValueError: The text is no duration.
    """
    text = text.strip()
    if simple := _SIMPLE_DURATION.fullmatch(text):
        return int(simple[1]) * _SECONDS[(simple[2] or unit).lower()]
    iso = _ISO_DURATION.fullmatch(text)
    if not iso or text[-1] in "PpTt":
        raise ValueError(text)
    return sum(
        float(part) * _SECONDS[unit]
        for part, unit in zip(iso.groups(), "dhms", strict=True)
        if part
    )


def size(text: str) -> int:
    """Parse a size such as `16KB` to bytes. A plain number is bytes. Raises ValueError."""
    found = _SIZE.fullmatch(text.strip())
    if not found:
        raise ValueError(text)
    return int(found[1]) * _BYTES[(found[2] or "B").upper()]


def _text(text: str) -> str:
    """Parse text for Kafka's client: no zero character and no half of a surrogate pair."""
    if "\0" in text:
        raise ValueError(text)
    text.encode()
    return text


def items(text: str) -> tuple[str, ...]:
    """Return the trimmed items of a comma-separated list, without empty ones. Raises ValueError."""
    return tuple(item.strip() for item in _text(text).split(",") if item.strip())


def _brokers(text: str) -> tuple[str, ...]:
    found = items(text)
    for broker in map(_BROKER.fullmatch, found):
        if not broker or (broker["port"] and int(broker["port"]) not in _PORTS):
            raise ValueError(text)
    return found


DURATION = "a duration such as 500ms, 5s or PT1M; a plain number is milliseconds"
SIZE = "a size such as 16KB or 1MB; a plain number is bytes"

FLAG = PropertyType(boolean, "true, yes, on, 1 or false, no, off, 0", "java.lang.Boolean")
LENIENT_BOOL = PropertyType(
    truthy, "true, yes, on or 1; anything else is false", "java.lang.Boolean"
)


TEXT = PropertyType(_text, "any text without a zero character", "java.lang.String")
LIST = PropertyType(items, "a comma-separated list", "java.util.List<java.lang.String>")
BROKERS = PropertyType(
    _brokers,
    "host or host:port, several with commas between them",
    "java.util.List<java.lang.String>",
)


def bounded_integer(low: int, high: int = 2**31 - 1) -> PropertyType[int]:
    """Return the type of a whole number.

    Args:
        low: The least allowed.
        high: The most allowed.
    """

    def parse(text: str) -> int:
        number = integer(text)
        if not low <= number <= high:
            raise ValueError(text)
        return number

    return PropertyType(
        parse,
        f"a whole number from {low} to {high}"
        if high < 2**31 - 1
        else f"a whole number from {low} up",
        "java.lang.Integer",
    )


def nearest(
    low: int, high: int, *, least: int = 0, instead: dict[int, int] | None = None
) -> PropertyType[int]:
    """Return the type of a Java whole number that is limited to the client's range.

    Args:
        low: The client's least.
        high: The client's most.
        least: The least that Java allows.
        instead: The client's numbers for special numbers.
    """

    def parse(text: str) -> int:
        number = integer(text)
        if number < least or number >= 1 << 63:
            raise ValueError(text)
        return (instead or {}).get(number, min(max(number, low), high))

    return PropertyType(parse, f"a whole number from {least} up", "java.lang.Long", nearest=True)


def duration(low: float, high: float) -> PropertyType[float]:
    """Return the type of a duration. Its value is in seconds. A plain number is milliseconds.

    Args:
        low: The least allowed, in seconds.
        high: The most allowed, in seconds.
    """

    def parse(text: str) -> float:
        value = seconds(text)
        if not low <= value <= high:
            raise ValueError(text)
        return value

    return PropertyType(parse, f"{DURATION}; from {low:g} s to {high:g} s", "java.time.Duration")


def word(*words: str) -> PropertyType[str]:
    """Make the type of one of several words, in any case: as Kafka's Java client reads them.

    Args:
        words: The allowed ones.
    """

    def parse(text: str) -> str:
        if (found := text.strip().lower()) not in words:
            raise ValueError(text)
        return found

    return PropertyType(parse, "one of " + ", ".join(words), "java.lang.String", words)


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text)).lower()


def choice(*words: str) -> PropertyType[str]:
    """Return the type of one of several words, compared by letters and digits as in Spring Boot.

    Args:
        words: The allowed words.
    """
    known = {_letters(word): word for word in words}

    def parse(text: str) -> str:
        word = known.get(_letters(text))
        if word is None:
            raise ValueError(text)
        return word

    return PropertyType(parse, "one of " + ", ".join(words), "java.lang.String", words)
