"""Permissions are withdrawn under load and given back.

The processor ends with one clear line, and nothing is lost.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

import pytest
from confluent_kafka.admin._acl import AclOperation
from confluent_kafka.admin._resource import ResourceType

from tests.support.brokers.logins import plain
from tests.support.brokers.secured import SecuredKafka
from tests.support.dead_letters.failing import UNREADABLE, dead
from tests.support.load.records import Record
from tests.support.processor import DATAFLOW, Processor
from tests.support.settings import MODES
from tests.support.stream import Stream
from tests.support.verify.delivery import assert_delivered
from tests.support.waiting import wait_for

RATE = 500
BINDER = "spring.cloud.stream.kafka.binder"


class Permission(NamedTuple):
    """What is denied, and the processor's log line; {0} is the name of the stream."""

    operation: AclOperation
    kind: ResourceType
    name: str
    line: str


OUTPUT = Permission(
    AclOperation.WRITE,
    ResourceType.TOPIC,
    "{0}.python-processor",
    "not allowed, (WRITE on the topic {0}.python-processor|READ on the input topic and WRITE on "
    "the topics written to) is needed: ",
)
# It is the fetch that is refused, or the commit, which does not say which topic.
INPUT = Permission(
    AclOperation.READ,
    ResourceType.TOPIC,
    "{0}.http",
    "not allowed, READ on the (topic {0}.http|input topic and WRITE on the topics written to) is "
    "needed: ",
)
GROUP = Permission(
    AclOperation.READ,
    ResourceType.GROUP,
    "{0}",
    "not allowed, READ on the consumer group is needed: ",
)
TRANSACTIONS = Permission(
    AclOperation.WRITE,
    ResourceType.TRANSACTIONAL_ID,
    "tx-0",
    "not allowed, WRITE on the transactional.id is needed: ",
)
WITHDRAWN = {
    "output": ("at-least-once", OUTPUT),
    "input": ("at-least-once", INPUT),
    "group": ("at-least-once", GROUP),
    "output, exactly once": ("exactly-once", OUTPUT),
    "input, exactly once": ("exactly-once", INPUT),
    "group, exactly once": ("exactly-once", GROUP),
    "transactional.id": ("exactly-once", TRANSACTIONS),
}


@pytest.fixture
def kafka(secured: SecuredKafka) -> SecuredKafka:
    """What `stream` is on."""
    return secured


@pytest.fixture(autouse=True)
def _topics(stream: Stream) -> None:
    stream.create(2)


@pytest.mark.parametrize("what", WITHDRAWN)
def test_permission_withdrawn_under_load(
    stream: Stream, secured: SecuredKafka, what: str, report_figure: Callable[[str], None]
) -> None:
    mode, withdrawn = WITHDRAWN[what]
    processor = stream.processor(plain(secured) | MODES[mode]).start().running()
    stream.members(1)
    numbers = stream.numbers(RATE)
    numbers.advance(RATE)
    with secured.denied(withdrawn.operation, withdrawn.kind, withdrawn.name.format(stream.group)):
        assert processor.exit_code() == 1
    (line,) = errors(processor.output)
    report_figure(line)
    assert re.search(withdrawn.line.format(re.escape(stream.group)), line)
    assert "Traceback" not in processor.output
    processor.start()
    sent = numbers.finish()
    delivery_count = assert_delivered(stream, sent)
    report_figure(f"{delivery_count}")
    assert delivery_count.doubled == 0 or mode == "at-least-once", delivery_count


@pytest.mark.parametrize("mode", MODES)
def test_denied_dlq_ends_task(stream: Stream, secured: SecuredKafka, mode: str) -> None:
    processor = stream.processor(plain(secured) | MODES[mode]).start().running()
    with secured.denied(AclOperation.WRITE, ResourceType.TOPIC, stream.dead_letters):
        stream.send(Record(b"ab"), Record(UNREADABLE), Record(b"cd"))
        assert processor.exit_code() == 1
    needed = f"not allowed, WRITE on the topic {stream.dead_letters} is needed: "
    assert any(needed in line for line in errors(processor.output))
    processor.start()
    stream.drain()
    assert [letter.value for letter in dead(stream)] == [UNREADABLE]
    assert {record.value for record in stream.arrived()} == {b"ba", b"dc"}


AT_START = {"a topic to read": INPUT, "a topic to write": OUTPUT}


@pytest.mark.parametrize("what", AT_START)
def test_denied_topic_is_retried_at_start(stream: Stream, secured: SecuredKafka, what: str) -> None:
    """The topic cannot even be seen.

    As with one that is not there, the health says what is the matter, and nobody need start
    again.
    """
    missing = AT_START[what]
    topic = missing.name.format(stream.group)
    settings = {
        "spring.cloud.stream.binding-retry-interval": "1",
        "management.endpoint.health.show-details": "always",
    }
    stream.send(Record(b"ab"))
    with secured.denied(missing.operation, missing.kind, topic):
        processor = stream.processor(plain(secured) | settings).start().first_answer()
        reported = f"topic {topic}: Broker: Topic authorization failed"
        wait_for(lambda: reported in troubles(processor), 30, "a health that says so")
        assert processor.get("/actuator/health")["status"] == "UNKNOWN"
        assert f"cannot bind yet: {reported}" in processor.output
    processor.running()
    assert [record.value for record in stream.await_arrivals(1)] == [b"ba"]


def test_hidden_dlq_topic_matters_when_used(stream: Stream, secured: SecuredKafka) -> None:
    """No setting names the topic.

    A warning and an issue in the health appear, and good records flow.
    """
    with secured.denied(AclOperation.DESCRIBE, ResourceType.TOPIC, stream.dead_letters):
        processor = (
            stream.processor(plain(secured) | {"management.endpoint.health.show-details": "always"})
            .start()
            .running()
        )
        stream.send(Record(b"ab"))
        stream.await_arrivals(1)
        reported = (
            f"no dead letters: topic {stream.dead_letters}: Broker: Topic authorization failed"
        )
        assert any(trouble.startswith(reported) for trouble in troubles(processor))
        assert processor.output.count("no dead letters: ") == 1
        stream.send(Record(UNREADABLE))
        assert processor.exit_code() == 1
    processor.start()
    stream.drain()
    assert [letter.value for letter in dead(stream)] == [UNREADABLE]
    assert [record.value for record in stream.arrived()] == [b"ba"]


def troubles(processor: Processor) -> list[str]:
    """What the health shows."""
    kafka = processor.get("/actuator/health")["components"]["binders"]["components"]["kafka"]
    return [trouble["what"] for trouble in kafka["details"].get("troubles", [])]


AT_START_ENDS = {
    "group": ("at-least-once", GROUP),
    "transactional.id": ("exactly-once", TRANSACTIONS),
}


@pytest.mark.parametrize("what", AT_START_ENDS)
def test_other_denied_permission_ends_start(
    stream: Stream, secured: SecuredKafka, what: str
) -> None:
    mode, missing = AT_START_ENDS[what]
    with secured.denied(missing.operation, missing.kind, missing.name.format(stream.group)):
        processor = stream.processor(plain(secured) | MODES[mode]).start()
        assert processor.exit_code() == 1
    (line,) = errors(processor.output)
    assert re.search(missing.line.format(re.escape(stream.group)), line)
    assert "Traceback" not in processor.output


def errors(output: str) -> list[str]:
    """The lines that the task has logged at level ERROR."""
    return [
        line
        for line in output.splitlines()
        if " ERROR " in line and " processor.lifecycle " in line
    ]


def test_check_beside_members(stream: Stream, secured: SecuredKafka) -> None:
    """The check then joins a group of another name, which has no permission."""
    stream.processor(plain(secured)).start().running()
    stream.members(1)
    with secured.denied(AclOperation.READ, ResourceType.GROUP, f"{stream.group}.check"):
        checked = stream.processor(plain(secured), (str(DATAFLOW), "--check")).start()
        assert checked.exit_code() == 0, checked.output
    assert f"ok     group {stream.group}: 1 member(s)" in checked.output
