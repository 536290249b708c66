"""Stops the processor over HTTP: Spring Boot's POST /actuator/shutdown, and POST /shutdown."""

from flask import Blueprint, Response

from actuator.http import responses
from runtime.lifecycle import Lifecycle

GOODBYE = {"message": "Shutting down, bye..."}


def endpoint(lifecycle: Lifecycle) -> Blueprint:
    """Return POST /actuator/shutdown. It must be enabled and exposed, as in Spring Boot.

    Args:
        lifecycle: Stops the processor.
    """
    blueprint = Blueprint("shutdown", __name__)

    @blueprint.post("")
    def shutdown() -> Response:
        return _stop_after(responses.json_response(GOODBYE), lifecycle, "POST /actuator/shutdown")

    return blueprint


def legacy(lifecycle: Lifecycle) -> Blueprint:
    """Return POST /shutdown. Data Flow's local deployer sends it and waits for the exit.

    Args:
        lifecycle: Stops the processor.
    """
    blueprint = Blueprint("legacy-shutdown", __name__)

    @blueprint.post("/shutdown")
    def shutdown() -> Response:
        return _stop_after(responses.render(GOODBYE, responses.JSON), lifecycle, "POST /shutdown")

    return blueprint


def _stop_after(response: Response, lifecycle: Lifecycle, reason: str) -> Response:
    """Stop once the response is sent. An idle processor could otherwise end before the answer."""
    response.call_on_close(lambda: lifecycle.request_stop(reason))
    return response
