"""Where properties come from, and which source counts before which."""

from pathlib import Path

import pytest

import config
from config.errors import SettingsError
from config.spring.sources.application_json import application_json
from config.spring.sources.source import command_line


def test_command_line_is_parsed() -> None:
    argv = [
        "$@",
        "--",
        "--a=b=c",
        "--flag",
        "--list=1",
        "",
        "--list=2",
        "--e=",
        "--a.b-c=${x:y}",
    ]
    assert command_line(argv).values == {
        "a": "b=c",
        "flag": "",
        "list": "1,2",
        "e": "",
        "a.b-c": "${x:y}",
    }


def test_json_is_flattened() -> None:
    text = (
        '{"a": {"b": [1, true, {"c": 1.10}], "d": null, "e": {}, "f": []}, "g.h": "x", "n": '
        "12345678901234567890}"
    )
    assert application_json(text, "JSON").values == {
        "a.b[0]": "1",
        "a.b[1]": "true",
        "a.b[2].c": "1.1",
        "a.e": "",
        "a.f": "",
        "g.h": "x",
        "n": "12345678901234567890",
    }


@pytest.mark.parametrize("text", ["{", "[]", "null", '"x"', "{'a': 1}", "[" * 100_000])
def test_invalid_json_is_one_line_without_text(text: str) -> None:
    with pytest.raises(
        SettingsError, match=r"spring.application.json \(SPRING_APPLICATION_JSON\) is not "
    ) as caught:
        config.load([], {"SPRING_APPLICATION_JSON": text})
    assert "\n" not in str(caught.value)


def test_json_null_does_not_hide_lower_source() -> None:
    environ = {"SPRING_APPLICATION_JSON": '{"server.port": null}', "SERVER_PORT": "81"}
    assert config.load([], environ).server_port == 81


def test_json_ranks_below_options() -> None:
    argv = [
        '--spring.application.json={"server": {"port": 1}, "reversestring": true}',
        "--server.port=2",
    ]
    settings = config.load(
        argv,
        {"SPRING_APPLICATION_JSON": '{"reversestring": false, "spring.application.name": "gone"}'},
    )
    assert (
        settings.server_port,
        settings.own_values["reversestring"],
        settings.application_name,
    ) == (2, True, "python-processor")


def test_order_of_all_sources(tmp_path: Path) -> None:
    """Each source sets the port; taking the highest away time after time shows the next."""
    (tmp_path / "config").mkdir()
    files = {
        "config/application-two.properties": "server.port=4",
        "application-two.yml": "server: {port: 5}",
        "config/application-one.properties": "server.port=6",
        "config/application.properties": "server.port=7",
        "config/application.yml": "server.port: 8",
        "application.properties": "server.port = 9",
        "application.yml": "server:\n  port: 10",
        "application.yaml": "server:\n  port: 11",
    }
    for path, content in files.items():
        (tmp_path / path).write_text(content)
    argv = ["--server.port=1"]
    environ = {
        "SPRING_APPLICATION_JSON": '{"server.port": 2}',
        "SERVER_PORT": "3",
        "SPRING_PROFILES_ACTIVE": "one,two",
        "PORT": "12",
    }
    seen = [config.load(argv, environ).server_port]
    seen.append(config.load([], environ).server_port)
    for variable in ("SPRING_APPLICATION_JSON", "SERVER_PORT"):
        del environ[variable]
        seen.append(config.load([], environ).server_port)
    for path in files:
        (tmp_path / path).unlink()
        seen.append(config.load([], environ).server_port)
    assert seen == list(range(1, 13))
    assert config.load([], {}).server_port == 8080


def test_map_is_merged_key_by_key() -> None:
    environ = {
        "SPRING_APPLICATION_JSON": '{"info": {"a": 2, "b": 2}}',
        "INFO_B": "3",
        "INFO_C": "3",
    }
    assert config.load(["--info.a=1"], environ).info == {"a": "1", "b": "2", "c": "3"}


def test_higher_list_replaces_lower_list() -> None:
    name = "spring.cloud.stream.kafka.binder.brokers"
    environ = {"SPRING_CLOUD_STREAM_KAFKA_BINDER_BROKERS": "a,b,c"}
    assert config.load([f"--{name}[0]=x"], environ).brokers == ("x:9092",)


def test_spring_default_binding_properties() -> None:
    argv = [
        "--spring.cloud.stream.default.group=all",
        "--spring.cloud.stream.default.consumer.concurrency=3",
    ]
    settings = config.load(argv, {})
    assert (settings.input_group, settings.input_concurrency) == ("all", 3)
    assert (
        config.load([*argv, "--spring.cloud.stream.bindings.input.group=own"], {}).input_group
        == "own"
    )
