"""The stream works in every style of Data Flow's deployers, started with what they were seen to
hand over.
"""

import json
import os
from pathlib import Path

import pytest

import config
from tests.support import children
from tests.support.config.captured import captured
from tests.support.load.records import Record
from tests.support.processor import DATAFLOW, Processor
from tests.support.stream import Stream

STYLES = {
    "Kubernetes, arguments (exec)": "k8s-exec",
    "Kubernetes, variables (shell)": "k8s-shell",
    "Kubernetes, JSON (boot)": "k8s-boot",
    "local, container": "local-docker",
    "local, container without JSON": "local-docker-no-json",
    "local, jar with a wrapper": "local-jar-javaopts",
    "Cloud Foundry": "cloud-foundry",
}


def deployed(style: str, stream: Stream, output: Path) -> Processor:
    """The processor with the captured input of this style, in which brokers, topics, group and port
    are those of the test.
    """
    argv, environ, _ = captured(STYLES[style])
    was = config.load(argv, environ)
    port = str(children.free_port())
    swaps = {
        ",".join(was.brokers): stream.kafka.bootstrap,
        was.input_destinations[0]: stream.source,
        was.output_destination: stream.target,
        was.input_group: stream.group,
        str(was.server_port): port,
    }

    def swapped(text: str) -> str:
        """A value, or a JSON document of values."""
        if text.startswith("{"):
            return json.dumps(walk(json.loads(text)))
        return swaps.get(text, text)

    def walk(node: object) -> object:
        if isinstance(node, dict):
            return {name: walk(value) for name, value in node.items()}
        if isinstance(node, list):
            return [walk(value) for value in node]
        return swapped(node) if isinstance(node, str) else node

    argv = [
        "=".join([name, *map(swapped, value)])
        for name, *value in (argument.split("=", 1) for argument in argv)
    ]
    environ = {name: swapped(value) for name, value in environ.items()} | {
        "PATH": os.environ["PATH"]
    }
    if was.server_port == 8080:  # the default: a stream on Kubernetes that names no port
        _put_beside_reversestring(argv, environ, "server.port", port)
    processor = Processor(output, {"server.port": port}, (str(DATAFLOW), *argv), None, environ)
    stream.processors.append(processor)
    return processor


def _put_beside_reversestring(
    argv: list[str], environ: dict[str, str], name: str, value: str
) -> None:
    """Add a property in the way the application's own one has come."""
    if "--reversestring=true" in argv:
        argv.append(f"--{name}={value}")
    elif "REVERSESTRING" in environ:
        environ[name.replace(".", "_").upper()] = value
    else:
        environ["SPRING_APPLICATION_JSON"] = json.dumps(
            json.loads(environ["SPRING_APPLICATION_JSON"]) | {name: value}
        )


@pytest.mark.parametrize("style", STYLES)
def test_a_record_is_reversed(stream: Stream, tmp_path: Path, style: str) -> None:
    stream.create()
    processor = deployed(style, stream, tmp_path / "processor.log").start().running()
    stream.send(Record("Grüße, Welt".encode()))
    assert [record.value for record in stream.await_arrivals(1)] == ["tleW ,eßürG".encode()]
    stream.drain()
    warned = [
        line for line in processor.output.splitlines() if " WARN " in line and "] config " in line
    ]
    assert not warned, "what Data Flow passes is nothing to warn of"
