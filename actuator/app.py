"""The Flask app: which endpoints exist, where, and the page of links to them."""

import re
from collections.abc import Iterator

from flask import Blueprint, Flask, Response, request

from actuator import bindings, errors, health, info, media, shutdown
from config import Settings
from runtime.lifecycle import Lifecycle
from runtime.status import Board

BASE_PATH = "/actuator"
# Answers are true for the moment they are given in; these are the headers of the stock stream apps.
_HEADERS = {"Cache-Control": "no-cache, no-store, max-age=0, must-revalidate", "X-Content-Type-Options": "nosniff"}
_METHODS = ("GET", "HEAD", "POST", "OPTIONS")  # the order in which Spring's Allow names them


def create(settings: Settings, board: Board, lifecycle: Lifecycle) -> Flask:
    """The app with those endpoints that are enabled and exposed; all others are unknown paths (404), as in Spring Boot."""
    app = Flask(__name__, static_folder=None)
    app.url_map.merge_slashes = False  # Flask would redirect where Spring refuses
    errors.install(app)
    app.after_request(_finish)
    for endpoint in _enabled(settings, board, lifecycle):
        if exposed(endpoint.name, settings):
            app.register_blueprint(endpoint, url_prefix=f"{BASE_PATH}/{endpoint.name}")
    links = dict(_links(app))
    app.add_url_rule(BASE_PATH, view_func=lambda: _discovery(links))
    if settings.endpoints_shutdown_enabled:
        app.register_blueprint(shutdown.legacy(lifecycle))
    return app


def exposed(name: str, settings: Settings) -> bool:
    """Whether management.endpoints.web.exposure shows the endpoint: exclude wins, `*` is all, dashes and case do not count."""

    def named(names: tuple[str, ...]) -> bool:
        return any(each == "*" or each.replace("-", "").lower() == name for each in names)

    return named(settings.exposure_include) and not named(settings.exposure_exclude)


def _enabled(settings: Settings, board: Board, lifecycle: Lifecycle) -> Iterator[Blueprint]:
    yield bindings.endpoint(settings, board)
    yield health.endpoint(settings, board, lifecycle)
    yield info.endpoint(settings)
    if settings.access("shutdown") == "unrestricted":
        yield shutdown.endpoint(lifecycle)


def _links(app: Flask) -> Iterator[tuple[str, str]]:
    """(rel, path) of every endpoint: `health` and, with a placeholder, `health-path` with `/actuator/health/{*path}`."""
    for rule in app.url_map.iter_rules():
        name = "-".join([rule.endpoint.partition(".")[0], *rule.arguments])
        yield name, re.sub(r"<(path:)?(\w+)>", lambda match: f"{{{'*' if match[1] else ''}{match[2]}}}", rule.rule)


def _discovery(links: dict[str, str]) -> Response:
    hrefs = {"self": BASE_PATH} | links
    root = request.host_url.rstrip("/")
    return media.answer({"_links": {rel: {"href": root + path, "templated": "{" in path} for rel, path in hrefs.items()}})


def _finish(response: Response) -> Response:
    response.headers.update(_HEADERS)
    if response.allow:
        response.headers["Allow"] = ",".join(method for method in _METHODS if method in response.allow)
    if request.method == "OPTIONS":
        del response.headers["Content-Type"]
    return response
