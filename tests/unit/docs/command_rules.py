"""What is checked of each command of a page, by the name of its program."""

import argparse
import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path

import yaml  # type: ignore[import-untyped]  # has no types

from tests.support.processor import REPOSITORY
from tests.unit.docs.python_rules import (
    UnknownCommandError,
    check_make,
    check_pip,
    check_pre_commit,
    check_processor,
    check_python,
    check_uv,
)

_DEPLOYMENT = "python-processor"


_DEPLOYED_BY_DATA_FLOW = re.compile(r"deploy/text-reversal-[a-z-]+-v\d+")


Rule = Callable[[list[str]], None]


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
    parser.add_argument("services", nargs="*")
    found = parser.parse_args(words)
    services = yaml.safe_load((REPOSITORY / found.file).read_text())["services"]
    if unknown := set(found.services) - services.keys():
        raise UnknownCommandError(f"{found.file} has no service {', '.join(sorted(unknown))}")
    profiles = {profile for each in services.values() for profile in each.get("profiles", ())}
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
        check_python(rest)
    else:
        check_processor(rest)


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
            check_python(rest)
            known = True
        case ["logs", name]:
            known = bool(_DEPLOYED_BY_DATA_FLOW.fullmatch(name))
        case _:
            known = words in (["apply"], ["create"], ["rollout", "undo"])
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
    "app register": {"type", "name", "uri", "bootVersion", "force"},
    "app info": {"type", "name"},
    "http post": {"target", "data", "contentType"},
    "runtime actuator post": {"appId", "instanceId", "endpoint", "data"},
    "stream create": {"name", "definition", "deploy"},
    "stream deploy": {"name", "properties"},
    "stream destroy": {"name"},
    "stream list": set(),
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
            check_processor(arguments)


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
                check_processor([f"--{property_.removeprefix('app.python-processor.')}={value}"])
            elif not property_.startswith(("app.", "deployer.")):
                raise UnknownCommandError(f"{property_} is for no app and no deployer")

    return rule


def _export(words: list[str]) -> None:
    if not all(re.fullmatch(r"[A-Z]+=\S+", each) for each in words):
        raise UnknownCommandError(f"export {words}")


RULES: dict[str, Rule] = {
    "app": _data_flow("app"),
    "curl": _curl,
    "docker": _engine,
    "export": _export,
    "http": _data_flow("http"),
    "kubectl": _kubectl,
    "make": check_make,
    "pip": check_pip,
    "podman": _engine,
    "pre-commit": check_pre_commit,
    "python": check_python,
    "python-processor": check_processor,
    "runtime": _data_flow("runtime"),
    "stream": _data_flow("stream"),
    "uv": check_uv,
}
