"""Media types: which one an answer gets by Accept, and how bodies are written and read."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from flask import Response, current_app, request
from werkzeug.exceptions import BadRequest, NotAcceptable, UnsupportedMediaType

V3 = "application/vnd.spring-boot.actuator.v3+json"
V2 = "application/vnd.spring-boot.actuator.v2+json"
JSON = "application/json"
# Media types of every JSON endpoint and write operation, in Spring Boot's order.
JSON_TYPES = (V3, V2, JSON)
# characters; browsers send some 150, and each type in it takes 8 us to parse.
MAX_ACCEPT_LENGTH = 2048
SANITIZER = "sanitizer"  # the name of the app's Sanitizer among its extensions


def negotiate(offered: Sequence[str]) -> str | None:
    """Return the offered media type that Accept likes best; None if none is acceptable.

    The first one is returned without an Accept header.

    Of types accepted with equal quality the one that comes first in Accept wins, wildcards last, as
    in Spring.
    """
    if len(request.headers.get("Accept", "")) > MAX_ACCEPT_LENGTH:
        return None
    if not request.accept_mimetypes:
        return offered[0]
    # stable: wildcards are last already.
    wanted = sorted(request.accept_mimetypes, key=lambda accepted: -accepted[1])
    return next(
        (
            kind
            for accepted, quality in wanted
            if quality > 0
            for kind in offered
            if _accepts(accepted, kind)
        ),
        None,
    )


def json_response(body: object) -> Response:
    """Return a 200 with `body` as JSON, without secrets. Raises NotAcceptable (406)."""
    kind = negotiate(JSON_TYPES)
    if kind is None:
        raise NotAcceptable
    return render(current_app.extensions[SANITIZER].clean(body), kind)


def render(body: object, kind: str, status: int = 200) -> Response:
    """Return a response with a JSON body.

    Args:
        body: What json.dumps takes.
        kind: The media type.
        status: The HTTP status.
    """
    return Response(
        json.dumps(body, ensure_ascii=False, separators=(",", ":")), status, content_type=kind
    )


def empty_response(status: int) -> Response:
    """An answer without a body, and so without a Content-Type."""
    response = Response(status=status)
    del response.headers["Content-Type"]
    return response


def json_body() -> dict[str, Any]:
    """Return the JSON object of a write operation; empty without a body.

    Raises UnsupportedMediaType (415), BadRequest (400).
    """
    body = request.get_data()
    if not body:
        return {}
    if request.mimetype not in JSON_TYPES:
        raise UnsupportedMediaType
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise BadRequest from None
    if not isinstance(value, dict):
        raise BadRequest
    return value


def iso_time(seconds: float) -> str:
    """Epoch seconds as Spring Boot's JSON prints a date: 2024-05-01T10:00:00.123+00:00."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")


def _accepts(accepted: str, kind: str) -> bool:
    """Whether `accepted` covers `kind`.

    `accepted` is `*/*`, `application/*`, `application/*+json` or a type; parameters do not
    count.
    """
    main, _, sub = accepted.lower().partition(";")[0].strip().partition("/")
    kind_main, _, kind_sub = kind.partition(";")[0].partition("/")
    if main not in ("*", kind_main):
        return False
    return sub in ("*", kind_sub) or (sub.startswith("*+") and kind_sub.endswith(sub[1:]))
