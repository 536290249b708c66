"""Spring Boot in a Java process of its own: what it binds from the inputs of a processor."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Self, get_origin

from config.settings import Settings, properties
from tests.support.spring import JAVA, find_jars

ORACLE = Path(__file__).parent / "src" / "Oracle.java"
MAP = "java.util.Map<java.lang.String,java.lang.String>"


class Answer(NamedTuple):
    """What Spring Boot says."""

    bound: dict[str, Any]  # the properties that are set, as JSON has them; durations in nanoseconds
    refused: list[str]  # those that are set to something their type does not allow
    failure: str | None  # why the application would not start at all


class Spring:
    """One process that answers any number of questions.

    It ends with its input, and so cannot outlive the tests.
    """

    def __init__(self, folder: Path, generation: str) -> None:
        jars = find_jars("oracle", generation)
        self.generation = generation
        self._log = folder / "oracle.log"
        with self._log.open("wb") as log:
            self._java = subprocess.Popen(
                [*JAVA, "-cp", f"{jars}/*", str(ORACLE)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._java.communicate()

    def ask(self, arguments: Sequence[str], environ: Mapping[str, str], folder: Path) -> Answer:
        """What it binds of all properties we honour. Files are read below `folder`."""
        request = {
            "arguments": arguments,
            "environment": environ,
            "folder": str(folder),
            "properties": _supported_properties(),
        }
        assert self._java.stdin is not None
        assert self._java.stdout is not None
        self._java.stdin.write(json.dumps(request).encode() + b"\n")
        self._java.stdin.flush()
        line = self._java.stdout.readline()
        assert line, f"the oracle has ended:\n{self._log.read_text()}"
        return Answer(**json.loads(line))


def _supported_properties() -> dict[str, str]:
    """Every name that is looked up for a field of Settings, with its Java type."""
    types: dict[str, str] = {}
    for field, prop in properties().items():
        roots = (prop.name, *prop.fallbacks)
        if get_origin(Settings.model_fields[field].annotation) is not dict:
            types |= dict.fromkeys(roots, prop.kind.java)
            continue
        types |= {f"{prop.name}.{key}": prop.kind.java for key in prop.keys}
        if prop.inner or not prop.keys:
            types |= {f"{root}.{prop.inner}".removesuffix("."): MAP for root in roots}
    return types


def expected(answer: Answer) -> dict[str, Any]:
    """The fields of Settings that differ from their defaults, from what Spring Boot has bound.

    Raises ValueError for a value that is not of its field's kind. What is not Spring's: empty texts
    and lists count as unset, and so do the items of a list.
    """
    fields: dict[str, Any] = {}
    for field, prop in properties().items():
        roots = (prop.name, *prop.fallbacks)
        if get_origin(Settings.model_fields[field].annotation) is dict:
            value: Any = {
                key: answer.bound[name]
                for key in prop.keys
                if (name := f"{prop.name}.{key}") in answer.bound
            }
            for root in roots if prop.inner or not prop.keys else ():
                inner = f"{prop.inner}." if prop.inner else ""
                free = answer.bound.get(f"{root}.{inner}".removesuffix("."), {})
                value = {f"{inner}{key}": each for key, each in free.items()} | value
            value = {key: prop.kind.parse(_text(each)) for key, each in value.items()}
        else:
            value = next((answer.bound[root] for root in roots if root in answer.bound), None)
            unset = value is None or not _text(value).strip() or value == '""'
            value = None if unset else _value(prop.kind.java, value, prop.kind.parse)
        if value not in (None, {}, ()):
            fields[field] = value
    return fields


def _value(java: str, value: Any, parse: Any) -> Any:
    if java == "java.time.Duration":
        return value / 1e9
    return parse(",".join(value) if isinstance(value, list) else _text(value))


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
