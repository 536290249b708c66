"""What is checked of commands that run a Python program, and of make."""

import argparse
import re
import shlex
from importlib.util import find_spec

import benchmarks.__main__
import config
import dead_letters.arguments
import local.__main__
from tests.support.processor import REPOSITORY

_OWN_FLAGS = {"--check", "--all", "--help", "--version", "-h", "-V"}


_PACKAGES = {"pytest", "bytewax", "bytewax-fork", "pre-commit"}


class UnknownCommandError(Exception):
    """A rule does not know the command, or a part of it."""


def check_make(words: list[str]) -> None:
    makefile = _text("Makefile")
    targets = [word for word in words if "=" not in word]
    variables = dict(word.split("=", 1) for word in words if "=" in word)
    for target in targets:
        if not re.search(rf"^{re.escape(target)}:", makefile, re.MULTILINE):
            raise UnknownCommandError(f"make has no target {target}")
    for name in variables:
        if f"$({name})" not in makefile and f"$({name}:" not in makefile:
            raise UnknownCommandError(f"make reads no {name}")
    arguments = shlex.split(variables.get("ARGS", ""))
    if targets == ["run"]:
        _local(arguments)
    elif targets == ["bench"]:
        benchmarks.__main__.parse(arguments)
    elif targets == ["test-one"]:
        file, _, test = variables["T"].partition("::")
        path = REPOSITORY / file
        if not path.exists() or (test and f"def {test}(" not in path.read_text()):
            raise UnknownCommandError(f"there is no {variables['T']}")


def _local(words: list[str]) -> None:
    _, further = local.__main__.parse(words)
    _load(further)


def _load(arguments: list[str]) -> None:
    """Load the settings; without a function that the page's reader is to write."""
    functions = {path.stem for path in (REPOSITORY / "functions").glob("*.py")}
    named = re.findall(r"--function=(\w+):", " ".join(arguments))
    known = functions.issuperset(named)
    config.load([each for each in arguments if known or not each.startswith("--function=")], {})


def check_python(words: list[str]) -> None:
    if words[0] == "dataflow.py":
        _load([word for word in words[1:] if word not in _OWN_FLAGS])
        return
    if words[0] != "-m" or find_spec(words[1]) is None:
        raise UnknownCommandError(f"there is no module {words[1]}")
    module, arguments = words[1], words[2:]
    if module == "local":
        _local(arguments)
    elif module == "dead_letters" and arguments:
        _dead_letters(arguments)
    elif module == "config.reference" and arguments not in (["docs"], ["names"], ["write"]):
        raise UnknownCommandError(f"config.reference writes no {arguments}")


def _dead_letters(words: list[str]) -> None:
    _, further = dead_letters.arguments.parse(words)
    config.load(further, {})


def check_processor(words: list[str]) -> None:
    """The arguments of the image, or of the processor in a stream: `--name=value`."""
    given = [word for word in words if word not in _OWN_FLAGS and "<" not in word]
    own = [word for word in given if word.startswith("--threshold=")]
    settings = config.load([word for word in given if word not in own], {})
    if settings.warnings:
        raise UnknownCommandError(settings.warnings[0])


def check_pip(words: list[str]) -> None:
    parser = argparse.ArgumentParser(exit_on_error=False)
    parser.add_argument("command", choices=["install", "uninstall"])
    parser.add_argument("--yes", action="store_true")
    parser.add_argument("--require-hashes", action="store_true")
    parser.add_argument("-r", dest="file")
    parser.add_argument("package", nargs="*")
    found = parser.parse_intermixed_args(words)
    if found.file and found.require_hashes != ("--hash=sha256:" in _text(found.file)):
        raise UnknownCommandError(f"{found.file}: --require-hashes goes with hashes")
    for package in found.package:
        if package.partition("=")[0] not in _PACKAGES:
            raise UnknownCommandError(f"nothing here uses {package}")


def check_pre_commit(words: list[str]) -> None:
    if words != ["install"]:
        raise UnknownCommandError(f"pre-commit {words}")


def check_uv(words: list[str]) -> None:
    action, version = words[1], words[2]
    wanted = re.search(
        r'^requires-python = ">=(3\.\d+),<(3\.\d+)"', _text("pyproject.toml"), re.MULTILINE
    )
    assert wanted
    minor = int(version.split(".")[1])
    oldest, newer = (int(each.split(".")[1]) for each in wanted.groups())
    if words[0] != "python" or action not in ("install", "find") or not oldest <= minor < newer:
        raise UnknownCommandError(f"uv {words}")


def _text(name: str) -> str:
    return (REPOSITORY / name).read_text()
