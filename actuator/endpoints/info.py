"""GET /actuator/info: the `info.*` properties as a tree, if management.info.env.enabled."""

from typing import Any

from flask import Blueprint, Response

from actuator.http import responses
from config import Settings
from config.sanitizing import Sanitizer
from config.settings import properties


def endpoint(settings: Settings) -> Blueprint:
    """Return the endpoint. It always answers 200: Data Flow's probes on Kubernetes ask it.

    Args:
        settings: Has the `info.*` properties.
    """
    blueprint = Blueprint("info", __name__)
    sanitizer = Sanitizer(settings)
    prefix = properties()["info"].name
    shown = settings.info if settings.info_env_enabled else {}
    body = tree(
        {
            sanitizer.clean_text(name): sanitizer.shown(f"{prefix}.{name}", value)
            for name, value in shown.items()
        }
    )

    @blueprint.get("")
    def info() -> Response:
        return responses.json_response(body)

    return blueprint


def tree(values: dict[str, str]) -> dict[str, Any]:
    """Return `{"app.name": "x"}` as `{"app": {"name": "x"}}`.

    If a name is both a leaf and a prefix, the leaf is dropped.
    """
    root: dict[str, Any] = {}
    for name, value in sorted(values.items()):  # a leaf sorts before the names it is a prefix of
        node = root
        *branches, leaf = name.split(".")
        for branch in branches:
            if not isinstance(node.get(branch), dict):
                node[branch] = {}
            node = node[branch]
        node[leaf] = value
    return root
