"""The recipe: from the registered image to the printed text."""

import urllib.request
import uuid
from collections.abc import Callable

from tests.support.brokers.topics import Topics
from tests.support.waiting import wait_for
from tests.system.kubernetes.cluster import BROKER, Cluster
from tests.system.kubernetes.dataflow import DataFlow
from tests.system.kubernetes.life import APP, PROBES
from tests.system.kubernetes.pods import Pods

STREAM = f"recipe-{uuid.uuid4().hex[:4]}"
# The recipe's own 32123 may be in use by what runs on this machine outside of the cluster.
NODE_PORT = 31123
REQUEST_S = 10


def test_reversed_text_is_in_log(
    cluster: Cluster, dataflow: DataFlow, pods: Pods, report_figure: Callable[[str], None]
) -> None:
    options = dataflow.call("GET", f"/apps/processor/{APP}")["options"]
    assert {"reversestring"} <= {option["id"].rpartition(".")[2] for option in options}
    dataflow.create(STREAM, f"http --server.port=8080 | {APP} --reversestring=true | log")
    try:
        dataflow.deploy(
            STREAM, PROBES | {"deployer.http.kubernetes.createNodePort": str(NODE_PORT)}
        )
        dataflow.await_status(STREAM, "deployed")
        wait_for(
            lambda: Topics(BROKER).settled(STREAM, 2),
            60,
            "the processor and the sink with partitions",
        )
        url = f"http://{BROKER.partition(':')[0]}:{NODE_PORT}/"
        request = urllib.request.Request(url, b"hello world", {"Content-Type": "text/plain"})
        with urllib.request.urlopen(request, timeout=REQUEST_S) as answer:  # noqa: S310 - http
            assert answer.status == 202
        logs = ("logs", "-l", f"spring-group-id={STREAM},spring-application-name=log", "--tail=-1")
        wait_for(lambda: "dlrow olleh" in cluster.kubectl(*logs), 60, "the text in the sink's log")
        assert pods.restarts(STREAM) == []
        report_figure(f"{len(options)} options, dlrow olleh")
    finally:
        dataflow.destroy(STREAM)
