"""What a consumer hands over in the place of a record: the end of a partition, or an error.

Every code there is.
"""

from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException, Message

import connectors.consume.record_consumer
import connectors.consume.static_member
from connectors.consume.static_member import StaticMember
from connectors.errors.client_exceptions import InstanceFencedError
from connectors.errors.exceptions import ConnectorError
from connectors.errors.lookup import remedy
from connectors.errors.table import PERSON, Remedy
from runtime.exit_codes import Exit
from tests.fakes.consume.record_consumer import Parts, failed
from tests.fakes.error_parties import CODES, NO_ERRORS
from tests.fakes.messages import message


@pytest.mark.parametrize("arrives", ["message", "fatal message", "exception", "callback"])
@pytest.mark.parametrize("code", [code for code in CODES if code not in NO_ERRORS])
def test_every_code_passes_or_ends(code: int, arrives: str) -> None:
    """Either it passes and the input goes on, or it ends the process with a line.

    Nothing in between.
    """
    parts, error = Parts(), KafkaError(code, "why")
    match arrives:
        case "message":
            found: Any = failed(code)
        case "fatal message":
            found = failed(KafkaError._FATAL, f"Fatal error: {KafkaError(code).str()}")
        case "exception":
            found = KafkaException(error)
        case _:
            parts.brokers.on_error(error)
            found = None
    waits = remedy(code) in (Remedy.WAIT, Remedy.NEW_CLIENT)
    if arrives == "callback" and code == KafkaError._FATAL:
        waits = True  # the same comes as an exception or in the place of a record
    if waits:
        parts.brokers.check()
        assert parts.read(*([found] if found is not None else [])) == []
    else:
        with pytest.raises(ConnectorError) as raised:
            parts.read(*([found] if found is not None else []))
            parts.brokers.check()
        line = str(raised.value)
        assert line
        assert "  " not in line  # a name that is unknown is left out
        assert "None" not in line
        assert raised.value.exit_code in (Exit.FAILED, Exit.FENCED)
        if (
            code in PERSON
            and arrives == "message"
            and code != KafkaError._AUTO_OFFSET_RESET
            and raised.value.exit_code is Exit.FAILED
        ):
            assert PERSON[code].split()[0] in str(raised.value)


@pytest.mark.parametrize("code", [code for code in CODES if code not in NO_ERRORS])
def test_error_inside_consume_skips_no_record(code: int) -> None:
    """The client has dropped the records it took meanwhile. Only a new one reads them again."""
    parts = Parts()
    found = message(b"1", offset=1), message(b"2", offset=2), KafkaException(KafkaError(code, ""))
    if remedy(code) in (Remedy.WAIT, Remedy.NEW_CLIENT):
        assert parts.read(*found) == []
        assert len(parts.clients) == 2
    else:
        with pytest.raises(ConnectorError):
            parts.read(*found)


USED = (
    "Fatal error: Broker: The instance ID is still used by another member in the consumer group: "
    "ConsumerGroupHeartbeat"
)


def test_fatal_error_takes_new_client(monkeypatch: pytest.MonkeyPatch) -> None:
    parts, now = Parts(), 100.0
    monkeypatch.setattr(connectors.consume.record_consumer, "monotonic", lambda: now)
    parts.read(failed(KafkaError._FATAL, USED))
    assert len(parts.clients) == 1
    now += connectors.consume.record_consumer.REPLACE_AFTER_S
    parts.read()
    assert len(parts.clients) == 2


FENCED = "Fatal error: Broker: Static consumer fenced by other consumer with same group.instance.id"


def test_late_commit_is_no_fence() -> None:
    """After an outage a commit of the former member is refused.

    No other process has an id that was made at this start.
    """
    parts = Parts(StaticMember(outlives_process=False))
    for count in range(2, 5):
        parts.read(failed(KafkaError._FATAL, FENCED))
        parts.read()
        assert len(parts.clients) == count


def test_second_fence_is_another_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """A StatefulSet's pod may still run when another one has its name."""
    now = 100.0
    monkeypatch.setattr(connectors.consume.static_member, "monotonic", lambda: now)
    parts = Parts(StaticMember(outlives_process=True))
    for _ in range(2):
        parts.read(failed(KafkaError._FATAL, FENCED))
        parts.read()
        now += connectors.consume.static_member.TAKE_BACK_INTERVAL_S
    assert len(parts.clients) == 3
    parts.read(failed(KafkaError._FATAL, FENCED))
    now += 1
    with pytest.raises(InstanceFencedError) as raised:
        parts.read(failed(KafkaError._FATAL, FENCED))
    assert raised.value.exit_code is Exit.FENCED


def test_partition_end_is_position() -> None:
    parts = Parts()
    assert parts.read(failed(KafkaError._PARTITION_EOF)) == []
    assert parts.input.next_offsets([]) == {("in", 0): 7}
    record = Message(topic="in", partition=0, offset=4, value=b"v")
    assert parts.read(record, failed(KafkaError._PARTITION_EOF)) == [record]
    assert parts.input.next_offsets([record]) == {("in", 0): 7}
    assert parts.read() == []
    assert parts.input.next_offsets([]) == {}


def test_end_of_empty_partition_is_none() -> None:
    parts = Parts()
    parts.read(
        Message(topic="in", partition=0, offset=0, error=KafkaError(KafkaError._PARTITION_EOF))
    )
    assert parts.input.next_offsets([]) == {}


def test_end_before_rebalance_is_stale() -> None:
    parts = Parts()
    parts.assignment.assigned = {("in", 0)}

    def rebalance() -> None:
        parts.assignment.tracker.assign([("in", 0)])

    parts.clients[-1].on_poll = rebalance
    assert parts.read(failed(KafkaError._PARTITION_EOF)) == []
    assert parts.input.next_offsets([]) == {}
    assert parts.clients[-1].calls == ["pause [0]", "resume [0]", "resume [0]"]


@pytest.mark.parametrize(("waits", "read"), [(False, []), (True, [])])
def test_partition_assigned_inside_consume(waits: bool, read: list[Message]) -> None:  # noqa: FBT001 - pytest gives it by name
    """Its records are of the new assignment, and the client goes on after them."""
    parts = Parts()
    client, assignment = parts.clients[-1], parts.assignment
    assignment.assigned = {("in", 0), ("in", 2)}
    assignment.tracker.assign(assignment.assigned)
    if waits:  # another partition has no start yet
        assignment.late_starts.wait_for_assignment([("in", 2)])
        assignment.tracker.suspend([("in", 2)])

    def rebalance() -> None:
        assignment.assigned = assignment.assigned | {("in", 1)}
        assignment.tracker.assign([("in", 1)])

    client.on_consume = rebalance
    first = [message(b"", offset, partition) for offset, partition in ((7, 0), (3, 1), (4, 1))]
    assert parts.read(*first) == read
    assert sorted(call for call in client.calls if "seek" in call) == ["seek 0 to 7", "seek 1 to 3"]


def test_partition_that_returns_inside_consume() -> None:
    """Its records may be of either assignment, so its start is decided once more."""
    parts = Parts()
    client, assignment = parts.clients[-1], parts.assignment
    assignment.assigned, client.offsets = {("in", 0), ("in", 1)}, {1: 2}
    assignment.tracker.assign(assignment.assigned)

    def rebalance() -> None:
        assignment.tracker.remove([("in", 1)])
        assignment.tracker.assign([("in", 1)])

    client.on_consume = rebalance
    assert parts.read(message(b"", 7, 0), message(b"", 9, 1), message(b"", 2, 1)) == []
    assert [call for call in client.calls if "seek" in call] == ["seek 0 to 7", "seek 1 to 2"]
    assert assignment.tracker.is_current(("in", 1), assignment.tracker.epoch)


@pytest.mark.parametrize("fixed", [False, True])
@pytest.mark.parametrize(
    ("code", "text"), [(KafkaError.UNKNOWN_TOPIC_OR_PART, "why"), (KafkaError._FATAL, USED)]
)
def test_fixed_partitions_meet_no_refusal(
    code: int,
    text: str,
    fixed: bool,  # noqa: FBT001 - pytest gives it by name
) -> None:
    """Such a process is no member. A passing error keeps the time until the input is in trouble."""
    parts = Parts()
    parts.assignment.is_fixed = fixed
    assert parts.read(failed(code, text)) == []
    state = parts.brokers.consumer.reading_state
    state.judge({("in", 0)}, joins=not fixed, held=False, missing="a topic is missing")
    assert (state.trouble is None) == fixed


def test_straggler_leaves_batch_its_epoch() -> None:
    """A batch in flight must not count for an assignment that began during its wait."""
    parts = Parts()
    assignment = parts.assignment
    assignment.assigned = {("in", 0)}
    assignment.tracker.assign([("in", 0)])
    read = parts.read(message(b"", 7, 0))
    assignment.tracker.remove([("in", 0)])
    assignment.tracker.assign([("in", 0)])
    parts.clients[-1].queue.append(message(b"", 3, 0))
    parts.input.poll_paused(0.01)
    parts.clients[-1].calls.clear()
    assignment.seek_back(read, parts.input.epoch)
    assert parts.clients[-1].calls == []
