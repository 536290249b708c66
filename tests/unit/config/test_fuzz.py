"""Names and values of any kind, through every source.

Settings come out or one line that says why not, and never a secret.
"""

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from config.kafka.java_properties import TABLE
from config.librdkafka import client_config
from tests.support.config.fuzz import (
    BINDER,
    SOME_FILES,
    documents,
    load,
    pairs,
    value,
)


@SOME_FILES
@given(pairs)
def test_any_command_line(written: dict[str, str]) -> None:
    load([f"--{name}={value}" for name, value in written.items()], {})


@SOME_FILES
@given(st.lists(st.text(max_size=20)))
def test_arguments_of_any_kind(argv: list[str]) -> None:
    load(argv, {})


@SOME_FILES
@given(pairs)
def test_any_environment(written: dict[str, str]) -> None:
    load([], written)
    load([], {name.upper().replace(".", "_"): value for name, value in written.items()})


@SOME_FILES
@given(documents | pairs)
def test_any_json(document: object) -> None:
    load([], {"SPRING_APPLICATION_JSON": json.dumps(document)})
    load([], {"VCAP_APPLICATION": json.dumps(document), "VCAP_SERVICES": json.dumps(document)})


@SOME_FILES
@given(st.text(max_size=60))
def test_json_text_of_any_kind(text: str) -> None:
    load([], {"SPRING_APPLICATION_JSON": text, "VCAP_APPLICATION": text})


@SOME_FILES
@given(
    st.binary(max_size=60)
    | pairs.map(
        lambda written: "\n".join(map("=".join, written.items())).encode("utf-8", "replace")
    )
)
def test_any_properties_file(content: bytes) -> None:
    Path("application.properties").write_bytes(content)
    load([], {})


@SOME_FILES
@given(
    st.binary(max_size=60)
    | st.text(" \n-:{}[]&*!|>'\"ab#%@", max_size=40).map(str.encode)
    | pairs.map(lambda each: json.dumps(each).encode())
)
def test_any_yaml_file(content: bytes) -> None:
    Path("application.yml").write_bytes(content)
    load([], {})


@SOME_FILES
@given(st.dictionaries(st.sampled_from(sorted(TABLE)), value, max_size=6))
def test_any_client_properties(written: dict[str, str]) -> None:
    loaded = load(
        [f"--{BINDER}.configuration.{name}={value}" for name, value in written.items()], {}
    )
    if loaded:
        client_config.consumer_config(loaded)
        client_config.producer_config(loaded)
        client_config.admin_config(loaded)
