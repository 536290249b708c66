"""The health check imports no function, and asks no port that only the processor knows."""

import http.client
from pathlib import Path

import pytest

import config
from actuator import healthcheck

FUNCTION = """
from pathlib import Path
from python_processor import Properties

with Path("imported").open("a") as file:
    file.write("x")

class Own(Properties):
    shouts: int = 1

def shout(value: bytes) -> bytes:
    return value
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "loud.py").write_text(FUNCTION)
    return tmp_path


def arguments(folder: Path) -> list[str]:
    return ["--function=loud:shout", f"--python-processor.function-path={folder}"]


def test_functions_are_not_imported(folder: Path) -> None:
    settings = config.load([*arguments(folder), "--server.port=81"], {}, functions=False)
    assert (settings.server_port, settings.functions) == (81, ())
    assert not (folder / "imported").exists()
    config.load(arguments(folder), {})
    assert (folder / "imported").exists()


@pytest.mark.parametrize(
    "own", ["--spring.kafka.sasl.passwort=x", "--server.prot=1", "--management.usr.password=x"]
)
def test_names_are_not_checked_without_functions(folder: Path, own: str) -> None:
    """They may be a function's own, which are unknown then."""
    settings = config.load([*arguments(folder), own], {}, functions=False)
    assert (settings.warnings, settings.notices) == ((), ())


def ask(monkeypatch: pytest.MonkeyPatch, *argv: str) -> tuple[int, list[int]]:
    """Return the exit code, and the ports that were asked. Nothing listens."""
    asked: list[int] = []

    class Refusing(http.client.HTTPConnection):
        def connect(self) -> None:
            asked.append(self.port)
            raise ConnectionRefusedError

    monkeypatch.setattr(healthcheck, "arguments", lambda: list(argv))
    monkeypatch.setattr(http.client, "HTTPConnection", Refusing)
    return healthcheck.main(), asked


@pytest.mark.parametrize(
    ("argv", "name"),
    [
        (("--server.port=0",), "server.port"),
        (("--management.server.port=0",), "management.server.port"),
        (("--server.port=0", "--management.server.port=-1"), "server.port"),
        (("--server.port=${random.int[2000,3000]}",), "server.port"),
        (("--server.port=${P}", "--P=${random.int[2000,3000]}"), "server.port"),
        (("--management.server.port=${random.int[2000,3000]}",), "management.server.port"),
    ],
)
def test_port_chosen_at_start_is_not_asked(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    argv: tuple[str, ...],
    name: str,
) -> None:
    assert ask(monkeypatch, *argv) == (0, [])
    line = capsys.readouterr().out
    assert line.startswith(f"healthcheck: {name} leaves the choice of the port to the start")
    assert line.count("\n") == 1


@pytest.mark.parametrize(
    ("argv", "port"),
    [
        ((), 8080),
        (("--server.port=0", "--management.server.port=82"), 82),
        (("--server.port=83", "--info.a=${random.uuid}"), 83),
        (("--server.port=${P:84}",), 84),
    ],
)
def test_known_port_is_asked(
    monkeypatch: pytest.MonkeyPatch, argv: tuple[str, ...], port: int
) -> None:
    assert ask(monkeypatch, *argv) == (1, [port])
