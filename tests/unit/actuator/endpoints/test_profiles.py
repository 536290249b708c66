"""env shows the active profiles and the default ones, as Spring Boot does."""

from pathlib import Path

import pytest

import config
from config import Settings
from tests.fakes.actuator.actuator_app import App


@pytest.mark.parametrize(
    ("argv", "active", "default"),
    [
        ((), [], ["default"]),
        (("--spring.profiles.active=a,b",), ["a", "b"], ["default"]),
        (("--spring.profiles.include=a", "--spring.profiles.active=b"), ["a", "b"], ["default"]),
        (("--spring.profiles.active=a", "--spring.profiles.group.a=b"), ["a", "b"], ["default"]),
        (("--spring.profiles.default=c",), [], ["c"]),
        (("--spring.profiles.active=a", "--spring.profiles.default=c"), ["a"], ["c"]),
    ],
)
def test_profiles_are_shown(
    argv: tuple[str, ...],
    active: list[str],
    default: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = config.load(argv, {})
    fields = ("active_profiles", "default_profiles")
    app = App(exposure_include=("env",), **{field: getattr(settings, field) for field in fields})
    for path in ("/actuator/env", "/actuator/env/a.b"):
        body = app.get(path).get_json()
        assert (body["activeProfiles"], body["defaultProfiles"]) == (active, default)


def test_profile_of_a_file_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "application.yml").write_text("spring.profiles.active: [x]")
    (tmp_path / "application-x.yml").write_text("info.a: 1")
    settings = config.load([], {})
    assert (settings.active_profiles, settings.info) == (("x",), {"a": "1"})


def test_default_profiles_apply_only_without_active_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "application-c.yml").write_text("info.a: 1")
    argv = ["--spring.profiles.default=c"]
    assert config.load(argv, {}).info == {"a": "1"}
    assert config.load([*argv, "--spring.profiles.active=x"], {}).info == {}
    assert Settings().default_profiles == ("default",)
