"""The stream's first app: texts over HTTP become records, as in Spring's http source."""

import json
from collections.abc import Callable
from urllib.parse import unquote_plus

from flask import Flask, Request, request

# As the Kafka client's type hints say it; ours are all bytes.
Headers = list[tuple[str, str | bytes | None]]

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


def app(publish: Callable[[bytes, Headers], None]) -> Flask:
    """`publish(value, headers)` is called for a post to / (202); other paths are 404."""
    source = Flask("http-source")

    @source.post("/")
    def accept() -> tuple[bytes, int]:
        publish(*record(request))
        return b"", 202

    return source


def record(received: Request) -> tuple[bytes, Headers]:
    """The value and the headers for a request.

    A body is taken byte for byte, but a form becomes JSON: a list of values for each name. Without
    a body the query is taken for a form, so a plain post gives {}. No content type, or that of a
    form, becomes application/json.
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
        # A list in Java, so written as JSON.
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
    """A form as Spring reads it: `a=1&a=2&b` is {"a":["1","2"],"b":[null]}."""
    fields: dict[str, list[str | None]] = {}
    for pair in filter(None, encoded.decode().split("&")):
        name, equals, value = pair.partition("=")
        fields.setdefault(unquote_plus(name), []).append(unquote_plus(value) if equals else None)
    return _json(fields).encode()


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
