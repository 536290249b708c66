"""Registration at a Spring Boot Admin server, as its Java client does it: again and again, from a thread of its own."""

import base64
import json
import logging
import os
import socket
import threading
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from config import Settings
from runtime.lifecycle import Lifecycle

log = logging.getLogger(__name__)

_CLOUD = ("KUBERNETES_SERVICE_HOST", "VCAP_APPLICATION")  # what Spring Boot knows its platforms by


class Registration:
    """One instance at the first of the servers that takes it."""

    def __init__(self, settings: Settings, lifecycle: Lifecycle, port: int, management_port: int | None) -> None:
        """`port`, `management_port`: those that are listened on; None where the actuator has none of its own."""
        self._settings = settings
        self._lifecycle = lifecycle
        self._ports = port, management_port
        self._registered: str | None = None  # URL of this instance at the server
        self._told = False

    def start(self) -> None:
        threading.Thread(target=self._run, name="boot-admin", daemon=True).start()

    def _run(self) -> None:
        self.register()  # the name of the host may take a while to find: not for the main thread
        while not self._lifecycle.wait(self._settings.boot_admin_period):
            self.register()
        named = self._settings.boot_admin_deregisters
        if named if named is not None else any(name in os.environ for name in _CLOUD):
            self.deregister()

    @cached_property
    def _instance(self) -> dict[str, Any]:
        return instance(self._settings, *self._ports)

    def register(self) -> None:
        """At the first server that answers. What goes wrong is told once, until it goes well again."""
        for url in self._settings.boot_admin_urls:
            at = f"{url}/{self._settings.boot_admin_api_path.strip('/')}"
            try:
                answer = self._call("POST", at, self._instance)
            except (OSError, ValueError) as error:
                log.log(
                    logging.DEBUG if self._told else logging.WARNING, "cannot register at Spring Boot Admin (%s): %s", at, error
                )
                continue
            if self._registered is None:
                log.info("registered at Spring Boot Admin (%s) as %s", at, answer["id"])
            self._registered, self._told = f"{at}/{answer['id']}", False
            return
        self._registered, self._told = None, True

    def deregister(self) -> None:
        if self._registered is None:
            return
        try:
            self._call("DELETE", self._registered)
        except (OSError, ValueError) as error:
            log.warning("cannot deregister at Spring Boot Admin: %s", error)

    def _call(self, method: str, url: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """The JSON of the answer. Raises OSError when there is none or it is a refusal, ValueError when it is no JSON object with an id."""
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        user, password = self._settings.boot_admin_user, self._settings.boot_admin_password
        if user is not None and password is not None:
            credentials = base64.b64encode(f"{user}:{password.get_secret_value()}".encode()).decode()
            headers["Authorization"] = f"Basic {credentials}"
        request = urllib.request.Request(url, json.dumps(body).encode() if body else None, headers, method=method)  # noqa: S310 - the setting allows http and https only
        with urllib.request.urlopen(request, timeout=self._settings.boot_admin_timeout) as answer:  # noqa: S310 - likewise
            found = json.loads(answer.read() or b"{}")
        if body and not (isinstance(found, dict) and isinstance(found.get("id"), str)):
            raise ValueError("the answer is not that of a Spring Boot Admin server")
        return dict(found)


def instance(settings: Settings, port: int, management_port: int | None) -> dict[str, Any]:
    """What is registered: Spring Boot Admin's Application."""
    host = _host(settings)
    service = (settings.boot_admin_service_base_url or f"http://{host}:{port}") + settings.context_path
    own = f"http://{host}:{management_port}" if management_port is not None else None
    base = settings.boot_admin_management_base_url or own
    management = (base + settings.management_context_path if base and own else base or service) + settings.actuator_base_path
    health = settings.path_mapping.get("health", "health").strip("/")
    return {
        "name": settings.boot_admin_name or settings.application_name,
        "managementUrl": management,
        "healthUrl": f"{management}/{health}",
        "serviceUrl": f"{service}/",
        "metadata": {"startup": datetime.fromtimestamp(time.time(), UTC).isoformat()} | settings.boot_admin_metadata,
    }


def _host(settings: Settings) -> str:
    name = socket.gethostname()
    if settings.boot_admin_host_type == "canonical":
        return socket.getfqdn()
    return name if settings.boot_admin_host_type == "host_name" else socket.gethostbyname(name)
