"""The stream's first app. As in Spring's http source, texts over HTTP become records."""

import json
from collections.abc import Callable
from urllib.parse import unquote_plus

from flask import Flask, Request, request

# The type of the Kafka client. All values here are bytes.
Headers = list[tuple[str, str | bytes | None]]

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


def app(publish: Callable[[bytes, Headers], None]) -> Flask:
    """Return the http source. A post to / is answered with 202. Other paths are 404.

    Args:
        publish: Called with the value and the headers of each post.
    """
    source = Flask("http-source")

    @source.post("/")
    def accept() -> tuple[bytes, int]:
        publish(*record(request))
        return b"", 202

    return source


def record(received: Request) -> tuple[bytes, Headers]:
    """Return the value and the headers for a request.

    A body is the value byte for byte. A form becomes JSON: a list of values for each name. Without
    a body the query counts as a form, so that a plain post gives {}. A form, and a body without
    content type, have the content type application/json.
    """
    body, content_type = received.get_data(), received.content_type
    if received.mimetype == FORM:
        body, content_type = form(body), JSON
    elif not body:
        body = form(received.query_string)
    sent = {
        "content-length": received.headers.get("content-length"),
        "http_requestMethod": received.method,
        "host": received.host,
        "http_requestUrl": received.url,
        "contentType": content_type or JSON,
        "user-agent": received.headers.get("user-agent"),
        # The header is a list in Java, so it is written as JSON.
        "accept": _json(accept) if (accept := received.headers.get("accept")) else None,
    }
    headers = {name: value for name, value in sent.items() if value is not None}
    types = {
        name: "java.lang.Long" if name == "content-length" else "java.lang.String"
        for name in headers
    }
    headers["spring_json_header_types"] = _json(types)
    return body, [(name, value.encode()) for name, value in headers.items()]


def form(encoded: bytes) -> bytes:
    """Return a form as Spring reads it: `a=1&a=2&b` is {"a":["1","2"],"b":[null]}."""
    fields: dict[str, list[str | None]] = {}
    for pair in filter(None, encoded.decode().split("&")):
        name, equals, value = pair.partition("=")
        fields.setdefault(unquote_plus(name), []).append(unquote_plus(value) if equals else None)
    return _json(fields).encode()


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
