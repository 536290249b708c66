"""Registers at a Spring Boot Admin server. A thread repeats it, as Java's client does."""

import base64
import http.client
import json
import logging
import os
import re
import socket
import threading
import time
import urllib.request
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from config import Settings
from config.errors import one_line
from runtime.lifecycle import Lifecycle

log = logging.getLogger("processor.actuator")

_CLOUD = (
    "KUBERNETES_SERVICE_HOST",
    "VCAP_APPLICATION",
    # Spring Boot recognises its platforms by these variables.
)
# Errors of a request: no answer, no HTTP, no JSON, or JSON nested too deep.
_FAILURES = (OSError, ValueError, http.client.HTTPException, RecursionError)
_ID = re.compile(r"[A-Za-z0-9._~-]{1,200}")
_ANSWER_BYTES = 64 * 1024
_REASON_LENGTH = 200  # characters of a server's answer in a log line


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Treats a redirect as a refusal: the credentials are for this server only."""

    def redirect_request(self, *_: Any) -> None:
        return None


class Registration:
    """The registration of this instance, at the first server that accepts it."""

    def __init__(
        self, settings: Settings, lifecycle: Lifecycle, port: int, management_port: int | None
    ) -> None:
        """Prepare. No server is asked yet.

        Args:
            settings: The processor's settings.
            lifecycle: Says when the processor stops.
            port: The server.port that is listened on.
            management_port: The actuator's own port; None without one.
        """
        self._settings = settings
        self._lifecycle = lifecycle
        self._ports = port, management_port
        self._registered: str | None = None  # URL of this instance at the server
        self._failure_logged = False
        # Without the environment's proxies, as Java's client. They would read the credentials.
        self._opener = urllib.request.build_opener(_NoRedirect, urllib.request.ProxyHandler({}))

    def start(self) -> None:
        """Start the registration in a daemon thread."""
        threading.Thread(target=self._run, name="boot-admin", daemon=True).start()

    def _run(self) -> None:
        self.register()  # on this thread, as looking up the host's name may block
        while not self._lifecycle.wait(self._settings.boot_admin_period):
            self.register()
        named = self._settings.boot_admin_deregisters
        if named if named is not None else any(name in os.environ for name in _CLOUD):
            self.deregister()

    @cached_property
    def _instance(self) -> dict[str, Any]:
        return instance(self._settings, *self._ports)

    def register(self) -> None:
        """Register at the first server that answers. Blocks for one request to each server at most.

        An error is logged once until the next success.
        """
        for url in self._settings.boot_admin_urls:
            at = f"{url}/{self._settings.boot_admin_api_path.strip('/')}"
            try:
                answer = self._call("POST", at, self._instance)
            except _FAILURES as error:
                level = logging.DEBUG if self._failure_logged else logging.WARNING
                log.log(level, "cannot register at Spring Boot Admin (%s): %s", at, _reason(error))
                continue
            if self._registered is None:
                log.info("registered at Spring Boot Admin (%s) as %s", at, answer["id"])
            self._registered, self._failure_logged = f"{at}/{answer['id']}", False
            return
        self._registered, self._failure_logged = None, True

    def deregister(self) -> None:
        """Deregister, if registered. Blocks for one request at most. An error is only logged."""
        if self._registered is None:
            return
        try:
            self._call("DELETE", self._registered)
        except _FAILURES as error:
            log.warning("cannot deregister at Spring Boot Admin: %s", _reason(error))

    def _call(self, method: str, url: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the JSON of the answer.

        Raises one of _FAILURES: no answer, a refusal, a redirect, or a server that is no Spring
        Boot Admin.
        """
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        user, password = self._settings.boot_admin_user, self._settings.boot_admin_password
        if user is not None and password is not None:
            credentials = base64.b64encode(
                f"{user}:{password.get_secret_value()}".encode()
            ).decode()
            headers["Authorization"] = f"Basic {credentials}"
        request = urllib.request.Request(  # noqa: S310 - the setting allows http and https only
            url, json.dumps(body).encode() if body else None, headers, method=method
        )
        with self._opener.open(request, timeout=self._settings.boot_admin_timeout) as answer:
            text = answer.read(_ANSWER_BYTES) if body else b"{}"
        found = json.loads(text)
        if body and not (
            isinstance(found, dict)
            and isinstance(found.get("id"), str)
            and _ID.fullmatch(found["id"])
        ):
            raise ValueError("the answer is not that of a Spring Boot Admin server")
        return dict(found)


def instance(settings: Settings, port: int, management_port: int | None) -> dict[str, Any]:
    """Return Spring Boot Admin's Application, with its client's rules for URLs."""
    base = (
        settings.boot_admin_service_base_url
        or f"http://{_host(settings, settings.server_address)}:{port}"
    )
    service = (
        settings.boot_admin_service_url
        or f"{base}{settings.boot_admin_service_path}{settings.context_path}"
    )
    own = settings.boot_admin_management_base_url
    if management_port is not None:
        own = (
            own
            or f"http://{_host(settings, settings.management_address or settings.server_address)}:{management_port}"  # noqa: E501 - one text
        )
        own += settings.management_context_path
    management = (own or service.rstrip("/")) + settings.actuator_base_path
    health = settings.path_of("health")
    return {
        "name": settings.boot_admin_name or settings.application_name,
        "managementUrl": settings.boot_admin_management_url or management,
        "healthUrl": settings.boot_admin_health_url or f"{management}/{health}",
        "serviceUrl": settings.boot_admin_service_url or f"{service}/",
        "metadata": {"startup": datetime.fromtimestamp(time.time(), UTC).isoformat()}
        | settings.boot_admin_metadata,
    }


def _host(settings: Settings, address: str | None) -> str:
    """Return the host's name or address. IPv6 is in brackets, as in URLs."""
    name = address or socket.gethostname()
    kind = "ip" if settings.boot_admin_prefer_ip else settings.boot_admin_host_type
    if kind == "canonical":
        name = socket.getfqdn(name)
    elif kind == "ip":
        name = name if ":" in name else socket.gethostbyname(name)
    return f"[{name}]" if ":" in name else name


def _reason(error: BaseException) -> str:
    """Return the error's text as one line, cut. A server may have chosen the text."""
    text = one_line(str(error) or type(error).__name__)
    return f"{text[:_REASON_LENGTH]}..." if len(text) > _REASON_LENGTH else text
