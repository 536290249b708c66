"""The image's HEALTHCHECK: asks the liveness probe in this container. Exit code 0: alive."""

import http.client
import os
import sys
from pathlib import Path

import config

TIMEOUT_S = 4  # shorter than the HEALTHCHECK's time-out, so that the result is printed
MANAGEMENT_PORT = "management.server.port"


def main() -> int:
    """Ask the probe and return the exit code: 0 is alive, 1 is not."""
    try:
        # Importing the functions may take long, and repeats what they do when they are imported.
        settings = config.load(arguments(), os.environ, functions=False)
    except config.SettingsError as error:
        return report(1, str(error))
    if name := chosen_at_start(settings):
        line = f"{name} leaves the choice of the port to the start: it is not known here"
        return report(0, f"{line}, so the liveness probe is not asked; set a fixed port to ask it")
    address, port, path = target(settings)
    connection = http.client.HTTPConnection(address, port, timeout=TIMEOUT_S)
    try:
        connection.request("GET", path)
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return report(1, f"no answer on port {port}: {error}")
    # Without an exposed health endpoint the answer is 404. It still shows that the server is alive.
    return report(int(status >= 500), f"liveness answers {status} on port {port}")


def target(settings: config.Settings) -> tuple[str, int, str]:
    """Return address, port and path of the liveness probe, from the server's settings.

    If the probe is off, any answer below 500 counts as alive.
    """
    name, port = port_of(settings)
    separate = name == MANAGEMENT_PORT
    address = settings.management_address if separate else settings.server_address
    context = settings.management_context_path if separate else settings.context_path
    health = settings.path_of("health")
    local = {None: "127.0.0.1", "": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}
    return (
        local.get(address, address or ""),
        port,
        f"{context}{settings.actuator_base_path}/{health}/liveness",
    )


def port_of(settings: config.Settings) -> tuple[str, int]:
    """Return the property that decides the probe's port, and its value."""
    own = settings.own_management_port
    if own is not None and own >= 0:
        return MANAGEMENT_PORT, own
    return "server.port", settings.server_port


def chosen_at_start(settings: config.Settings) -> str:
    """Return the property of a port that only the processor knows, or "".

    The system chooses port 0, and each process has other values of ${random.*}.
    """
    name, port = port_of(settings)
    return name if not port or name in settings.random_names else ""


def arguments() -> list[str]:
    """Return the properties on the command line of process 1. Data Flow may set the port there."""
    words = os.fsdecode(Path("/proc/1/cmdline").read_bytes()).split("\0")
    return [word for word in words if word.startswith("--")]


def report(code: int, words: str) -> int:
    """Print the result and return its exit code. The container engine keeps the output."""
    print(f"healthcheck: {words}")  # noqa: T201 - the engine keeps the output with the result
    return code


if __name__ == "__main__":
    sys.exit(main())
