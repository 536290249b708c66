"""GET /actuator/info: the `info.*` properties as a tree."""

from typing import Any

from flask import Blueprint, Response

from actuator import media
from config import Settings


def endpoint(settings: Settings) -> Blueprint:
    """Always 200: Data Flow's start-up and readiness probes on Kubernetes read it as "the server is up"."""
    blueprint = Blueprint("info", __name__)

    @blueprint.get("")
    def info() -> Response:
        return media.answer(tree(settings.info))

    return blueprint


def tree(properties: dict[str, str]) -> dict[str, Any]:
    """`{"app.name": "x"}` as `{"app": {"name": "x"}}`; of a name that is a leaf and a prefix at once, the prefix stays."""
    root: dict[str, Any] = {}
    for name, value in sorted(properties.items()):  # a leaf sorts before the names it is a prefix of
        node = root
        *branches, leaf = name.split(".")
        for branch in branches:
            if not isinstance(node.get(branch), dict):
                node[branch] = {}
            node = node[branch]
        node[leaf] = value
    return root
