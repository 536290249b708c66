"""The texts of --help and --version."""

import platform
import textwrap
from collections.abc import Iterable
from importlib.metadata import version

from config.reference.rows import Row, own_rows, rows, ten
from config.spring.own_property import OwnProperty

VERSION = "1.0.0"  # as in pyproject.toml
_COLUMNS = 80
_SCREEN = """\
python-processor: Kafka topic in, your function, Kafka topic out.
Usage: python dataflow.py --name=value ...

  -h, --help      this page; --help --all lists every setting
  -V, --version   the versions of this program and its parts
  --check         try brokers and topics; --check --all shows every setting"""
_PLACES = """\
Also as a variable (SERVER_PORT) or in config/application.properties or .yml.
Pages: docs/settings.md, docs/your-function.md."""
_ALL = """\
Every setting. Give it as --name=value, in SPRING_APPLICATION_JSON, as an
environment variable (NAME_WITH_UNDERSCORES), or in application.properties or
application.yml: in the working directory, in its folder config, or in /config."""


def help_text(*own: OwnProperty) -> str:
    """Return the page of --help: the function's properties and the ten settings that people set.

    The page fits 80 x 40 characters.

    Args:
        own: Properties that functions declare; those of the default function without any.
    """
    return "\n".join(
        [
            _SCREEN,
            "",
            "Options of the function",
            *_lines(own_rows(*own)),
            "",
            "The ten settings that people set",
            *_lines(ten()),
            "",
            _PLACES,
        ]
    )


def full_help_text(*own: OwnProperty) -> str:
    """Return the page of --help --all: every supported property.

    Args:
        own: Properties that functions declare; those of the default function without any.
    """
    return "\n".join([_ALL, *_lines(rows(*own))])


def version_text() -> str:
    """Return the text of --version."""
    parts = [f"python-processor {VERSION}", f"Python {platform.python_version()}"]
    return ", ".join(parts + [f"{name} {version(name)}" for name in ("bytewax", "confluent-kafka")])


def _lines(found: Iterable[Row]) -> list[str]:
    lines = []
    for row in found:
        default = f" [{row.default}]" if row.default else ""
        indent = " " * 6
        wrapped = textwrap.wrap(
            row.description, _COLUMNS, initial_indent=indent, subsequent_indent=indent
        )
        lines += [f"  --{row.name}{default}", *wrapped]
    return lines
