"""Files of properties and of YAML, read as Spring Boot reads them."""

from pathlib import Path

import pytest

import config
from config.errors import SettingsError


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
def test_bad_file_is_one_line(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SettingsError, match=words) as caught:
        config.load([], {})
    assert str(tmp_path / name) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_folder_named_like_file_is_skipped(tmp_path: Path) -> None:
    (tmp_path / "application.yml").mkdir()
    assert config.load([], {}).info == {}
