"""Errors as Spring Boot answers them: as JSON, as a page for browsers, or without a body."""

import logging
import re
import time
from http import HTTPStatus

from flask import Flask, Response, request
from markupsafe import escape
from werkzeug.exceptions import BadRequest, HTTPException

from actuator.http import responses

log = logging.getLogger("processor.actuator")

HTML = "text/html;charset=UTF-8"
# A request target for a proxy begins with the scheme and the host.
_ABSOLUTE = re.compile(r"\Ahttps?://[^/?#]*", re.IGNORECASE)


def install(app: Flask) -> None:
    """Make all errors of the app answer as Spring Boot's do.

    Ambiguous paths are refused, as Spring's firewall does. A query that is not UTF-8 is refused
    (400).

    Args:
        app: Gets the handlers.
    """
    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(Exception, _failed)
    app.before_request(_refuse_ambiguous_path)
    app.before_request(_refuse_unreadable_query)


def _refuse_ambiguous_path() -> None:
    """Refuse `//` and an encoded `/`. A proxy's rules for paths may not see them.

    Waitress and werkzeug drop the first `/` of two, so the raw target is checked.
    """
    sent = _ABSOLUTE.sub("", request.environ["REQUEST_URI"], count=1).partition("?")[0]
    if "//" in request.path or sent.startswith("//") or "%2f" in sent.lower():
        raise BadRequest


def _refuse_unreadable_query() -> None:
    try:
        request.query_string.decode()
    except UnicodeDecodeError:
        raise BadRequest from None


def _refused(error: HTTPException) -> Response:
    response = _body(HTTPStatus(error.code or 500))
    response.headers.extend((name, value) for name, value in error.get_headers() if name == "Allow")
    if error.code == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = 'Basic realm="Realm"'
    return response


def _failed(error: Exception) -> Response:
    log.error("%s %s failed", request.method, request.path, exc_info=error)
    return _body(HTTPStatus.INTERNAL_SERVER_ERROR)


def _body(status: HTTPStatus) -> Response:
    kind = responses.negotiate((responses.JSON, responses.V3, responses.V2, HTML))
    if kind is None:
        return responses.empty_response(status)
    if kind == HTML:
        page = (
            f"<!doctype html><title>{status.phrase}</title><h1>{status.value} "
            f"{status.phrase}</h1><p>{escape(request.path)}</p>"
        )
        return Response(page, status, content_type=HTML)
    timestamp = responses.iso_time(time.time())
    return responses.render(
        {"timestamp": timestamp, "status": status, "error": status.phrase, "path": request.path},
        kind,
        status,
    )
