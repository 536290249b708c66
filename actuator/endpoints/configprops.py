"""/actuator/configprops: every property of the processor, its value and origin."""

import math
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response

from actuator.http import responses, security
from config import Settings
from config.errors import MASK
from config.sanitizing import Sanitizer
from config.settings import properties


def endpoint(settings: Settings) -> Blueprint:
    """Return the endpoint. Properties with a common prefix make a bean.

    Values are masked unless the settings show them. Secrets are always masked.

    Args:
        settings: Has the values and their origins.
    """
    blueprint = Blueprint("configprops", __name__)
    sanitizer = Sanitizer(settings)

    @blueprint.get("")
    def configprops() -> Response:
        return _answer(_beans(settings, sanitizer))

    @blueprint.get("/<prefix>")
    def below(prefix: str) -> Response:
        found = {
            name: bean
            for name, bean in _beans(settings, sanitizer).items()
            if f"{name}.".startswith(f"{prefix}.")
        }
        return _answer(found) if found else responses.empty_response(404)

    return blueprint


def _answer(beans: dict[str, Any]) -> Response:
    return responses.json_response({"contexts": {"application": {"beans": beans}}})


def _beans(settings: Settings, sanitizer: Sanitizer) -> dict[str, Any]:
    beans: dict[str, Any] = {}
    for name, each in _values(settings):
        prefix, _, key = name.rpartition(".")
        bean = beans.setdefault(
            prefix or "python-processor", {"prefix": prefix, "properties": {}, "inputs": {}}
        )
        if each is not None:
            bean["properties"][key] = _describe(settings, sanitizer, name, each)
        if entry := settings.origins.get(name):
            bean["inputs"][key] = {"value": bean["properties"].get(key), "origin": entry.origin}
    return beans


def _values(settings: Settings) -> Iterator[tuple[str, Any]]:
    """Yield each property and its value. Functions' properties come first. Maps come key by key."""
    yield from settings.own_values.items()
    for field, prop in properties().items():
        value = getattr(settings, field)
        if isinstance(value, dict):
            yield from ((f"{prop.name}.{key}", each) for key, each in value.items())
        else:
            yield prop.name, value


def _describe(settings: Settings, sanitizer: Sanitizer, name: str, value: Any) -> Any:
    text = str(value)
    unchanged = (
        security.may_see(settings.configprops_show_values) and sanitizer.shown(name, text) == text
    )
    return _json_value(value) if unchanged else MASK


def _json_value(value: Any) -> Any:
    """Return the value as JSON has it. A value of any other type, such as a SpEL expression, is
    its text.
    """
    if isinstance(value, tuple):
        return [_json_value(each) for each in value]
    if isinstance(value, float) and not math.isfinite(value):  # JSON has no NaN and no infinity
        return str(value)
    return value if isinstance(value, bool | int | float | str) else str(value)
