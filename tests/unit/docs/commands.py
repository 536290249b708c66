"""The commands on the pages, and a rule for each program that parses its commands."""

import argparse
import json
import re
import shlex
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import yaml  # type: ignore[import-untyped]  # has no types

import benchmarks.__main__
import config
import dead_letters.arguments
import local.__main__
from tests.support.docs.markdown import Page, Part, page_names, read_page
from tests.support.processor import REPOSITORY

# Blocks that another test executes, by page and language; the same test has the page's name in it.
EXECUTED = {
    ("docs/data-flow.md", "bash"): "tests/system/scdf/test_docs.py",
    ("docs/dead-letters.md", "bash"): "tests/kafka/dead_letters/test_docs.py",
}
# Commands of README that are executed as they stand there.
EXECUTED_LINES = {
    "make run": "tests/kafka/process/test_readme.py",
    'make run ARGS="--function=orders:enrich --threshold=5"': "tests/kafka/process/test_readme.py",
    """curl -H 'Content-Type: application/json' -d '{"total": 7}' localhost:32123""": (
        "tests/kafka/process/test_readme.py"
    ),
    "curl -H 'Content-Type: text/plain' -d 'hello world' localhost:32123": (
        "tests/kafka/process/test_readme.py"
    ),
    ".venv/bin/python dataflow.py --check --server.port=0": "tests/kafka/process/test_readme.py",
}
_NO_COMMANDS = ("dockerfile", "java", "json", "mermaid", "properties", "python", "text", "yaml")
_OWN_FLAGS = {"--check", "--all", "--help", "--version", "-h", "-V"}
_DEPLOYMENT = "python-processor"
_DEPLOYED_BY_DATA_FLOW = re.compile(r"deploy/text-reversal-[a-z-]+-v\d+")
_PACKAGES = {"bytewax", "bytewax-fork", "pre-commit"}


class UnknownCommandError(Exception):
    """A rule does not know the command, or a part of it."""


Rule = Callable[[list[str]], None]


def commands() -> Iterator[Part]:
    """Every command of every page, without its comment."""
    for name in page_names():
        page = read_page(name)
        for block in page.code:
            if block.language not in _NO_COMMANDS:
                yield from _lines(block)
        yield from _spans(page)


def check(command: Part) -> None:
    """Parse a command.

    Raises:
        UnknownCommandError: No rule is for this program, or the program has no such option.

    """
    for words in _simple_commands(command.text):
        while re.match(r"[A-Z_]+=", words[0]):
            del words[0]
        program = Path(words[0]).name
        rule = RULES.get(re.sub(r"^python3(\.\d+)?$", "python", program))
        if rule is None:
            raise UnknownCommandError(f"{command}: no rule for {program}")
        try:
            rule(words[1:])
        except (SystemExit, ValueError, config.SettingsError) as error:
            raise UnknownCommandError(f"{command}: {error}") from error


def _lines(block: Part) -> Iterator[Part]:
    number = block.line
    for line in block.text.replace("\\\n", "").splitlines():
        text = re.sub(r"\s+#.*$", "", line).strip()
        if text and not text.startswith("#"):
            yield Part(block.page, number, text, block.language)
        number += 1


def _spans(page: Page) -> Iterator[Part]:
    """Code in sentences that begins with a program and a space."""
    for span in page.spans:
        first, space, _ = span.text.partition(" ")
        if space and Path(first).name in RULES:
            yield span


def _simple_commands(text: str) -> Iterator[list[str]]:
    """The commands of a line with `&&`, with those inside of `$( )` first."""
    for inner in re.findall(r"\$\(([^()]*)\)", text):
        yield from _simple_commands(inner)
    for each in re.sub(r"\$\([^()]*\)", "INNER", text).split(" && "):
        yield shlex.split(each)


def _make(words: list[str]) -> None:
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
    elif targets == ["test-one"] and not (REPOSITORY / variables["T"]).exists():
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


def _python(words: list[str]) -> None:
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


def _processor(words: list[str]) -> None:
    """The arguments of the image, or of the processor in a stream: `--name=value`."""
    given = [word for word in words if word not in _OWN_FLAGS and "<" not in word]
    own = [word for word in given if word.startswith("--threshold=")]
    settings = config.load([word for word in given if word not in own], {})
    if settings.warnings:
        raise UnknownCommandError(settings.warnings[0])


def _pip(words: list[str]) -> None:
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


def _pre_commit(words: list[str]) -> None:
    if words != ["install"]:
        raise UnknownCommandError(f"pre-commit {words}")


def _uv(words: list[str]) -> None:
    action, version = words[1], words[2]
    wanted = re.search(
        r'^requires-python = ">=(3\.\d+),<(3\.\d+)"', _text("pyproject.toml"), re.MULTILINE
    )
    assert wanted
    minor = int(version.split(".")[1])
    oldest, newer = (int(each.split(".")[1]) for each in wanted.groups())
    if words[0] != "python" or action not in ("install", "find") or not oldest <= minor < newer:
        raise UnknownCommandError(f"uv {words}")


def _engine(words: list[str]) -> None:
    """Docker or podman."""
    action, rest = words[0], words[1:]
    if action == "push":
        (image,) = rest
        if not re.fullmatch(r"[\w.-]+(/[\w.-]+)+:[\w.-]+|\$IMAGE", image):
            raise UnknownCommandError(f"{image} is no image of a registry")
    elif action == "compose":
        _compose(rest)
    elif action == "run":
        _run_image(rest)
    else:
        raise UnknownCommandError(f"docker {action}")


def _compose(words: list[str]) -> None:
    parser = argparse.ArgumentParser(exit_on_error=False)
    parser.add_argument("-f", dest="file", required=True)
    parser.add_argument("--profile", default="")
    parser.add_argument("action", choices=["up", "down", "build"])
    parser.add_argument("--build", action="store_true")
    found = parser.parse_args(words)
    services = yaml.safe_load((REPOSITORY / found.file).read_text())["services"].values()
    profiles = {profile for each in services for profile in each.get("profiles", ())}
    if found.profile and found.profile not in profiles:
        raise UnknownCommandError(f"{found.file} has no profile {found.profile}")


def _run_image(words: list[str]) -> None:
    parser = argparse.ArgumentParser(exit_on_error=False)
    parser.add_argument("--rm", action="store_true")
    parser.add_argument("--env-file")
    parser.add_argument("--entrypoint")
    parser.add_argument("image")
    found, rest = parser.parse_known_args(words)
    if found.entrypoint == "python":
        _python(rest)
    else:
        _processor(rest)


def _kubectl(words: list[str]) -> None:
    match words:
        case ["scale" | "patch", "deployment", name, *_] | [
            "rollout",
            "restart" | "status",
            "deployment",
            name,
        ]:
            known = name == _DEPLOYMENT
            if "--patch-file" in words:
                file = words[words.index("--patch-file") + 1]
                known = known and bool(_documents(REPOSITORY / file))
        case ["apply" | "create", "-f", path]:
            known = bool(_documents(REPOSITORY / path))
        case ["create", "configmap", _, source]:
            known = source.startswith("--from-file=")
        case ["exec", _, "--", "python", *rest]:
            _python(rest)
            known = True
        case ["logs", name]:
            known = bool(_DEPLOYED_BY_DATA_FLOW.fullmatch(name))
        case _:
            known = words in (["apply"], ["create"])
    if not known:
        raise UnknownCommandError(f"kubectl {words}")


def _documents(path: Path) -> list[object]:
    """What `kubectl apply` takes of a file, or of a folder without its sub-folders."""
    files = [path] if path.is_file() else sorted(path.glob("*.yaml"))
    return [document for each in files for document in yaml.safe_load_all(each.read_text())]


def _curl(words: list[str]) -> None:
    parser = argparse.ArgumentParser(exit_on_error=False, add_help=False)
    parser.add_argument("-H", dest="headers", action="append", default=[])
    parser.add_argument("-d", dest="data", action="append", default=[])
    parser.add_argument("-X", dest="method", choices=["GET", "POST", "DELETE"])
    parser.add_argument("-fsS", action="store_true")
    parser.add_argument("url")
    found = parser.parse_args(words)
    if not all(re.fullmatch(r"[\w-]+: \S+", each) for each in found.headers):
        raise UnknownCommandError(f"a header of {words}")
    if "Content-Type: application/json" in found.headers:
        for each in found.data:
            json.loads(each)
    if not re.fullmatch(r"(https?://)?[\w.-]+(:\d+)?(/\S*)?", found.url):
        raise UnknownCommandError(f"{found.url} is no address")


# Of Data Flow's shell: commands, and the options of each that are used here.
_SHELL = {
    "app register": {"type", "name", "uri", "force"},
    "app info": {"type", "name"},
    "http post": {"target", "data", "contentType"},
    "runtime actuator post": {"appId", "instanceId", "endpoint", "data"},
    "stream create": {"name", "definition", "deploy"},
    "stream deploy": {"name", "properties"},
    "stream destroy": {"name"},
    "stream list": set(),
    "stream log": {"name"},
    "stream rollback": {"name", "releaseVersion"},
    "stream scale app instances": {"name", "applicationName", "count"},
    "stream undeploy": {"name"},
    "stream update": {"name", "properties"},
}


def _definition(text: str) -> None:
    """The definition of a stream: apps with their options."""
    for app in text.split("|"):
        program, *arguments = shlex.split(app) or [""]
        if program == "python-processor":
            _processor(arguments)


def _data_flow(first: str) -> Rule:
    def rule(words: list[str]) -> None:
        if "|" in words:
            _definition(" ".join([first, *words]))
            return
        end = next((at for at, word in enumerate(words) if word.startswith("--")), len(words))
        name = " ".join([first, *words[:end]])
        options = dict(zip(words[end::2], words[end + 1 :: 2], strict=True))
        unknown = {each.removeprefix("--") for each in options} - _SHELL.get(name, set())
        if name not in _SHELL or unknown:
            raise UnknownCommandError(f"Data Flow's shell has no {name} {unknown or ''}")
        _definition(options.get("--definition", ""))
        for each in filter(None, options.get("--properties", "").split(",")):
            property_, _, value = each.partition("=")
            if property_.startswith("app.python-processor."):
                _processor([f"--{property_.removeprefix('app.python-processor.')}={value}"])
            elif not property_.startswith(("app.", "deployer.")):
                raise UnknownCommandError(f"{property_} is for no app and no deployer")

    return rule


def _export(words: list[str]) -> None:
    if not all(re.fullmatch(r"[A-Z]+=\S+", each) for each in words):
        raise UnknownCommandError(f"export {words}")


def _text(name: str) -> str:
    return (REPOSITORY / name).read_text()


RULES: dict[str, Rule] = {
    "app": _data_flow("app"),
    "curl": _curl,
    "docker": _engine,
    "export": _export,
    "http": _data_flow("http"),
    "kubectl": _kubectl,
    "make": _make,
    "pip": _pip,
    "podman": _engine,
    "pre-commit": _pre_commit,
    "python": _python,
    "python-processor": _processor,
    "runtime": _data_flow("runtime"),
    "stream": _data_flow("stream"),
    "uv": _uv,
}
