"""What --help and --version print."""

import platform
import textwrap
from importlib.metadata import version

from config.reference.rows import rows
from config.spring.own_property import OwnProperty

VERSION = "1.0.0"  # pyproject.toml's


def help_text(*own: OwnProperty) -> str:
    """What --help prints."""
    lines = [
        (
            "python-processor: a stream processor between two Kafka topics, configured as a Spring "
            "Cloud Stream application."
        ),
        "",
        (
            "Settings are given as --name=value, in SPRING_APPLICATION_JSON, as environment "
            "variables "
            "(NAME_WITH_UNDERSCORES) or in"
        ),
        (
            "application.properties or application.yml in the working directory, in its folder "
            "config, or in /config."
        ),
        "",
        "  --help, -h      print this",
        "  --version, -V   print the version",
        (
            "  --check         print warnings, try the brokers, print what differs from the "
            "defaults, "
            "and end; --all: all settings"
        ),
    ]
    for row in rows(*own):
        default = f" [{row.default}]" if row.default else ""
        lines += [
            "",
            f"  --{row.name}{default}",
            *textwrap.wrap(row.description, 110, initial_indent=" " * 6, subsequent_indent=" " * 6),
        ]
    return "\n".join(lines)


def version_text() -> str:
    """What --version prints."""
    parts = [f"python-processor {VERSION}", f"Python {platform.python_version()}"]
    return ", ".join(parts + [f"{name} {version(name)}" for name in ("bytewax", "confluent-kafka")])
