"""The first line of a start says what this process does."""

import logging

import pytest

import config
from config.reference.help import VERSION
from config.worker import WorkerSlot
from runtime.startup import log_start

BINDER = "--spring.cloud.stream.kafka.binder"
TOPICS = [
    "--spring.cloud.stream.bindings.input.destination=orders,returns",
    "--spring.cloud.stream.bindings.input.group=billing",
    "--spring.cloud.stream.bindings.output.destination=bills",
]
TRANSACTIONS = [
    f"{BINDER}.transaction.transaction-id-prefix=tx-",
    "--spring.cloud.stream.instance-index=0",
]
WHERE = "once: input orders, returns (group billing), output bills"


def logged(
    caplog: pytest.LogCaptureFixture, arguments: list[str], slot: WorkerSlot | None = None
) -> list[str]:
    caplog.set_level(logging.INFO, "processor.lifecycle")
    log_start(config.load([*TOPICS, *arguments], slot.variable() if slot else {}))
    return caplog.messages


@pytest.mark.parametrize(("arguments", "guarantee"), [([], "at least"), (TRANSACTIONS, "exactly")])
def test_start_names_guarantee_and_topics(
    arguments: list[str], guarantee: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert logged(caplog, arguments) == [f"version {VERSION}, {guarantee} {WHERE}"]


def test_worker_leaves_the_line_to_its_parent(caplog: pytest.LogCaptureFixture) -> None:
    assert logged(caplog, [], WorkerSlot(1, 3, "i")) == []
