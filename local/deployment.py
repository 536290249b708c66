"""The processor's properties and command, as Data Flow's local deployer passes them."""

import sys
from collections.abc import Sequence

STREAM = "text-reversal"
LABEL = "python-processor"

# Java client properties for the embedded broker, in milliseconds. There a fetch without new records
# waits its whole time. A member that comes back waits for most of the old member's session.
EMBEDDED_CLIENTS = {
    "fetch.max.wait.ms": "20",
    "session.timeout.ms": "2000",
    "heartbeat.interval.ms": "500",
}


def properties(port: int) -> dict[str, str]:
    """Return the first instance's properties, without the binder's.

    Data Flow exposes no metrics by default. Here they are exposed.

    Args:
        port: The server.port.
    """
    name, label, kind = (
        f"spring.cloud.dataflow.stream.{part}" for part in ("name", "app.label", "app.type")
    )
    return {
        "reversestring": "true",
        "server.port": str(port),
        "endpoints.shutdown.enabled": "true",
        "endpoints.jmx.unique-names": "true",
        "management.endpoints.web.exposure.include": "health,info,bindings,metrics,prometheus",
        "management.metrics.tags.application": f"${{{name}:unknown}}-${{{label}:unknown}}-${{{kind}:unknown}}",  # noqa: E501 - one text
        "management.metrics.tags.application.guid": "${spring.cloud.application.guid:unknown}",
        "management.metrics.tags.application.name": f"${{vcap.application.application_name:${{{label}:unknown}}}}",  # noqa: E501 - one text
        "management.metrics.tags.application.type": f"${{{kind}:unknown}}",
        "management.metrics.tags.instance.index": "${vcap.application.instance_index:${spring.cloud.stream.instanceIndex:0}}",  # noqa: E501 - one text
        "management.metrics.tags.stream.name": f"${{{name}:unknown}}",
        name: STREAM,
        label: LABEL,
        kind: "processor",
        "spring.application.index": "0",
        "instance.index": "0",
        "spring.cloud.stream.instanceIndex": "0",
        "spring.cloud.application.group": STREAM,
        "spring.cloud.application.guid": f"{STREAM}.{LABEL}-v1-0",
        "spring.jmx.default-domain": f"{STREAM}.{LABEL}-v1",
        "spring.cloud.stream.bindings.input.group": STREAM,
        "spring.cloud.stream.bindings.input.destination": f"{STREAM}.http",
        "spring.cloud.stream.bindings.output.destination": f"{STREAM}.{LABEL}",
        "spring.cloud.stream.bindings.output.producer.requiredGroups": STREAM,
    }


def binder(brokers: str, *, embedded: bool) -> dict[str, str]:
    """Return the Kafka binder's properties. The embedded broker cannot create topics.

    Args:
        brokers: The brokers, host:port.
        embedded: Whether the broker is the embedded one.
    """
    prefix = "spring.cloud.stream.kafka.binder"
    found = {f"{prefix}.brokers": brokers}
    if embedded:
        found[f"{prefix}.auto-create-topics"] = "false"
        found |= {
            f"{prefix}.configuration.{name}": value for name, value in EMBEDDED_CLIENTS.items()
        }
    return found


def command(arguments: Sequence[str]) -> list[str]:
    """Return the command that runs the flow. Its working directory is the folder of dataflow.py.

    Args:
        arguments: `--name=value` for the processor.
    """
    called = f"dataflow:flow({', '.join(map(repr, arguments))})" if arguments else "dataflow"
    return [sys.executable, "-m", "bytewax.run", called]
