"""Where properties come from, and which source counts before which."""

import json
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


def test_application_json_is_flattened() -> None:
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


def test_properties_files_follow_java(tmp_path: Path) -> None:
    (tmp_path / "application.properties").write_text(
        "# comment\n! comment\n\n  info.a = 1  \ninfo.b: two words\ninfo.c three\ninfo.d=joined "
        "\\\n   line\ninfo.e=back\\\\\n"
        "info.f=\\u00e9\\t\\n!\ninfo.g\ninfo.h\\:i=x=y:z\ninfo.a=last\r\ninfo.ü=ü\n",
        "iso-8859-1",
    )
    assert config.load([], {}).info == {
        "a": "last",
        "b": "two words",
        "c": "three",
        "d": "joined line",
        "e": "back\\",
        "f": "é\t\n!",
        "g": "",
        "hi": "x=y:z",
        "": "ü",
    }


def test_yaml_document(tmp_path: Path) -> None:
    (tmp_path / "application.yml").write_text(
        "info: {version: 1.10, on: yes, octal: 010, time: 12:30:45, none: null, tilde: ~, text: "
        "'null', list: [a, {b: c}]}\n"
        "base: &base {x: 1}\nmanagement: {metrics: {tags: {<<: *base, y: 2}}}\n"
    )
    settings = config.load([], {})
    assert settings.info == {
        "version": "1.1",
        "true": "true",
        "octal": "8",
        "time": "45045",
        "none": "",
        "tilde": "",
        "text": "null",
        "list[0]": "a",
        "list[1].b": "c",
    }
    assert settings.metric_tags == {"x": "1", "y": "2"}


def test_document_profiles_apply(tmp_path: Path) -> None:
    (tmp_path / "application.properties").write_text(
        "info.a=base\ninfo.b=base\n#---\ninfo.a=second\n#---\nspring.config.activate.on-profile=prod\ninfo.b=prod\n"
    )
    assert config.load([], {}).info == {"a": "second", "b": "base"}
    assert config.load(["--spring.profiles.active=prod"], {}).info == {"a": "second", "b": "prod"}
    (tmp_path / "application.yml").write_text(
        "info: {c: base}\n---\nspring.config.activate.on-profile: '!prod'\ninfo: {c: "
        "other}\n---\n---\ninfo: {d: last}\n"
    )
    assert config.load([], {}).info == {"a": "second", "b": "base", "c": "other", "d": "last"}
    assert config.load(["--spring.profiles.active=prod"], {}).info == {
        "a": "second",
        "b": "prod",
        "c": "base",
        "d": "last",
    }


def test_default_profile_and_named_profile(tmp_path: Path) -> None:
    (tmp_path / "application-default.properties").write_text("info.a=default")
    assert config.load([], {}).info == {"a": "default"}
    (tmp_path / "application-prod.yml").write_text("info: {a: prod}")
    (tmp_path / "application.properties").write_text("spring.profiles.active=${WHICH:prod}")
    assert config.load([], {}).info == {"a": "prod"}
    assert config.load([], {"WHICH": "x"}).info == {}


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("application.yml", b"a: [", "is not valid YAML at line "),
        ("application.yml", b"- a\n- b\n", "is not a YAML mapping"),
        ("application.yml", b"a: !!python/object/apply:os.system [true]\n", "is not valid YAML"),
        ("application.yml", b"a: &a [*a]\n", "is not valid YAML"),
        ("application.yml", b"\x00", "is not valid YAML"),
        ("application.properties", b"x" * (2 << 20), "is too large"),
    ],
)
def test_unreadable_file_is_one_line(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SettingsError, match=words) as caught:
        config.load([], {})
    assert str(tmp_path / name) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_folder_named_like_a_file_is_skipped(tmp_path: Path) -> None:
    (tmp_path / "application.yml").mkdir()
    assert config.load([], {}).info == {}


def test_cloud_foundrys_variables() -> None:
    environ = {
        "VCAP_APPLICATION": json.dumps(
            {"name": "app", "instance_index": 3, "uris": ["a", "b"], "limits": {"mem": 1}}
        ),
        "VCAP_SERVICES": json.dumps(
            {
                "kafka": [
                    {"name": "mine", "credentials": {"brokers": "k:1"}},
                    {"credentials": {"x": "y"}},
                ]
            }
        ),
    }
    argv = [
        "--info.a=${vcap.application.uris[1]} ${vcap.application.limits.mem}",
        "--info.b=${vcap.services.mine.credentials.brokers} ${vcap.services.kafka.credentials.x}",
    ]
    settings = config.load(argv, environ)
    assert settings.info == {"a": "b 1", "b": "k:1 y"}
    assert (settings.application_name, settings.instance_index) == ("app", 3)


@pytest.mark.parametrize(
    "text", ["{", "[]", "3", '{"a": 1}', '{"a": [1]}', '{"a": [{"name": ["x"]}]}']
)
def test_odd_cloud_foundry_variables_are_dropped(text: str) -> None:
    settings = config.load([], {"VCAP_SERVICES": text})
    assert settings.warnings == (
        "environment variable VCAP_SERVICES is dropped: it is not the JSON that Cloud Foundry sets",
    )


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
