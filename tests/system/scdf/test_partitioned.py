"""A partitioned stream on a real Data Flow.

An http source, two of this processor, two log sinks.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.support import children
from tests.support.brokers.topics import Topics
from tests.support.java.partitioning import Java
from tests.support.waiting import wait_for

STREAM = "parts"
APP = "python-processor"
TEXTS = [
    f"{word} {number} \N{GRINNING FACE}"
    for number in range(25)
    for word in ("alpha", "beta", "gamma", "delta")
]
PRINTED = re.compile(r": (\N{GRINNING FACE} \d+ \w+)$", re.MULTILINE)


def test_text_reaches_its_partitions_sink(
    rig: Any, tmp_path: Path, report_figure: Callable[[str], None]
) -> None:
    port = children.free_port()
    properties = {
        # Of the bytes: their own hash code is another each time.
        "app.http.producer.partitionKeyExpression": "payload.length",
        f"app.{APP}.producer.partitionKeyExpression": "payload",
        f"deployer.{APP}.count": "2",
        "deployer.log.count": "2",
    }
    try:
        status, _ = rig.deploy(
            STREAM, f"http --server.port={port} | {APP} --reversestring=true | log", properties
        )
        assert status == "deployed", rig.log(STREAM, APP)
        topics = Topics(f"127.0.0.1:{rig.state['ports']['kafka']}")
        # one group, by the stream's name; until its last member has joined, another has both
        # partitions of its topic
        wait_for(
            lambda: topics.settled(STREAM, 4), 60, "both processors and both sinks with partitions"
        )
        assert [rig.post(text, url=f"http://127.0.0.1:{port}/") for text in TEXTS] == [202] * len(
            TEXTS
        )
        expected = {text[::-1] for text in TEXTS}

        def printed() -> list[list[str]] | None:
            found = [PRINTED.findall(Path(path).read_text()) for path in rig.logs(STREAM, "log")]
            return found if set().union(*found) >= expected else None

        first, second = wait_for(printed, 90, "all texts printed")
        worked = [
            len(re.findall("partitions assigned: ", Path(path).read_text()))
            for path in rig.logs(STREAM, APP)
        ]
        sizes = {name: topics.ends(f"{STREAM}.{name}") for name in ("http", APP)}
    finally:
        rig.destroy(STREAM)

    assert sorted(first + second) == sorted(expected), "each once"
    places = Java(tmp_path).places([("String", text) for text in sorted(expected)], 2)
    by_partition = [
        {text for text, place in zip(sorted(expected), places, strict=True) if place.partition == n}
        for n in range(2)
    ]
    assert [set(first), set(second)] in (by_partition, by_partition[::-1])
    assert [sizes[APP][n] for n in range(2)] == list(map(len, by_partition))
    assert min(sizes["http"].values()) > 0
    assert min(worked) > 0
    report_figure(
        f"{len(TEXTS)} texts: {sizes['http']} by their length from Java, {sizes[APP]} by their "
        f"hash code from two processors"
    )
