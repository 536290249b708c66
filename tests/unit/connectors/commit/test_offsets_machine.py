"""Offsets through any sequence of rebalances.

No commit goes past a record that is not produced, and exactly once doubles none.
"""

from functools import partial
from typing import Any, cast

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from connectors.cluster.broker_status import BrokerStatus
from connectors.cluster.replaceable_consumer import ReplaceableConsumer
from connectors.commit.at_least_once import AtLeastOnceCommitter
from connectors.commit.committer import Committer
from connectors.commit.exactly_once import ExactlyOnceCommitter
from connectors.consume.record_consumer import RecordConsumer
from connectors.errors.exceptions import Interrupted
from runtime.lifecycle import Lifecycle
from tests.fakes.consume.group import make_membership
from tests.fakes.messages import batch
from tests.fakes.offsets.cluster import KEYS, Cluster
from tests.fakes.offsets.member import Member
from tests.fakes.offsets.sink import Sink

LONG_S = 3600.0
ROUNDS = 40  # turns after which everything has to be done
KEY = st.sampled_from(KEYS)
EVENTS = st.sampled_from(["lost", "revoke"])


class Offsets(RuleBasedStateMachine):
    """A task's turns around the real parts that keep offsets."""

    exactly_once = False
    assigns_topic_ids = False

    @initialize()
    def begin(self) -> None:
        self.cluster, brokers = Cluster(), BrokerStatus([])
        consumer = ReplaceableConsumer(lambda: Member(self.cluster, self._on_topic_id), brokers)
        self.member = cast("Member", consumer.client)
        self.sink = Sink(self.cluster)
        self.committer: Committer = AtLeastOnceCommitter(
            consumer, self.sink, brokers, interval=LONG_S, answer_timeout=LONG_S
        )
        if self.exactly_once:
            self.committer = ExactlyOnceCommitter(
                consumer,
                self.sink,
                brokers,
                Lifecycle(),
                interval=LONG_S,
                transaction_timeout=LONG_S,
            )
        assert self.committer.ready()
        self.assignment, membership = make_membership(
            consumer, self.committer, incremental=True, assigns_topic_ids=self.assigns_topic_ids
        )
        self.input = RecordConsumer(consumer, self.assignment, membership, brokers, one_topic=True)
        self.in_flight: dict[Any, int] = {}
        self.others: set[Any] = set()  # partitions that another member has
        # Partitions assigned as those of a topic that is gone, where the group assigns topic ids.
        self.of_former_topic: set[Any] = set()
        membership.subscribe(["in"])
        self.member.in_poll += [
            lambda: self.member.rebalance("assign", KEYS),
            self.member.learn_topic_id,
        ]

    def _on_topic_id(self, topic: str, topic_id: str, had_another: bool) -> None:  # noqa: FBT001 - as the client's event
        self.assignment.on_topic_id(topic, topic_id, had_another=had_another)

    @rule(key=KEY, number=st.integers(1, 4))
    def append(self, key: Any, number: int) -> None:
        self.cluster.ends[key] += number

    @precondition(lambda self: not self._events)
    @rule(
        key=KEY,
        what=EVENTS,
        where=st.sampled_from(["in_poll", "in_consume"]),
        back=st.booleans(),
        number=st.integers(0, 5),
    )
    def take_away(self, key: Any, what: str, where: str, back: bool, number: int) -> None:  # noqa: FBT001 - Hypothesis gives it by name
        """A partition goes to another member, which reads some records.

        It may come back within one poll.
        """
        if key in self.others:
            return
        self.of_former_topic.discard(key)
        events = getattr(self.member, where)
        if what == "lost":
            self.cluster.generation += 1
            self.cluster.process(key, number)
        events.append(lambda: self.member.rebalance(what, [key]))
        if what == "revoke":
            events.append(lambda: self.member.leave_to_other(key, number))
        if back:
            events.append(lambda: self.member.rebalance("assign", [key]))
        else:
            self.others.add(key)

    @precondition(lambda self: not self._events)
    @rule(key=KEY, number=st.integers(0, 5))
    def bring_back(self, key: Any, number: int) -> None:
        if key in self.others:
            self.others.remove(key)
            self.cluster.process(key, number)
            self.member.in_poll.append(lambda: self.member.rebalance("assign", [key]))

    @precondition(lambda self: not self._events)
    @rule()
    def lose_offsets(self) -> None:
        self.cluster.lose_offsets()

    @precondition(lambda self: not self._events)
    @rule(records=st.integers(0, 8), where=st.sampled_from(["in_poll", "in_consume"]))
    def replace_topic(self, records: int, where: str) -> None:
        self.cluster.replace(records)
        if self.assigns_topic_ids:
            self.of_former_topic.update(set(KEYS) - self.others)
        getattr(self.member, where).append(self.member.learn_topic_id)

    @precondition(lambda self: self.of_former_topic and not self._events)
    @rule(key=KEY, number=st.integers(1, 5))
    def read_elsewhere(self, key: Any, number: int) -> None:
        """The group has assigned the new topic to another member; this one has yet to learn it."""
        if key in self.of_former_topic:
            self.cluster.process(key, number)

    @precondition(lambda self: self.of_former_topic and not self._events)
    @rule(where=st.sampled_from(["in_poll", "in_consume"]))
    def assign_new_topic(self, where: str) -> None:
        self._assign_new_topic(getattr(self.member, where))

    def _assign_new_topic(self, events: list[Any]) -> None:
        for key in self.of_former_topic:
            events += [
                partial(self.member.rebalance, "revoke", [key]),
                partial(self.member.leave_to_other, key, 0),
                partial(self.member.rebalance, "assign", [key]),
            ]
        self.of_former_topic = set()

    @rule()
    def attend(self) -> None:
        """What the task does ten times a second."""
        self.assignment.late_starts.commit_beginnings()

    @rule(limit=st.integers(1, 5), waits=st.sampled_from([None, 0, 1, 2]), commits=st.booleans())
    def turn(self, limit: int, waits: int | None, commits: bool) -> None:  # noqa: FBT001 - Hypothesis gives it by name
        """As ExactlyOnceTask; `waits` is the record before whose batch the consumer is polled."""
        self.committer.mark_committable(
            self.committer.tracker.only_current(self.in_flight, self.input.epoch)
        )
        self.in_flight = {}
        wanted = (
            self.committer.due
            or "commit" in self.assignment.pause_reasons
            or (commits and self.committer.pending)
        )
        if wanted and not self._commit():
            self.input.poll_paused(0)
            return
        messages = self.input.poll(limit, 0)
        if not messages:
            if self.committer.pending:
                self._commit()
            return
        self.in_flight = self.input.next_offsets(messages)
        self.committer.track(batch(*messages))
        try:
            if waits == 0:
                self._wait()
            self.committer.before_produce()
            for number, each in enumerate(messages):
                if waits == number != 0:
                    self._wait()
                self.sink.add(each)
            self.committer.after_produce()
        except Interrupted:
            self.committer.discard_batch()
            self.assignment.seek_back(messages, self.input.epoch)
            self.in_flight = {}

    @rule()
    def answer(self) -> None:
        for error, offsets in self.member.unanswered:
            self.committer.on_commit(error, offsets)
        self.member.unanswered.clear()

    def teardown(self) -> None:
        """All records of the present topic come out in the end."""
        if not hasattr(self, "cluster"):
            return
        for key in [None, *self.others]:
            if key is None:
                self._assign_new_topic(self.member.in_consume)
            else:
                self.bring_back(key, 0)
            for _ in range(ROUNDS):  # what was announced happens before anything else does
                self.member.in_poll += self.member.in_consume
                self.member.in_consume = []
                if not self._events:
                    break
                self.turn(5, None, True)  # noqa: FBT003 - a rule
            assert not self._events
        for _ in range(ROUNDS):
            self.answer()
            self.turn(5, None, True)  # noqa: FBT003 - a rule
            self.member.in_poll += self.member.in_consume
            self.member.in_consume = []
        self.cluster.check_output(exactly_once=self.exactly_once)

    @property
    def _events(self) -> bool:
        return bool(self.member.in_poll or self.member.in_consume)

    def _commit(self) -> bool:
        done = self.committer.commit()
        (self.assignment.resume if done else self.assignment.pause)("commit")
        return done

    def _wait(self) -> None:
        changes = self.assignment.changes
        self.assignment.pause("output")
        self.input.poll_paused(0)
        self.assignment.resume("output")
        if self.assignment.changes != changes:
            raise Interrupted


class OffsetsExactlyOnce(Offsets):
    exactly_once = True


class OffsetsOfTopicIds(OffsetsExactlyOnce):
    assigns_topic_ids = True


TestAtLeastOnce = Offsets.TestCase
TestAtLeastOnce.settings = settings(max_examples=300, stateful_step_count=40)
TestExactlyOnce = OffsetsExactlyOnce.TestCase
TestExactlyOnce.settings = settings(max_examples=300, stateful_step_count=40)
TestTopicIds = OffsetsOfTopicIds.TestCase
TestTopicIds.settings = settings(max_examples=300, stateful_step_count=40)
