"""A real Prometheus on loopback that scrapes one processor every second."""

import json
import urllib.parse
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.support import children
from tests.support.waiting import wait_for

_CONFIGURATION = """\
global:
  scrape_interval: 1s
scrape_configs:
  - job_name: scdf
    metrics_path: /actuator/prometheus
    static_configs:
      - targets: ["127.0.0.1:{target}"]
"""


class Prometheus:
    """The program `prometheus`, as a context."""

    def __init__(self, folder: Path, target: int) -> None:
        """`target`: the port that is scraped."""
        self._folder, self._target, self._port = folder, target, children.free_port()

    def __enter__(self) -> Self:
        self._folder.mkdir()
        (self._folder / "prometheus.yml").write_text(_CONFIGURATION.format(target=self._target))
        arguments = [
            f"--config.file={self._folder}/prometheus.yml",
            f"--storage.tsdb.path={self._folder}/data",
            f"--web.listen-address=127.0.0.1:{self._port}",
        ]
        self._child = children.start(["prometheus", *arguments], self._folder / "prometheus.log")
        wait_for(self._is_scraping, 60, "Prometheus scraping the processor")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        children.end(self._child)

    def query(self, expression: str) -> list[dict[str, Any]]:
        """The series that the expression comes to now."""
        answer = self._get("query", query=expression)
        found = answer["result"]
        assert isinstance(found, list)
        return found

    def error(self) -> str:
        """What is wrong with the last scrape; empty when nothing is."""
        (target,) = self._get("targets")["activeTargets"]
        return str(target["lastError"])

    def _is_scraping(self) -> bool:
        try:
            return any(series["value"][1] == "1" for series in self.query("up"))
        except OSError:
            return False

    def _get(self, what: str, **parameters: str) -> Any:
        url = f"http://127.0.0.1:{self._port}/api/v1/{what}?{urllib.parse.urlencode(parameters)}"
        with urllib.request.urlopen(url, timeout=30) as answer:
            return json.load(answer)["data"]
