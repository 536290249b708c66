"""The image's HEALTHCHECK: asks the liveness probe of the processor in this container. Exit code 0: alive, 1: not."""

import http.client
import os
import sys
from pathlib import Path

import config

SECONDS = 4  # less than the time-out of the HEALTHCHECK, so that its last words are ours


def main() -> int:
    try:
        settings = config.load(arguments(), os.environ)
    except config.SettingsError as error:
        return told(1, str(error))
    connection = http.client.HTTPConnection(settings.server_address or "127.0.0.1", settings.server_port, timeout=SECONDS)
    try:
        connection.request("GET", "/actuator/health/liveness")
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return told(1, f"no answer on port {settings.server_port}: {error}")
    # Where health is not exposed (404) there is an answer all the same, and no more can be known.
    return told(int(status >= 500), f"liveness answers {status} on port {settings.server_port}")


def arguments() -> list[str]:
    """The command line of process 1, which Data Flow may have given the port: a health check is not told it."""
    return [word for word in Path("/proc/1/cmdline").read_text().split("\0") if word.startswith("--")]


def told(code: int, words: str) -> int:
    print(f"healthcheck: {words}")  # noqa: T201 - the engine keeps the output with the result
    return code


if __name__ == "__main__":
    sys.exit(main())
