"""Inputs nobody thought of.

Properties in every spelling that Spring Boot knows, from every source.
"""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import yaml  # type: ignore[import-untyped]  # has no types
from hypothesis import strategies as st

from tests.compatibility.oracle.spellings import PLAIN, VARIABLES, Given, Spelling

# Some of each kind: with and without dashes, short and deep, with and without another one to fall
# back to.
TEXTS = (
    "spring.cloud.dataflow.stream.name",
    "spring.cloud.dataflow.stream.app.label",
    "spring.cloud.stream.bindings.input.group",
    "spring.cloud.stream.default.group",
    "spring.cloud.application.guid",
)
NUMBERS = (
    "server.port",
    "spring.cloud.stream.instance-index",
    "spring.cloud.stream.bindings.input.consumer.concurrency",
    "spring.cloud.stream.default.consumer.max-attempts",
    "spring.cloud.stream.bindings.input.consumer.max-attempts",
    "python-processor.dead-letter-stacktrace",
)
FLAGS = (
    "reversestring",
    "spring.cloud.stream.kafka.binder.auto-create-topics",
    "endpoints.shutdown.enabled",
    "management.endpoint.health.probes.enabled",
    "management.endpoint.shutdown.enabled",
)
# Brokers that are set to nothing are refused here. Kafka's own client refuses them in Java.
BROKERS = ("spring.cloud.stream.kafka.binder.brokers", "spring.kafka.bootstrap-servers")
LISTS = ("management.endpoints.web.exposure.include",)
TOPICS = ("spring.cloud.stream.bindings.input.destination",)
# Spring refuses other texts only when it makes the binding.
CONTENT_TYPES = ("spring.cloud.stream.bindings.output.content-type",)
DURATIONS = ("spring.lifecycle.timeout-per-shutdown-phase", "python-processor.commit-interval")
MAPS = (
    "management.metrics.tags",
    "info",
    "spring.kafka.properties",
    "spring.cloud.stream.kafka.binder.consumer-properties",
)


class Case(NamedTuple):
    """What one application is started with."""

    argv: list[str]
    environ: dict[str, str]
    files: dict[str, str]

    def write(self, folder: Path) -> None:
        """The files, in place of those of another case."""
        (folder / "config").mkdir(exist_ok=True)
        for path, content in self.files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(content, "utf-8")


# Placeholders refer to what may be set, in the spelling of Data Flow's own, and to what never is.
# Not to one that another stands before: its cycles are found only where it is looked at.
_referred = st.sampled_from(
    [
        *(name for name in (*TEXTS, *NUMBERS) if ".default." not in name),
        "spring.cloud.stream.instanceIndex",
        "python-processor.no-such",
        "NO_SUCH",
    ]
)
_text = st.recursive(
    st.one_of(st.sampled_from(["", "$5"]), st.text("abXY09-.:/ é\\[]#!=',\t", max_size=8)),
    lambda inner: st.one_of(
        st.builds("${{{}}}".format, _referred),
        st.builds("${{{}:{}}}".format, _referred, inner),
        st.builds("{}{}".format, inner, inner),
    ),
    max_leaves=4,
)
_items = st.sampled_from(["h1:1", "h2", " h3:3 ", "${no.such:h4}"])
_given_items = st.lists(_items, min_size=1, max_size=3).map(",".join)
_values = {
    TEXTS: _text,
    NUMBERS: st.one_of(
        st.integers(1, 90).map(str),
        st.sampled_from(["${server.port:7}", "${no.such:${no.such.either:8}}", " 9 ", ""]),
    ),
    FLAGS: st.sampled_from(
        ["true", "false", "TRUE", "yes", "off", "1", "0", "No", " on ", "${no.such:true}", ""]
    ),
    BROKERS: st.one_of(_given_items, st.just("h5,,h6,")),
    LISTS: st.one_of(_given_items, st.sampled_from(["", "h5,,h6,", ",", ",,"])),
    TOPICS: st.sampled_from(["", "t1", "t1,t.2", " t3 ", "${no.such:t4}", ","]),
    CONTENT_TYPES: st.sampled_from(
        ["text/plain", "application/json", "application/*+avro", "${no.such:text/xml}"]
    ),
    DURATIONS: st.sampled_from(
        ["500", "2s", "1500ms", "PT1.5S", "pt2s", "1500000us", "${no.such:3s}", ""]
    ),
}


def _scalar(names: tuple[str, ...]) -> st.SearchStrategy[list[Given]]:
    return st.builds(
        lambda name, value: [Given(name, "", value)], st.sampled_from(names), _values[names]
    )


_list = st.builds(
    lambda name, values: [Given(name, f"[{index}]", value) for index, value in enumerate(values)],
    st.sampled_from(BROKERS + LISTS),
    st.lists(_items, min_size=1, max_size=3),
)
_map = st.builds(
    lambda name, key, value: [Given(name, f".{key}", value)],
    st.sampled_from(MAPS),
    st.sampled_from(["a", "b", "stream.name", "metrics.recording.level", "x1"]),
    _text,
)
_source = st.lists(
    st.one_of(*map(_scalar, _values), _list, _map),
    max_size=4,
    unique_by=lambda each: (each[0].name, each[0].rest.strip("[0]")),
)


def _properties(spellings: Sequence[Spelling]) -> st.SearchStrategy[dict[str, str]]:
    """One source, all of it in one spelling."""
    return st.builds(
        lambda source, spelling: {
            spelling(given): given.value for each in source for given in each
        },
        _source,
        st.sampled_from(spellings),
    )


def _line(name: str, value: str) -> str:
    r"""A line of Java's properties format, whose other characters are written as \u00e9."""
    escaped = (re.sub(r"([\\:=#! \t])", r"\\\1", text) for text in (name, value))
    return (
        "=".join(escaped).encode("ascii", "backslashreplace").decode().replace("\\x", "\\u00")
        + "\n"
    )


def _nested(properties: dict[str, str]) -> object:
    """Dotted names as nested objects, unless one is within another."""
    root: dict[str, object] = {}
    for name, value in properties.items():
        *path, last = name.split(".")
        node = root
        for step in path:
            below = node.setdefault(step, {})
            if not isinstance(below, dict):
                return properties
            node = below
        if last in node:
            return properties
        node[last] = value
    return root


def _case(
    argv: dict[str, str],
    document: object,
    variables: dict[str, str],
    properties: dict[str, str],
    yml: dict[str, str],
) -> Case:
    return Case(
        [f"--{name}={value}" for name, value in argv.items()],
        variables | {"SPRING_APPLICATION_JSON": json.dumps(document)},
        {
            "config/application.properties": "".join(
                _line(name, value) for name, value in properties.items()
            ),
            "application.yml": yaml.safe_dump(yml),
        },
    )


_plain = _properties(PLAIN)
cases = st.builds(
    _case, _plain, st.one_of(_plain, _plain.map(_nested)), _properties(VARIABLES), _plain, _plain
)
