"""The command line: --help, --version, words without dashes, options of bytewax.run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("option", ["-h", "--help", "--help=true"])
def test_help_lists_the_properties(option: str) -> None:
    ended = run("dataflow.py", option)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "--reversestring" in ended.stdout
    assert "--python-processor.batch-size" not in ended.stdout


def test_help_with_every_setting() -> None:
    ended = run("dataflow.py", "--help", "--all")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "--python-processor.batch-size" in ended.stdout


@pytest.mark.parametrize("option", ["-V", "--version", "--version=yes"])
def test_version_is_printed(option: str) -> None:
    ended = run("dataflow.py", option)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith("python-processor 1.0.0, Python 3.")


@pytest.mark.parametrize(
    ("option", "words"),
    [("--check=maybe", "--check has a value"), ("--all", "not allowed without --help or --check")],
)
def test_wrong_own_option_fails(option: str, words: str) -> None:
    ended = run("dataflow.py", option)
    assert (ended.returncode, ended.stdout, len(ended.stderr.splitlines())) == (1, "", 1)
    assert words in ended.stderr


def test_word_without_dashes() -> None:
    ended = run("dataflow.py", "reversestring=true")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == (
        "python-processor: argument 1 of the command line is no option; options are --name=value\n"
    )


@pytest.mark.parametrize(
    "options",
    [
        ("-r", ".", "-s", "1", "-b", "0"),
        ("-i", "0", "-a", "localhost:1"),
        ("--recovery-directory", "/x", "-s", "1", "-b", "0"),
    ],
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
        (
            "spring.kafka.ssl.trust-store-location=/none",
            "set it to SSL, SASL_PLAINTEXT or SASL_SSL, or to PLAINTEXT to go without",
        ),
        ("server.ssl.enabled=true", "server.ssl"),
        ("spring.security.user.name=joe", "spring.security.user.password is not set"),
        ("spring.kafka.security.protocl=SSL", "did you mean spring.kafka.security.protocol?"),
        (
            "spring.cloud.stream.bindings.uppercase-in-0.destination=x",
            "set spring.cloud.stream.bindings.input.destination",
        ),
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


@pytest.mark.parametrize("more", [(), ("--check",)])
def test_function_that_no_step_can_call(more: tuple[str, ...], tmp_path: Path) -> None:
    """--check refuses what the start refuses, before it tries a broker."""
    (tmp_path / "two.py").write_text("def join(left, right, /):\n    return left + right\n")
    ended = run(
        "dataflow.py", f"--python-processor.function-path={tmp_path}", "--function=two:join", *more
    )
    assert (ended.returncode, ended.stdout) == (1, "")
    [line] = ended.stderr.splitlines()
    assert line.startswith(
        f"python-processor: step 'join': join ({tmp_path}/two.py:1) cannot be called with one "
        f"value: "
    )


NOWHERE = "--server.address=192.0.2.1"  # what is accepted ends there
KAFKA_OUTPUT = "spring.cloud.stream.kafka.bindings.output.producer"


@pytest.mark.parametrize(
    "argument",
    [
        "logging.structured.format.console=gelf",
        "spring.application.name=100%",
        f"{KAFKA_OUTPUT}.messageKeyExpression=headers['id']",
        "management.endpoint.health.group.readiness.include=readinessState,binders/kafka",
    ],
)
def test_accepted_at_the_start(argument: str) -> None:
    ended = run("dataflow.py", f"--{argument}", NOWHERE)
    assert ended.returncode == 1
    [line] = ended.stderr.splitlines()
    assert "cannot listen on 192.0.2.1" in line


@pytest.mark.parametrize(
    "argument",
    [
        "management.endpoints.web.path-mapping.health=<x",
        "management.endpoints.web.base-path=/<path:x>/",
        f"{KAFKA_OUTPUT}.messageKeyExpression=T(java.lang.System).exit(0)",
        "management.endpoint.health.group.readiness.include=readinessState,db",
    ],
)
def test_odd_value_at_the_start(argument: str) -> None:
    ended = run("dataflow.py", f"--{argument}", NOWHERE)
    assert ended.returncode == 1
    [line] = ended.stderr.splitlines()
    assert line.startswith(
        f"python-processor: "
        f"{argument.partition('=')[0].replace('messageKeyExpression', 'message-key-expression')}"
    )


def test_aliases_making_large_file(tmp_path: Path) -> None:
    levels = "".join(f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 6))
    (tmp_path / "application.yml").write_text(f"a0: &a0 x\n{levels}")
    ended = run(str(ROOT / "dataflow.py"), NOWHERE, cwd=tmp_path)
    assert "application.yml has more than 10000 properties" in ended.stderr


def test_dlq_name_with_pattern() -> None:
    """A warning says that the name has no effect.

    With a pattern each topic has dead letters of its own.
    """
    prefix = "--spring.cloud.stream"
    pattern = [
        f"{prefix}.kafka.bindings.input.consumer.destination-is-pattern=true",
        f"{prefix}.bindings.input.destination=a.*",
    ]
    ended = run(
        "dataflow.py", *pattern, f"{prefix}.kafka.bindings.input.consumer.dlq-name=dead", NOWHERE
    )
    assert "dlq-name is ignored" in ended.stdout


def test_pipe_as_a_trust_store(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "ca.pem")
    prefix = "--spring.kafka"
    ended = run(
        "dataflow.py",
        f"{prefix}.security.protocol=SSL",
        f"{prefix}.ssl.trust-store-location={tmp_path}/ca.pem",
        "--check",
    )
    assert ended.returncode == 1
    assert "no regular file" in ended.stderr + ended.stdout


@pytest.mark.parametrize("text", ["info: {a: !!int x}", "info: {a: 1, b: 2, a: 3}"])
def test_odd_yaml_is_one_line(text: str, tmp_path: Path) -> None:
    (tmp_path / "application.yml").write_text(f"{text}\n")
    ended = run(str(ROOT / "dataflow.py"), NOWHERE, cwd=tmp_path)
    assert ended.returncode == 1
    [line] = ended.stderr.splitlines()
    assert "application.yml" in line
    assert "line 1" in line
