"""Stops over HTTP: Spring Boot's POST /actuator/shutdown, and POST /shutdown."""

from flask import Blueprint, Response

from actuator.http import responses
from runtime.lifecycle import Lifecycle

GOODBYE = {"message": "Shutting down, bye..."}


def endpoint(lifecycle: Lifecycle) -> Blueprint:
    """POST /actuator/shutdown; exists only when enabled and exposed, as in Spring Boot."""
    blueprint = Blueprint("shutdown", __name__)

    @blueprint.post("")
    def shutdown() -> Response:
        return _stop_after(responses.json_response(GOODBYE), lifecycle, "POST /actuator/shutdown")

    return blueprint


def legacy(lifecycle: Lifecycle) -> Blueprint:
    """POST /shutdown, which Data Flow's local deployer sends; it waits for the exit after a 2xx."""
    blueprint = Blueprint("legacy-shutdown", __name__)

    @blueprint.post("/shutdown")
    def shutdown() -> Response:
        return _stop_after(responses.render(GOODBYE, responses.JSON), lifecycle, "POST /shutdown")

    return blueprint


def _stop_after(response: Response, lifecycle: Lifecycle, reason: str) -> Response:
    """Stop once `response` is sent: an idle processor ends before the answer is out otherwise."""
    response.call_on_close(lambda: lifecycle.request_stop(reason))
    return response
