"""Dead letters as Java reads them.

A program on Kafka's own client, given what a Spring application wrote and what ours did.
"""

import ast
import json
import subprocess
from pathlib import Path
from typing import NamedTuple

from tests.support.brokers.java import JAVA, need_jars, need_java
from tests.support.load.records import Record

_HERE = Path(__file__).parent


class Header(NamedTuple):
    """One x- header, decoded."""

    kind: str  # the Java class
    length: int  # in bytes
    value: str | int


Letter = dict[str, Header]


def letters(bootstrap: str, topic: str) -> list[Letter]:
    """The x- headers of every record in the topic, in their order.

    CalledProcessError when one is not encoded as Java has it.
    """
    need_java()
    need_jars()
    command = [*JAVA, str(_HERE / "Letters.java"), bootstrap, topic]
    done = subprocess.run(
        command, stdout=subprocess.PIPE, encoding="utf-8", check=True, timeout=120
    )
    return [
        {name: Header(*header) for name, header in json.loads(line).items()}
        for line in done.stdout.splitlines()
    ]


def captured() -> list[Record]:
    """What the transform processor of Spring Cloud Stream 4.3 wrote, byte for byte.

    Plain and transactional; stack traces are cut.
    """
    lines = (
        json.loads(line)
        for line in (_HERE / "captured.txt").read_text().splitlines()
        if line.startswith("{")
    )
    return [
        Record(
            _bytes(line["value"]),
            _bytes(line["key"]),
            [(name, _bytes(value)) for name, value in line["headers"]],
            line["p"],
        )
        for line in lines
    ]


def _bytes(written: str) -> bytes:
    # Long ones were cut, quote and all.
    found: bytes = ast.literal_eval(written.removesuffix("'") + "'")
    return found
