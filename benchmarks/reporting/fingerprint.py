"""The client settings that figures depend on: kept with each result, and compared with the code."""

from collections.abc import Mapping

from benchmarks.rig.systems import TRANSACTIONS, job

Clients = Mapping[str, Mapping[str, object]]

# They differ from run to run.
_PER_RUN = {"bootstrap.servers", "client.id", "group.id", "transactional.id"}


def client_settings() -> dict[str, dict[str, object]]:
    """Return the processor's settings of each client, by the client's name."""
    plain = job("127.0.0.1:9", "input", "output")
    exactly_once = job("127.0.0.1:9", "input", "output", {TRANSACTIONS: "bench-"})
    clients = {
        "consumer": plain.consumer,
        "producer": plain.producer,
        "exactly-once consumer": exactly_once.consumer,
        "exactly-once producer": exactly_once.producer,
    }
    return {
        client: {name: value for name, value in sorted(own.items()) if name not in _PER_RUN}
        for client, own in clients.items()
    }


def changed(kept: Clients, present: Clients | None = None) -> list[str]:
    """Return the names of the settings that differ, sorted.

    Args:
        kept: Of a result; only the clients that it has are compared.
        present: The code's by default.
    """
    present = client_settings() if present is None else present
    names = {
        name
        for client, own in kept.items()
        for name in {*own, *present[client]}
        if own.get(name) != present[client].get(name)
    }
    return sorted(names)
