"""The prices of static membership.

A leave before the close, and one more join after a former member's place was taken.
"""

import pytest
from confluent_kafka import KafkaError, KafkaException

import connectors.consume.static_member
from connectors.cluster.broker_status import BrokerStatus
from connectors.cluster.replaceable_consumer import ReplaceableConsumer
from connectors.consume.static_member import StaticMember
from tests.fakes.consume.group import Group, Listening, make_membership, parts


class Member(Group):
    """A consumer that writes down joins and leaves."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[str] = []
        self.member_id = "member"
        self.answers_after = 0  # polls until the group has answered
        self.error: KafkaException | None = None
        self.subscribe_error: KafkaException | None = None

    def subscribe(self, *args: object, **callbacks: object) -> None:
        if self.subscribe_error:
            raise self.subscribe_error
        super().subscribe(*args, **callbacks)  # type: ignore[arg-type]
        self.calls.append("subscribe")

    def unsubscribe(self) -> None:
        self.calls.append("unsubscribe")
        self.answers_after = 2

    def memberid(self) -> str:
        return self.member_id

    def poll(self, timeout: float = -1) -> None:  # noqa: ARG002 - the client's signature
        if self.error:
            raise self.error
        self.answers_after -= 1
        if self.answers_after == 0:
            self.member_id = "" if self.member_id else "member"

    def close(self) -> None:
        self.calls.append("close")


class Static:
    """A static member's group membership, joined."""

    def __init__(self, *, outlives_process: bool = False, incremental: bool = False) -> None:
        self.consumer = ReplaceableConsumer(Member, BrokerStatus([]))
        committer = Listening(self.consumer, [])
        _, self.membership = make_membership(
            self.consumer,
            committer,
            incremental=incremental,
            static_member=StaticMember(outlives_process=outlives_process),
        )
        self.membership.subscribe(["in"])

    @property
    def client(self) -> Member:
        client = self.consumer.client
        assert isinstance(client, Member)
        return client

    def assign(self) -> None:
        self.client.on_assign(self.client, parts(0))

    def calls(self) -> list[str]:
        """What the consumer was asked since the last look, with one turn to join once more."""
        self.membership.resubscribe()
        found, self.client.calls = self.client.calls, []
        return found


def test_new_id_joins_once() -> None:
    static = Static()
    static.assign()
    assert static.calls() == ["subscribe"]


@pytest.mark.parametrize(
    ("incremental", "again"), [(False, ["subscribe"]), (True, ["unsubscribe", "subscribe"])]
)
@pytest.mark.parametrize("why", ["start", "lost", "replaced"])
def test_taken_place_joins_twice(incremental: bool, again: list[str], why: str) -> None:  # noqa: FBT001 - pytest gives it by name
    static = Static(outlives_process=why == "start", incremental=incremental)
    if why == "lost":
        static.assign()
        static.client.on_lost(static.client, parts(0))
    if why == "replaced":
        static.membership.replace("the consumer has forgotten every broker")
    assert static.calls() == ["subscribe"]
    static.assign()
    assert static.calls() == again
    static.assign()
    assert static.calls() == []


def test_fenced_before_second_join() -> None:
    """The fatal error is reported by the next poll."""
    static = Static(outlives_process=True)
    static.assign()
    static.client.subscribe_error = KafkaException(KafkaError(KafkaError._FATAL))
    assert static.calls() == ["subscribe"]


@pytest.mark.parametrize("joined", [True, False])
def test_leaves_group_before_close(joined: bool) -> None:  # noqa: FBT001 - pytest gives it by name
    """Also one whose request to join is not answered yet."""
    static = Static()
    static.client.calls.clear()
    if not joined:
        static.client.member_id, static.client.answers_after = "", 3
    static.membership.close(awaits_join=True)
    assert static.client.calls == ["unsubscribe", "close"]


@pytest.mark.parametrize("what", ["no broker", "no join", "no answer", "failed"])
def test_close_without_membership(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connectors.consume.static_member, "LEAVE_TIMEOUT_S", 0.05)
    static = Static()
    static.client.member_id = ""
    if what == "no join":
        static.membership.unsubscribe()
    if what == "failed":
        static.client.error = KafkaException(KafkaError(KafkaError._FATAL))
    static.client.calls.clear()
    static.membership.close(awaits_join=what != "no broker")
    assert static.client.calls == ["close"]
