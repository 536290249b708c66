"""/actuator/env: every property as it was written, source by source, the highest first."""

import math
import threading
import time
from collections.abc import Iterable
from typing import Any

import regex  # type: ignore[import-untyped]  # it ships no types
from flask import Blueprint, Response, request
from werkzeug.exceptions import BadRequest, TooManyRequests

from actuator.http import responses, security
from config import Settings
from config.errors import MASK, shown_name
from config.sanitizing import Sanitizer
from config.spring.sources.source import Entry, Source

# Limits of a client's regular expression: its characters, the copies that its repetitions make
# together, and the seconds of a search. Compiling cannot be interrupted. The first two limits keep
# it to milliseconds.
PATTERN_LENGTH = 200
PATTERN_COPIES = 100
PATTERN_TIME_S = 0.1
# The syntax that Java and Python share: literals, sets, groups, alternatives, repetitions.
_ALLOWED = regex.compile(
    r"(?:\(\?i\))?(?:\\(?:[wWdDsSbB]|[^\w\s])|\((?:\?:|(?!\?))|(?P<copies>\{[0-9]{1,3}(?:,[0-9]{0,3})?\})|[^\\({])*+"
)
# One search at a time, so that slow patterns leave the server's other threads to the probes.
_SEARCHING = threading.Lock()
# Characters of a name that is looked up. Each name is cached with its uniform form.
NAME_LENGTH = 500


def endpoint(settings: Settings) -> Blueprint:
    """Return the endpoint. management.endpoint.env.show-values decides who sees values.

    Secrets and values of unknown names are always masked.

    Args:
        settings: Has the sources of properties.
    """
    blueprint = Blueprint("env", __name__)
    sanitizer = Sanitizer(settings)
    profiles: dict[str, Any] = {
        "activeProfiles": settings.active_profiles,
        "defaultProfiles": settings.default_profiles,
    }

    @blueprint.get("")
    def env() -> Response:
        sources = [
            {
                "name": source.name,
                "properties": {
                    sanitizer.clean_text(shown_name(name)): _value(source, source.entry(name))
                    for name in _matching(source.values)
                },
            }
            for source in settings.sources
        ]
        return responses.json_response(profiles | {"propertySources": sources})

    @blueprint.get("/<toMatch>")
    def entry(toMatch: str) -> Response:  # noqa: N803 - Spring's name, which the links page shows
        found = [
            (source, source.find(toMatch) if len(toMatch) <= NAME_LENGTH else None)
            for source in settings.sources
        ]
        winner = next(((source, entry) for source, entry in found if entry), None)
        head = {"property": {"source": winner[0].name, "value": _shown(*winner)}} if winner else {}
        sources = [
            {"name": source.name} | ({"property": _value(source, entry)} if entry else {})
            for source, entry in found
        ]
        response = responses.json_response(head | profiles | {"propertySources": sources})
        response.status_code = 200 if winner else 404
        return response

    def _value(source: Source, entry: Entry) -> dict[str, str]:
        return {"value": _shown(source, entry), "origin": entry.origin}

    def _shown(source: Source, entry: Entry) -> str:
        return (
            sanitizer.written(source, entry.name, entry.value)
            if security.may_see(settings.env_show_values)
            else MASK
        )

    return blueprint


def _matching(names: Iterable[str]) -> list[str]:
    """Return the names in which ?pattern= is found.

    Raises:
        BadRequest: The pattern is not allowed, or takes too long.
        TooManyRequests: Another search is running.
    """
    text = request.args.get("pattern", "")
    if not text:
        return list(names)
    allowed = _ALLOWED.fullmatch(text) if len(text) <= PATTERN_LENGTH else None
    if not allowed or math.prod(map(_copies, allowed.captures("copies"))) > PATTERN_COPIES:
        raise BadRequest
    if not _SEARCHING.acquire(blocking=False):
        raise TooManyRequests
    ends_at = time.monotonic() + PATTERN_TIME_S
    try:
        pattern = regex.compile(text, cache_pattern=False)
        return [
            name
            for name in names
            if pattern.search(name, timeout=max(0.001, ends_at - time.monotonic()), concurrent=True)
        ]
    except (regex.error, TimeoutError, RecursionError, OverflowError):
        raise BadRequest from None
    finally:
        _SEARCHING.release()


def _copies(repetition: str) -> int:
    """Return the larger bound: 3 for `{3}`, `{1,3}` and `{3,}`."""
    return max(1, *(int(number) for number in repetition.strip("{}").split(",") if number))
