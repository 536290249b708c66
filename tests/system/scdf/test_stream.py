"""`http | python-processor --reversestring=true | log` on a real Spring Cloud Data Flow."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support import children
from tests.support.waiting import wait_for

STREAM = "text-reversal"
APP = "python-processor"
RECORDS = 100


@pytest.fixture(scope="module")
def source(rig: Any) -> Iterator[str]:
    """The URL of the deployed stream's http source."""
    port = children.free_port()
    status, _ = rig.deploy(STREAM, f"http --server.port={port} | {APP} --reversestring=true | log")
    assert status == "deployed", rig.log(STREAM, APP)
    yield f"http://127.0.0.1:{port}/"
    rig.destroy(STREAM)


def test_posted_text_is_logged_reversed(rig: Any, source: str) -> None:
    for text in ("hello world", "two\nlines", "안녕하세요 세계", "smile \N{GRINNING FACE}"):
        assert rig.post(text, url=source) == 202
        assert rig.log(STREAM, "log", grep=f": {text[::-1]}", timeout=60), rig.log(STREAM, "log")


def test_data_flow_proxy_pauses_and_resumes(rig: Any, source: str) -> None:
    def state() -> str:
        (binding,) = rig.actuator(STREAM, APP, "bindings/input")
        return str(binding["state"])

    assert rig.post("before", url=source) == 202
    assert rig.log(STREAM, "log", grep=": erofeb", timeout=60)
    rig.actuator(STREAM, APP, "bindings/input", post={"state": "PAUSED"})
    wait_for(lambda: state() == "paused", 30, "the input paused")
    assert rig.post("meanwhile", url=source) == 202
    assert rig.log(STREAM, "log", grep=": elihwnaem", timeout=2) is None
    rig.actuator(STREAM, APP, "bindings/input", post={"state": "RESUMED"})
    assert rig.log(STREAM, "log", grep=": elihwnaem", timeout=60)
    assert rig.actuator(STREAM, APP, "health")["status"] == "UP"


def test_undeploy_and_redeploy_lose_nothing(
    rig: Any, source: str, report_figure: Callable[[str], None]
) -> None:
    assert rig.post("warm", url=source) == 202
    assert rig.log(STREAM, "log", grep=": mraw", timeout=60)
    printed = [Path(path) for path in rig.logs(STREAM, "log")]
    (own_log,) = [Path(path) for path in rig.logs(STREAM, APP)]
    sent = [f"record {number:03d} before undeploy" for number in range(RECORDS)]
    assert [rig.post(text, url=source) for text in sent] == [202] * RECORDS
    seconds = rig.undeploy(STREAM)

    last_words = own_log.read_text()
    assert "stopping (POST /shutdown)" in last_words
    assert "all records read are delivered and committed" in last_words.splitlines()[-1]

    before = "".join(path.read_text() for path in printed)
    status, _ = rig.deploy(STREAM)
    assert status == "deployed", rig.log(STREAM, APP)
    waiting = [text[::-1] for text in sent if text[::-1] not in before]
    lost = [
        text for text in waiting if rig.log(STREAM, "log", grep=f": {text}", timeout=30) is None
    ]
    both = before + rig.log(STREAM, "log")
    twice = sum(both.count(text[::-1]) > 1 for text in sent)
    report_figure(
        f"{RECORDS} records right before undeploy ({seconds} s): {RECORDS - len(waiting)} printed "
        f"before it, "
        f"{len(waiting) - len(lost)} after deploying again, {len(lost)} lost, {twice} twice"
    )
    assert lost == []
