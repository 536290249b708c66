"""A name that is no UTF-8 text is one line of error, wherever it is written."""

import json
from pathlib import Path

import pytest

import config
from config.errors import SettingsError

BAD = "\udc80"


@pytest.mark.parametrize(
    "name",
    [
        f"management.metrics.tags[{BAD}]",
        f"management.metrics.tags.{BAD}",
        f"info.{BAD}",
        f"spring.kafka.properties.{BAD}",
        f"spring.cloud.stream.binders.{BAD}.type",
        f"spring.profiles.group.{BAD}",
        f"server.port{BAD}",
        f"function{BAD}",
        f"server.nobody.reads.this.{BAD}",
    ],
)
@pytest.mark.parametrize("way", ["argument", "json", "variable", "file", "tree"])
def test_name_is_refused_in_one_line(name: str, way: str, tmp_path: Path) -> None:
    argv: list[str] = []
    environ: dict[str, str] = {}
    if way == "argument":
        argv = [f"--{name}=kafka"]
    elif way == "json":
        environ = {"SPRING_APPLICATION_JSON": json.dumps({name: "kafka"})}
    elif way == "variable":
        environ = {name: "kafka"}
    elif way == "file":
        text = name.replace(BAD, "\\udc80")
        (tmp_path / "application.properties").write_text(f"{text}=kafka")
    else:
        (tmp_path / "tree").mkdir()
        (tmp_path / "tree" / name).write_text("kafka")
        argv = ["--spring.config.import=configtree:tree/"]
    with pytest.raises(SettingsError, match="is no UTF-8 text; write it in UTF-8") as error:
        config.load(argv, environ)
    text = str(error.value)
    assert "\n" not in text
    text.encode()


@pytest.mark.parametrize("name", [BAD, f"nobody.reads.this.{BAD}"])
def test_unknown_name_is_refused(name: str) -> None:
    with pytest.raises(SettingsError, match="is no UTF-8 text"):
        config.load([f"--{name}=x"], {})


@pytest.mark.parametrize("name", [BAD, f"FOREIGN_{BAD}", f"INF_{BAD}", f"FUNCTIO_{BAD}"])
def test_variable_of_another_program_passes(name: str) -> None:
    """Each line about it, if there is one, is UTF-8 text."""
    settings = config.load([], {name: "${random.uuid}"})
    "".join((*settings.warnings, *settings.notices)).encode()


def test_random_value_below_a_folder_of_any_name(tmp_path: Path) -> None:
    """The path of a folder may be any bytes. It is part of the origin."""
    folder = tmp_path / BAD
    folder.mkdir()
    (folder / "info.a").write_text("${random.uuid}")
    settings = config.load([f"--spring.config.import=configtree:{tmp_path}/*/"], {})
    assert len(settings.info["a"]) == 36
