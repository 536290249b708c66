"""The ways to write a property name."""

import re
from collections.abc import Callable
from typing import NamedTuple


class Given(NamedTuple):
    """A property as it will be set.

    A canonical name, what follows it (`[0]`, `.some.key`), and the value.
    """

    name: str
    rest: str
    value: str


Spelling = Callable[[Given], str]


def canonical(given: Given) -> str:
    return given.name + given.rest


def camel(given: Given) -> str:
    return re.sub(r"-(\w)", lambda found: found[1].upper(), given.name) + given.rest


def snake(given: Given) -> str:
    return given.name.replace("-", "_") + given.rest


def upper(given: Given) -> str:
    return given.name.upper() + given.rest


def bracketed(given: Given) -> str:
    """`management.metrics.tags[stream.name]`."""
    return given.name + re.sub(r"^\.(.+)", r"[\1]", given.rest)


def uniform_variable(given: Given) -> str:
    """SPRING_CLOUD_STREAM_INSTANCEINDEX."""
    return _variable(given.name.replace("-", "") + given.rest)


def legacy_variable(given: Given) -> str:
    """SPRING_CLOUD_STREAM_INSTANCE_INDEX.

    Not known for the name of a map (ours is lenient there).
    """
    return (
        uniform_variable(given)
        if given.rest.startswith(".")
        else _variable(given.name.replace("-", "_") + given.rest)
    )


def dashed_variable(given: Given) -> str:
    """SPRING_CLOUD_STREAM_INSTANCE-INDEX.

    What Data Flow makes on Kubernetes with the entry point style `shell`.
    """
    return _variable(given.name + given.rest)


def _variable(name: str) -> str:
    return re.sub(r"[.\[]", "_", name.replace("]", "")).upper()


PLAIN: tuple[Spelling, ...] = (canonical, camel, snake, upper, bracketed)

VARIABLES: tuple[Spelling, ...] = (
    uniform_variable,
    legacy_variable,
    dashed_variable,
    canonical,
    camel,
)
