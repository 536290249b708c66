"""What documents and files may hold."""

import os
from pathlib import Path

import pytest

import config
from config.errors import SettingsError
from tests.support.config.files import write

# ---- limits: E22, E23


def test_name_twice_in_yaml() -> None:
    write("application.yml", "info:\n  a: 1\n  b: 2\n  a: 3\n")
    with pytest.raises(SettingsError, match=r"'a' twice .* at line 4"):
        config.load([], {})


def bomb() -> str:
    lists = "".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]\n" for n in range(1, 9))
    return "l0: &l0 [x, x, x, x, x, x, x, x, x, x]\n" + lists


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("application.yml", bomb()),
        ("application.yml", "[" * 3000),
        ("application.yml", "a: " + "{a: " * 500),
        ("application.yml", "".join(f"a{n}: x\n" for n in range(20_000))),
        ("application.properties", "".join(f"a{n}=x\n" for n in range(20_000))),
        ("application.yml", "info: !!python/name:os.system x"),
        ("application.yml", "info: *nowhere"),
    ],
)
def test_file_beyond_the_limits(name: str, text: str) -> None:
    write(name, text)
    with pytest.raises(SettingsError, match=rf"{name} (has|is not valid)"):
        config.load([], {})


def test_many_joined_lines() -> None:
    write("application.properties", "info.a=" + "x\\\n" * 250_000 + "end")
    assert len(config.load([], {}).info["a"]) == 250_003


def test_odd_yaml_tags() -> None:
    write("application.yml", "info: {a: !!bool x, b: !!str 010}")
    assert config.load([], {}).info == {"a": "", "b": "010"}
    for scalar in ("!!int nope", "!!float x", "!!timestamp 2024-01-01", "<<"):
        write("application.yml", f"info: {{a: {scalar}}}")
        with pytest.raises(SettingsError, match=r"application.yml is not valid YAML"):
            config.load([], {})


@pytest.mark.parametrize(
    ("written", "text"),
    [
        *(
            ("1.10", "1.1"),
            ("010", "8"),
            ("08", "08"),
            ("yes", "true"),
            ("Off", "false"),
            ("y", "y"),
            ("0x1F", "31"),
            ("1_000", "1000"),
        ),
        *(
            ("2024-01-01", "2024-01-01"),
            ("~", ""),
            ("1:30", "90"),
            ("12345678.9", "1.23456789E7"),
            ("0.0001", "1.0E-4"),
        ),
        *(
            (".inf", "Infinity"),
            ("+5", "5"),
            ("'010'", "010"),
            ('"yes"', "yes"),
            ("! 010", "8"),
            ("1e3", "1000.0"),
            ("-.5", "-0.5"),
        ),
    ],
)
def test_yaml_scalar_is_as_in_spring_boot(written: str, text: str) -> None:
    """tests/compatibility/oracle compares the same with Spring Boot, for generated scalars."""
    write("application.yml", f"info: {{a: {written}}}")
    assert config.load([], {}).info == {"a": text}


def test_yaml_name_that_is_no_text() -> None:
    write("application.yml", "info: {010: a, yes: b, ~: c, '011': d}")
    assert config.load([], {}).info == {"8": "a", "true": "b", "null": "c", "011": "d"}


def test_json_number_is_as_in_spring_boot() -> None:
    assert config.load(
        [], {"SPRING_APPLICATION_JSON": '{"info": {"a": 1.10, "b": 1e3, "c": -0}}'}
    ).info == {
        "a": "1.1",
        "b": "1000.0",
        "c": "0",
    }
    with pytest.raises(SettingsError, match="is not valid JSON"):
        config.load([], {"SPRING_APPLICATION_JSON": '{"info.a": NaN}'})


def test_properties_file_charset() -> None:
    """As Spring Boot reads it; a file that looks like UTF-8 is reported."""
    write("application.properties", "info.a=é\n")
    loaded = config.load([], {})
    assert loaded.info == {"a": "Ã©"}
    assert any("ISO-8859-1" in line and "encoding=utf-8" in line for line in loaded.warnings)
    Path("application.properties").write_bytes("info.a=é\n".encode("latin-1"))
    loaded = config.load([], {})
    assert loaded.info == {"a": "é"}
    assert loaded.warnings == ()
    write("more.properties", "info.a=é\n")
    loaded = config.load(["--spring.config.import=./more.properties[encoding=utf-8]"], {})
    assert loaded.info == {"a": "é"}
    with pytest.raises(SettingsError, match="encoding"):
        config.load(["--spring.config.import=./more.properties[encoding=nope]"], {})


def test_json_beyond_the_limits() -> None:
    entries = ",".join(f'"a{n}": 1' for n in range(100_000))
    with pytest.raises(SettingsError, match=r"has more than 10000 properties"):
        config.load([], {"SPRING_APPLICATION_JSON": f"{{{entries}}}"})
    with pytest.raises(SettingsError, match="is not valid JSON"):
        config.load([], {"SPRING_APPLICATION_JSON": '{"a":' * 200 + "1" + "}" * 200})


def test_pipes_and_devices(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "application.properties")
    with pytest.raises(SettingsError, match="is no regular file"):
        config.load([], {})
    (tmp_path / "application.properties").unlink()
    tls = ["--spring.kafka.security.protocol=SSL"]
    for path in ("/dev/zero", tmp_path / "pipe"):
        if not Path(path).exists():
            os.mkfifo(path)
        with pytest.raises(SettingsError, match="is no regular file"):
            config.load([*tls, f"--spring.kafka.ssl.trust-store-location={path}"], {})
