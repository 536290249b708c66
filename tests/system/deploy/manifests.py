"""The files in deploy/, read, and a schema for those of which Kubernetes has none."""

from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]  # has no types

from tests.support.processor import REPOSITORY

DEPLOY = REPOSITORY / "deploy"


# What `kubectl apply -f` takes: no sub-folders.
KUBERNETES = {path.stem: path for path in (DEPLOY / "kubernetes").glob("*.yaml")}


SECURED = DEPLOY / "kubernetes" / "secured" / "secrets.yaml"


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


def read_all(path: Path) -> list[Any]:
    return list(yaml.safe_load_all(path.read_text()))


def merge(value: Any, patch: Any) -> Any:
    """A strategic merge of Kubernetes, for lists whose items have names."""
    if isinstance(patch, dict):
        kept = value or {}
        return kept | {name: merge(kept.get(name), each) for name, each in patch.items()}
    if isinstance(patch, list):
        named = {each["name"]: each for each in value}
        changed = {each["name"]: merge(named.get(each["name"], {}), each) for each in patch}
        return list({**named, **changed}.values())
    return patch


def closed(required: tuple[str, ...], **properties: Any) -> dict[str, Any]:
    """A schema of an object that has these fields and no others."""
    return {
        "type": "object",
        "required": list(required),
        "properties": properties,
        "additionalProperties": False,
    }
