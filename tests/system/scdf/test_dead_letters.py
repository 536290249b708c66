"""On a real Data Flow: an update mends a failing function, and its letters are replayed."""

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.brokers.topics import Topics
from tests.support.load.records import Record, read, send
from tests.support.processor import REPOSITORY
from tests.support.waiting import wait_for

APP = "python-processor"
RECORDS, PARTITIONS = 200, 2
SECONDS = 120  # for anything Data Flow does in some seconds on an idle machine
PREFIX = "spring.cloud.stream.kafka.binder.transaction.transaction-id-prefix"


@pytest.fixture
def stream(rig: Any) -> Iterator[str]:
    name = f"letters-{uuid.uuid4().hex[:6]}"
    yield name
    rig.destroy(name)


def run(bootstrap: str, *arguments: str, folder: Path) -> Any:
    """A command's report; it is given the brokers and the prefix, as a person gives them."""
    properties = [f"--spring.cloud.stream.kafka.binder.brokers={bootstrap}", f"--{PREFIX}=tx-"]
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(REPOSITORY)}
    command = [sys.executable, "-m", "dead_letters", *arguments, "--json", *properties]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        env=environ,
        cwd=folder,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_letters_out_after_update(
    rig: Any, stream: str, tmp_path: Path, report_figure: Callable[[str], None]
) -> None:
    """`reverse` fails for what is no text; the update switches it off."""
    bootstrap = f"127.0.0.1:{rig.state['ports']['kafka']}"
    topics, source, target = Topics(bootstrap), f"{stream}-in", f"{stream}-out"
    letters = f"error.{source}.{stream}"
    for topic in (source, target):
        topics.create(topic, PARTITIONS)
    values = [b"%03d \xff" % number for number in range(RECORDS)]
    send(
        bootstrap,
        source,
        (Record(value, partition=number % PARTITIONS) for number, value in enumerate(values)),
    )
    status, _ = rig.deploy(
        stream,
        f":{source} > {APP} --reversestring=true > :{target}",
        {f"app.{APP}.{PREFIX}": f"{stream}-"},
    )
    assert status == "deployed", rig.log(stream, APP)
    wait_for(lambda: topics.behind(stream, source) == 0, SECONDS, "every record a letter")
    overview = run(bootstrap, "list", letters, folder=tmp_path)
    assert (overview["letters"], overview["open"]) == (RECORDS, RECORDS)
    assert [row["exception"] for row in overview["by_exception"]] == ["text.UndecodableText"]

    rig.update(stream, {f"app.{APP}.reversestring": "false"})
    wait_for(lambda: is_updated(rig, stream), SECONDS, "the second release alone")
    wait_for(lambda: topics.settled(stream, 1), SECONDS, "the new processor alone")
    report = run(bootstrap, "replay", letters, folder=tmp_path)
    assert (report["replayed"], report["parked"], report["guarantee"]) == (
        RECORDS,
        0,
        "exactly once",
    )
    wait_for(lambda: len(read(bootstrap, target)) >= RECORDS, SECONDS, "all records out")
    assert sorted(record.value or b"" for record in read(bootstrap, target)) == values
    assert run(bootstrap, "list", letters, folder=tmp_path)["open"] == 0
    report_figure(f"{RECORDS} letters before the update, {report['replayed']} replayed, all out")


def is_updated(rig: Any, stream: str) -> bool:
    """Whether the second release is deployed, and the first one deleted."""
    found = rig.df("GET", f"/streams/deployments/history/{stream}")
    return {each["version"]: each["info"]["status"]["statusCode"] for each in found} == {
        1: "DELETED",
        2: "DEPLOYED",
    }
