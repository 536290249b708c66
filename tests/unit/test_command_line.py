"""The program's own words: --help, --version, words that are no options, and the options of bytewax.run."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help(option: str) -> None:
    ended = run("dataflow.py", option)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "--reversestring" in ended.stdout


@pytest.mark.parametrize("option", ["-V", "--version"])
def test_version(option: str) -> None:
    ended = run("dataflow.py", option)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith("python-processor 1.0.0, Python 3.")


def test_word_without_dashes() -> None:
    ended = run("dataflow.py", "reversestring=true")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == (
        "python-processor: argument 1 of the command line is no option: write --reversestring=...; options are --name=value\n"
    )


@pytest.mark.parametrize(
    "options",
    [("-r", ".", "-s", "1", "-b", "0"), ("-i", "0", "-a", "localhost:1"), ("--recovery-directory", "/x", "-s", "1", "-b", "0")],
)
def test_options_of_bytewax_run(options: tuple[str, ...]) -> None:
    ended = run("-m", "bytewax.run", "dataflow", *options)
    assert ended.returncode == 1
    assert len(ended.stderr.splitlines()) == 1, ended.stderr
    assert ended.stderr.startswith("python-processor: bytewax.run -")


@pytest.mark.parametrize("more", [(), ("--check",)])
@pytest.mark.parametrize(
    ("argument", "words"),
    [
        ("spring.kafka.ssl.trust-store-location=/none", "set it to SSL, SASL_PLAINTEXT or SASL_SSL, or to PLAINTEXT to go without"),
        ("server.ssl.enabled=true", "server.ssl"),
        ("spring.security.user.name=joe", "spring.security.user.password is not set"),
        ("spring.kafka.security.protocl=SSL", "did you mean spring.kafka.security.protocol?"),
        ("spring.cloud.stream.bindings.uppercase-in-0.destination=x", "set spring.cloud.stream.bindings.input.destination"),
        ("spring.config.import=file:/no/such.yml", "/no/such.yml"),
        ("logging.level.foo=bogus", "logging.level.foo"),
        ("management.endpoint.health.group.readiness.include=db", "there is no such component"),
    ],
)
def test_refused_at_the_start(argument: str, words: str, more: tuple[str, ...]) -> None:
    ended = run("dataflow.py", f"--{argument}", *more)
    assert (ended.returncode, ended.stdout) == (1, "")
    [line] = ended.stderr.splitlines()
    assert line.startswith("python-processor: ")
    assert words in line


def test_gelf_at_the_start() -> None:
    """The settings are honoured as far as the port, which cannot be had."""
    ended = run("dataflow.py", "--logging.structured.format.console=gelf", "--server.address=192.0.2.1")
    assert ended.returncode == 1
    assert ended.stdout.startswith('{"version":"1.1"')
