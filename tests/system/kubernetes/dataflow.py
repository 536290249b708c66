"""Data Flow's REST API, as far as a stream's life needs it."""

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from typing import Any

from tests.support.waiting import wait_for
from tests.system.kubernetes.cluster import DATAFLOW

URL = "http://{}:{}".format(*DATAFLOW)
REQUEST_S = 120
CHANGE_S = 120  # for a change that Data Flow makes in some seconds on an idle machine


class DataFlow:
    """A running Data Flow."""

    def call(
        self, method: str, path: str, body: Any = None, form: Mapping[str, str] | None = None
    ) -> Any:
        """Send one request.

        Returns:
            The document of the answer, None where the answer is empty.

        Raises:
            RuntimeError: Data Flow refused the request.
        """
        data, kind = (
            (json.dumps(body).encode(), "application/json") if body is not None else (None, "")
        )
        if form is not None:
            data, kind = urllib.parse.urlencode(form).encode(), "application/x-www-form-urlencoded"
        request = urllib.request.Request(  # noqa: S310 - http
            URL + path, data, {"Content-Type": kind} if kind else {}, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=REQUEST_S) as answer:  # noqa: S310 - http
                text = answer.read()
        except urllib.error.HTTPError as error:
            with error:
                raise RuntimeError(
                    f"{method} {path}: {error.code} {error.read()[:500]!r}"
                ) from None
        return json.loads(text) if text else None

    def register(self, kind: str, name: str, image: str) -> None:
        """Register an app by its image, and make that version the default: another one may be
        registered already.
        """
        self.call("POST", f"/apps/{kind}/{name}", form={"uri": f"docker:{image}", "force": "true"})
        self.call("PUT", f"/apps/{kind}/{name}/{image.rpartition(':')[2]}")

    def create(self, name: str, definition: str) -> None:
        self.call(
            "POST",
            "/streams/definitions",
            form={"name": name, "definition": definition, "deploy": "false"},
        )

    def deploy(self, name: str, properties: Mapping[str, str]) -> None:
        """Ask for the deployment; `await_status` waits for the end of it."""
        self.call("POST", f"/streams/deployments/{name}", body=properties)

    def status(self, name: str) -> str:
        return str(self.call("GET", f"/streams/deployments/{name}")["status"])

    def await_status(self, name: str, wanted: str) -> None:
        wait_for(lambda: self.status(name) == wanted, CHANGE_S, f"stream {name} {wanted}")

    def scale(self, name: str, app: str, count: int) -> None:
        self._patiently("POST", f"/streams/deployments/scale/{name}/{app}/instances/{count}", {})

    def update(self, name: str, properties: Mapping[str, str]) -> None:
        package = {"packageName": name}
        body = {"releaseName": name, "packageIdentifier": package, "updateProperties": properties}
        self._patiently("POST", f"/streams/deployments/update/{name}", body)

    def roll_back(self, name: str, release: int) -> None:
        self._patiently("POST", f"/streams/deployments/rollback/{name}/{release}", None)

    def undeploy(self, name: str) -> None:
        self._patiently("DELETE", f"/streams/deployments/{name}", None)

    def destroy(self, name: str) -> None:
        self._patiently("DELETE", f"/streams/definitions/{name}", None)

    def await_release(self, name: str, number: int) -> None:
        """Wait until Skipper is done with the release of this number, and no other one is
        deployed.
        """

        def done() -> bool:
            history = self.call("GET", f"/streams/deployments/history/{name}")
            found = [
                each["info"]["status"]["statusCode"]
                for each in sorted(history, key=lambda each: -each["version"])
            ]
            if found[0] == "FAILED":
                raise AssertionError(f"release {number} of {name} failed: {found}")
            return len(found) == number and found[0] == "DEPLOYED" and found.count("DEPLOYED") == 1

        wait_for(done, CHANGE_S, f"release {number} of {name} deployed")

    def _patiently(self, method: str, path: str, body: Any) -> None:
        """Repeat a request that Skipper refuses as long as the change before is under way."""
        refused: list[RuntimeError] = []

        def accepted() -> bool:
            try:
                self.call(method, path, body)
            except RuntimeError as error:
                refused.append(error)
                return False
            return True

        try:
            wait_for(accepted, CHANGE_S, f"{method} {path} accepted")
        except AssertionError as error:
            raise AssertionError(f"{error}; the last answer: {refused[-1]}") from None
