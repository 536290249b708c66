"""The Flask apps: their endpoints, the paths, and the page of links."""

import re
from collections.abc import Iterator

from flask import Blueprint, Flask, Response, request

from actuator.endpoints import (
    bindings,
    configprops,
    env,
    info,
    loggers,
    metrics,
    prometheus,
    shutdown,
    threaddump,
)
from actuator.endpoints.health import HealthEndpoint
from actuator.http import errors, responses, security
from actuator.metric_registry import Registry
from config import Settings
from config.sanitizing import Sanitizer
from config.sections.management import endpoint_id
from runtime.control.status import TaskHandle
from runtime.lifecycle import Lifecycle

# Answers must not be cached. These are the headers of the stock stream apps.
_HEADERS = {
    "Cache-Control": "no-cache, no-store, max-age=0, must-revalidate",
    "X-Content-Type-Options": "nosniff",
}
_METHODS = ("GET", "HEAD", "POST", "OPTIONS")  # the order in which Spring's Allow names them


def main_app(settings: Settings, handle: TaskHandle, lifecycle: Lifecycle) -> Flask:
    """Return the app on server.port.

    It has POST /shutdown and the probe paths. It also has the actuator, unless the actuator has a
    port of its own.

    Args:
        settings: The processor's settings.
        handle: Has the status of the tasks.
        lifecycle: Stops the processor.
    """
    app = _blank(settings)
    if settings.own_management_port is None:
        _add_actuator(app, settings.context_path, settings, handle, lifecycle)
    if settings.endpoints_shutdown_enabled:
        app.register_blueprint(shutdown.legacy(lifecycle))
    if settings.health_additional_paths:
        HealthEndpoint(settings, handle, lifecycle).add_probe_paths(app, settings.context_path)
    return app


def management_app(settings: Settings, handle: TaskHandle, lifecycle: Lifecycle) -> Flask:
    """Return the app on management.server.port. It has the actuator.

    Args:
        settings: The processor's settings.
        handle: Has the status of the tasks.
        lifecycle: Stops the processor.
    """
    app = _blank(settings)
    _add_actuator(app, settings.management_context_path, settings, handle, lifecycle)
    return app


def exposed(name: str, settings: Settings) -> bool:
    """Return whether management.endpoints.web.exposure shows the endpoint.

    `exclude` wins over `include`. `*` names all endpoints. Other characters than letters and digits
    do not count.
    """

    def named(names: tuple[str, ...]) -> bool:
        return any(each == "*" or endpoint_id(each) == name for each in names)

    return named(settings.exposure_include) and not named(settings.exposure_exclude)


def _blank(settings: Settings) -> Flask:
    app = Flask(__name__, static_folder=None)
    app.extensions[responses.SANITIZER] = Sanitizer(settings)
    app.url_map.merge_slashes = False  # Flask would redirect where Spring refuses
    errors.install(app)
    security.install(app, settings)
    app.after_request(_finish)
    return app


def _add_actuator(
    app: Flask, context_path: str, settings: Settings, handle: TaskHandle, lifecycle: Lifecycle
) -> None:
    """Add the endpoints that are enabled and exposed. Others answer 404, as in Spring Boot."""
    base = context_path + settings.actuator_base_path
    for endpoint in _endpoints(settings, handle, lifecycle):
        name = endpoint.name
        if settings.access(name) != "none" and exposed(name, settings):
            app.register_blueprint(endpoint, url_prefix=f"{base}/{settings.path_of(name)}")
    if settings.discovery_enabled and settings.actuator_base_path:
        links = {"self": base} | dict(_links(app))
        app.add_url_rule(base, "links", lambda: _discovery(links))


def _endpoints(settings: Settings, handle: TaskHandle, lifecycle: Lifecycle) -> Iterator[Blueprint]:
    yield bindings.endpoint(settings, handle)
    yield configprops.endpoint(settings)
    yield env.endpoint(settings)
    yield HealthEndpoint(settings, handle, lifecycle).blueprint()
    yield info.endpoint(settings)
    yield loggers.endpoint(settings, handle)
    registry = Registry(settings, handle)
    yield metrics.endpoint(registry)
    yield prometheus.endpoint(registry)
    if settings.access("shutdown") == "unrestricted":  # no body is read
        yield shutdown.endpoint(lifecycle)
    yield threaddump.endpoint()


def _links(app: Flask) -> Iterator[tuple[str, str]]:
    """Yield the rel and the path of each endpoint.

    `health` also has `health-path` with `/actuator/health/{*path}`.
    """
    for rule in app.url_map.iter_rules():
        name = "-".join([rule.endpoint.partition(".")[0], *rule.arguments])
        yield (
            name,
            re.sub(
                r"<(path:)?(\w+)>",
                lambda match: f"{{{'*' if match[1] else ''}{match[2]}}}",
                rule.rule,
            ),
        )


def _discovery(links: dict[str, str]) -> Response:
    root = request.host_url.rstrip("/")
    return responses.json_response(
        {
            "_links": {
                rel: {"href": root + path, "templated": "{" in path} for rel, path in links.items()
            }
        }
    )


def _finish(response: Response) -> Response:
    response.headers.update(_HEADERS)
    if response.allow:
        response.headers["Allow"] = ",".join(
            method for method in _METHODS if method in response.allow
        )
    if request.method == "OPTIONS":
        del response.headers["Content-Type"]
    return response
