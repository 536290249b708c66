"""Bodies of requests and answers, and the choice of a media type by Accept."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from flask import Response, current_app, request
from werkzeug.exceptions import BadRequest, NotAcceptable, UnsupportedMediaType

V3 = "application/vnd.spring-boot.actuator.v3+json"
V2 = "application/vnd.spring-boot.actuator.v2+json"
JSON = "application/json"
# The media types of JSON endpoints and write operations, in Spring Boot's order.
JSON_TYPES = (V3, V2, JSON)
# Characters. Browsers send some 150. Each type in the header takes 8 us to parse.
MAX_ACCEPT_LENGTH = 2048
SANITIZER = "sanitizer"  # the key of the Sanitizer among an app's extensions


def negotiate(offered: Sequence[str]) -> str | None:
    """Return the offered media type that Accept prefers, or None if none is acceptable.

    Of types with equal quality the first in Accept wins. Wildcards come last. This is Spring's
    order. Without an Accept header the first offered type is returned.

    Args:
        offered: Media types, the preferred one first.
    """
    if len(request.headers.get("Accept", "")) > MAX_ACCEPT_LENGTH:
        return None
    if not request.accept_mimetypes:
        return offered[0]
    # The sort is stable, and werkzeug has put wildcards last.
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
    """Return a 200 with a JSON body. Secrets in its texts are masked.

    Args:
        body: A JSON document.

    Raises:
        NotAcceptable: Accept allows no JSON (406).
    """
    kind = negotiate(JSON_TYPES)
    if kind is None:
        raise NotAcceptable
    return render(current_app.extensions[SANITIZER].clean(body), kind)


def render(body: object, kind: str, status: int = 200) -> Response:
    """Return a response with a JSON body.

    Args:
        body: A JSON document.
        kind: The media type.
        status: The HTTP status.
    """
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    # A variable's bytes may be no UTF-8. Python has them as lone surrogates, JSON as an escape.
    return Response(text.encode(errors="backslashreplace"), status, content_type=kind)


def empty_response(status: int) -> Response:
    """Return an answer without a body and without a Content-Type.

    Args:
        status: The HTTP status.
    """
    response = Response(status=status)
    del response.headers["Content-Type"]
    return response


def json_body() -> dict[str, Any]:
    """Return the JSON object of a write operation, empty without a body.

    Raises:
        UnsupportedMediaType: The body is no JSON by its Content-Type (415).
        BadRequest: The body is no JSON object (400).
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
    """Return a time as Spring Boot's JSON prints it: 2024-05-01T10:00:00.123+00:00.

    Args:
        seconds: Seconds since the epoch.
    """
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")


def _accepts(accepted: str, kind: str) -> bool:
    """Return whether `accepted` covers `kind`.

    `accepted` is `*/*`, `application/*`, `application/*+json` or a type. Parameters do not count.
    """
    main, _, sub = accepted.lower().partition(";")[0].strip().partition("/")
    kind_main, _, kind_sub = kind.partition(";")[0].partition("/")
    if main not in ("*", kind_main):
        return False
    return sub in ("*", kind_sub) or (sub.startswith("*+") and kind_sub.endswith(sub[1:]))
