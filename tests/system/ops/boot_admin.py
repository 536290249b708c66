"""A real Spring Boot Admin server on loopback."""

import json
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.support import children
from tests.support.brokers.java import need_java
from tests.support.spring import JAVA, find_jars
from tests.support.waiting import wait_for

# As its pages ask: an instance that answers with plain JSON would be taken for one of Spring Boot
# 1.
_ACCEPT = (
    "application/vnd.spring-boot.actuator.v2+json, "
    "application/vnd.spring-boot.actuator.v3+json, application/json"
)
SOURCE = Path(__file__).parent / "Admin.java"


class BootAdmin:
    """The server, as a context."""

    def __init__(self, folder: Path, generation: str) -> None:
        self._folder, self._jars, self._port = (
            folder,
            find_jars("boot-admin", generation),
            children.free_port(),
        )
        self.url = f"http://127.0.0.1:{self._port}"

    def __enter__(self) -> Self:
        need_java()
        self._folder.mkdir()
        settings = [
            f"--server.port={self._port}",
            "--server.address=127.0.0.1",
            "--spring.boot.admin.monitor.status-interval=5s",
        ]
        command = [*JAVA, "-cp", f"{self._jars}/*", str(SOURCE), *settings]
        self._child = children.start(command, self._folder / "boot-admin.log")
        wait_for(self._answers, 120, "Spring Boot Admin answering")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        children.end(self._child)

    def instances(self) -> list[dict[str, Any]]:
        found = self.request("GET", "/instances")
        assert isinstance(found, list)
        return found

    def request(self, method: str, path: str, body: object = None) -> Any:
        """One request of the kind its own pages make; what is below /instances/{id}/actuator goes
        through to the instance.
        """
        headers = {"Accept": _ACCEPT, "Content-Type": "application/json"}
        data = json.dumps(body).encode() if body is not None else None
        with urllib.request.urlopen(  # noqa: S310 - our own http address
            urllib.request.Request(self.url + path, data, headers, method=method),  # noqa: S310 - our own http address
            timeout=30,
        ) as answer:
            return json.loads(answer.read() or b"null")

    def _answers(self) -> bool:
        assert self._child.poll() is None, (self._folder / "boot-admin.log").read_text()[-3000:]
        try:
            return self.instances() == []
        except OSError:
            return False
