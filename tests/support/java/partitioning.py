"""What Java computes for a partition key: a program of plain Java, compiled and run.

Spring's rule adds nothing but abs and modulo.
"""

import base64
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

SOURCE = Path(__file__).with_name("Placement.java")
Key = tuple[str, object]  # a class of java.lang or java.math without its package, and a value


class Place(NamedTuple):
    partition: int
    hash_code: int


class Java:
    """The program, compiled into `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        if not shutil.which("javac"):
            raise RuntimeError(
                "the placement tests ask Java itself: they need a JDK, `javac` is not on PATH"
            )
        subprocess.run(["javac", "-d", str(folder), str(SOURCE)], check=True)

    def places(self, keys: Sequence[Key], partitions: int) -> list[Place]:
        """Where a Java producer puts records with these keys."""
        lines = "".join(f"{kind} {_written(value)}\n" for kind, value in keys)
        command = [
            "java",
            "-Xshare:auto",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            str(self._folder),
            "Placement",
            str(partitions),
        ]
        done = subprocess.run(command, input=lines, capture_output=True, text=True, check=True)
        return [Place(*map(int, line.split())) for line in done.stdout.splitlines()]


def _written(value: object) -> str:
    if isinstance(value, str):
        return base64.b64encode(value.encode("utf-16-be", "surrogatepass")).decode()
    return str(value).lower() if isinstance(value, bool) else repr(value)
