"""A real headless Chromium, driven over the pipe of its DevTools protocol."""

import base64
import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any, Self

from tests.support.waiting import wait_for

PAGE_TIMEOUT_S = 60  # for a page to show what it is waited for

# Chromium reads its orders from file descriptor 3 and answers on 4; each message ends in a zero
# byte.
_START = 'exec chromium "$@" 3<&{orders} 4>&{answers}'


class Browser:
    """One page, as a context."""

    def __init__(self, folder: Path) -> None:
        """`folder`: for its profile; it need not exist."""
        self._folder = folder
        self._number = 0

    def __enter__(self) -> Self:
        orders, self._orders = os.pipe()
        self._answers, answers = os.pipe()
        flags = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--window-size=1400,1800",
            "--remote-debugging-pipe",
        ]
        self._child = subprocess.Popen(
            [
                "bash",
                "-c",
                _START.format(orders=orders, answers=answers),
                "chromium",
                *flags,
                f"--user-data-dir={self._folder}",
            ],
            pass_fds=(orders, answers),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        os.close(orders)
        os.close(answers)
        self._stream = os.fdopen(self._answers, "rb")
        self._session = None
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._call("Target.attachToTarget", targetId=target, flatten=True)[
            "sessionId"
        ]
        return self

    def __exit__(self, *_: object) -> None:
        os.killpg(self._child.pid, signal.SIGKILL)
        self._child.wait()
        os.close(self._orders)
        self._stream.close()

    def open(self, url: str, *expected: str) -> str:
        """Go there and wait until the page shows all that is expected; what it shows."""
        self._call("Page.navigate", url=url)
        return wait_for(lambda: self._showing(expected), PAGE_TIMEOUT_S, f"{expected} on {url}")

    def run(self, script: str) -> Any:
        """The value of a JavaScript expression on the page."""
        return self._call("Runtime.evaluate", expression=script, returnByValue=True)["result"].get(
            "value"
        )

    def resize(self, width: int, height: int) -> None:
        """Show pages as on a screen of this size, in CSS pixels."""
        self._call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )

    def write(self, text: str) -> None:
        """Insert text where the cursor is, in place of what is selected."""
        self._call("Input.insertText", text=text)

    def press_enter(self) -> None:
        """Press and release the key."""
        key = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13}
        self._call("Input.dispatchKeyEvent", type="keyDown", text="\r", **key)
        self._call("Input.dispatchKeyEvent", type="keyUp", **key)

    def picture(self, file: Path) -> None:
        """Keep what is seen, as a PNG."""
        file.write_bytes(base64.b64decode(self._call("Page.captureScreenshot")["data"]))

    def _showing(self, expected: tuple[str, ...]) -> str | None:
        text = str(self.run("document.body ? document.body.innerText : ''"))
        return text if all(each in text for each in expected) else None

    def _call(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._number += 1
        order = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            order["sessionId"] = self._session
        os.write(self._orders, json.dumps(order).encode() + b"\0")
        while True:
            answer = json.loads(self._message())
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                return dict(answer["result"])

    def _message(self) -> bytes:
        message = bytearray()
        while (byte := self._stream.read(1)) not in (b"\0", b""):
            message += byte
        return bytes(message)
