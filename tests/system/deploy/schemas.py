"""Kubernetes' own schemas, of every version from the oldest one that the manifests are for; strict:
an unknown field is an error.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]  # has no types
import kubernetes_validate  # type: ignore[import-untyped]  # has no types
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from tests.support.processor import REPOSITORY

OLDEST = 21  # Kubernetes 1.21
_FOLDER = "kubernetes-json-schema"
# `make` puts the older release there; it has what the newer one has dropped.
_RELEASES = (
    REPOSITORY / ".kafka" / "kubernetes-schemas" / "kubernetes_validate",
    Path(kubernetes_validate.__file__).parent,
)
_DEFINITIONS = "_definitions.json"


def _minor(version: Path) -> int:
    return int(version.name.split(".")[1])


def _folders() -> dict[int, Path]:
    found = {
        _minor(each): each
        for release in _RELEASES
        for each in (release / _FOLDER).glob("v1.*-local-strict")
    }
    return {minor: found[minor] for minor in sorted(found) if minor >= OLDEST}


FOLDERS = _folders()
VERSIONS = [f"1.{minor}" for minor in FOLDERS]


@cache
def _definitions(folder: Path) -> Any:
    contents = json.loads((folder / _DEFINITIONS).read_text())
    return Registry().with_resource(
        _DEFINITIONS, Resource.from_contents(contents, default_specification=DRAFT202012)
    )


def errors(document: Any, version: str) -> list[str]:
    """What a Kubernetes of that version does not know or take; FileNotFoundError for a kind that it
    does not have.
    """
    folder = FOLDERS[int(version.removeprefix("1."))]
    group, _, of_group = document["apiVersion"].rpartition("/")
    name = "-".join(filter(None, (document["kind"].lower(), group.split(".")[0], of_group)))
    schema = json.loads((folder / f"{name}.json").read_text())
    validator = jsonschema.Draft202012Validator(
        {"$ref": schema["$ref"]} if "$ref" in schema else schema, registry=_definitions(folder)
    )
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(document)]
