"""YAML scalars without quotation marks: numbers in every base, booleans, nulls, dates, and what
only looks like them.

An empty mapping is not among them: Spring Boot 3.5 drops it, as this program does, and 4.1 makes it
an empty text.
"""

import random
import re

WRITTEN = (
    *(
        "1.10",
        "010",
        "08",
        "0o10",
        "0x1F",
        "0x",
        "0b101",
        "0_1",
        "1_000",
        "1__0",
        "_1",
        "1,000",
        "-0",
        "+5",
        "99999999999",
    ),
    *(
        "99999999999999999999999",
        "yes",
        "No",
        "ON",
        "off",
        "y",
        "n",
        "true",
        "True",
        "TRUE",
        "tRue",
        "~",
        "null",
        "NULL",
        "Null",
    ),
    *(
        "nULL",
        "",
        "1e3",
        "1e10",
        "1.0e10",
        "1.5e+3",
        "1.5e400",
        "1.0E-5",
        "1.",
        "1._5",
        ".5",
        "-.5",
        ".",
        "0.10",
        "0.1",
        "100.0",
    ),
    *(
        "1234567.0",
        "12345678.9",
        "0.001",
        "0.0001",
        "3.14159265358979323846",
        ".inf",
        "-.INF",
        "+.inf",
        ".nan",
        ".NaN",
        "1:30",
    ),
    *(
        "190:20:30",
        "12:30.5",
        "1:60",
        "2024-01-01",
        "2024-01-01T10:00:00Z",
        "2001-12-14t21:59:43.10-05:00",
        "'010'",
        '"yes"',
    ),
    *(
        "!!str 010",
        '!!int "010"',
        "!!int abc",
        "!!float 3",
        "!!float abc",
        "!!bool yes",
        "!!bool abc",
        "!!null x",
        "! 010",
        "<<",
    ),
    *(
        "{b: 0x10}",
        "[]",
        "|\n    010",
        ">\n    yes",
        "&x 010",
        "*x",
        "=",
        "1.2.3",
        "10:00",
        "1e",
        "-",
        "--1",
    ),
)
_PARTS = (
    "0",
    "1",
    "7",
    "8",
    "9",
    "-",
    "+",
    ".",
    "e",
    "E",
    "_",
    ":",
    "x",
    "b",
    "a",
    "f",
    "o",
    "n",
    "inf",
    "nan",
    "yes",
    "12",
    "60",
    "30",
    "000",
)
# A scalar that can be a name and is one that Spring Boot leaves as it is.
AS_NAME = re.compile(r"[A-Za-z0-9~](?:[\w+:.-]*[A-Za-z0-9])?")
_DOUBLE = re.compile(r"-?\d\.\d+E-?\d+|-?\d+\.\d+")


def random_scalar(source: random.Random) -> str:
    """A number of any size, or some characters of numbers."""
    match source.randint(0, 9):
        case 0:
            return repr(source.uniform(-1, 1) * 10.0 ** source.randint(-30, 30))
        case 1:
            return repr(source.random() * 10.0 ** source.randint(-3, 7))
        case _:
            return "".join(source.choice(_PARTS) for _ in range(source.randint(1, 7)))


def plain_double(text: str) -> str:
    """The text with a double in one form.

    Java before 19 writes some doubles with a digit too many: 2.0E16 as 2.0000000000000000E16,
    2.0E-3 as 0.0020. Newer ones write the shortest text, and so does this program.
    """
    return repr(float(text)) if _DOUBLE.fullmatch(text) else text
