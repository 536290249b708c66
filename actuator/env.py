"""/actuator/env: every property as it was written, source by source, the highest first."""

import time
from collections.abc import Iterable
from typing import Any

import regex  # type: ignore[import-untyped]  # it ships no types
from flask import Blueprint, Response, request
from werkzeug.exceptions import BadRequest

from actuator import media, security
from config import Settings
from config.errors import MASK, masked
from config.sources import Entry

# Seconds a client's regular expression may take in all: some take for ever.
PATTERN_TIME = 0.1


def endpoint(settings: Settings) -> Blueprint:
    """Values are masked unless management.endpoint.env.show-values says otherwise; secrets always are."""
    blueprint = Blueprint("env", __name__)

    @blueprint.get("")
    def env() -> Response:
        sources = [
            {"name": source.name, "properties": {name: _value(source.entry(name)) for name in _matching(source.values)}}
            for source in settings.sources
        ]
        return media.answer(_profiles() | {"propertySources": sources})

    @blueprint.get("/<toMatch>")
    def entry(toMatch: str) -> Response:  # noqa: N803 - Spring's name, which the links page shows
        found = [(source.name, source.find(toMatch)) for source in settings.sources]
        winner = next(((name, entry) for name, entry in found if entry), None)
        head = {"property": {"source": winner[0], "value": _shown(winner[1])}} if winner else {}
        sources = [{"name": name} | ({"property": _value(entry)} if entry else {}) for name, entry in found]
        response = media.answer(head | _profiles() | {"propertySources": sources})
        response.status_code = 200 if winner else 404
        return response

    def _value(entry: Entry) -> dict[str, str]:
        return {"value": _shown(entry), "origin": entry.origin}

    def _shown(entry: Entry) -> str:
        return masked(entry.name, entry.value) if security.shown(settings.env_show_values) else MASK

    return blueprint


def _profiles() -> dict[str, Any]:
    return {"activeProfiles": [], "defaultProfiles": ["default"]}


def _matching(names: Iterable[str]) -> list[str]:
    """Those of `names` in which ?pattern= is found; raises BadRequest for what is no regular expression or takes too long."""
    ends_at = time.monotonic() + PATTERN_TIME
    try:
        pattern = regex.compile(request.args.get("pattern", ""))
        return [name for name in names if pattern.search(name, timeout=max(0.001, ends_at - time.monotonic()), concurrent=True)]
    except (regex.error, TimeoutError, RecursionError, OverflowError):
        raise BadRequest from None
