"""One random sequence of events in the life of a stream, checked against an observer who asks the
broker alone.
"""

import random
import signal
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from confluent_kafka import IsolationLevel, KafkaError, KafkaException
from confluent_kafka.cimpl import NewTopic
from prometheus_client.parser import text_string_to_metric_families

from runtime.exit_codes import Exit
from tests.guarantees.sequences.model import Arrivals, Owed, value_of
from tests.support.brokers.kafka import Kafka
from tests.support.brokers.topics import SECONDS, quick_admin
from tests.support.load.records import Record
from tests.support.processor import Processor
from tests.support.settings import EXACTLY_ONCE, MODES, PROTOCOLS
from tests.support.stream import Stream
from tests.support.waiting import let_pass, wait_for

START_MODES = ("earliest", "latest", "anonymous", "fixed", "pattern")
QUIET_TIMEOUT_S = 60  # for everything to have come to rest after the last event
MAX_PARTITIONS = 6
LAG = "spring_cloud_stream_binder_kafka_offset"
_BINDINGS = "spring.cloud.stream.bindings.input"
_CONSUMER = "spring.cloud.stream.kafka.bindings.input.consumer"
_BINDER = "spring.cloud.stream.kafka.binder"

# Every 50th record fails at its first attempt, so that some record is often waiting for its retry.
FLAKY = """
_seen = set()


def flaky(value):
    if int(value[:6]) % 50 == 7 and value not in _seen:
        _seen.add(value)
        raise ValueError
    return reverse(value)
"""


@dataclass(frozen=True)
class Shape:
    """What a sequence varies before it starts."""

    mode: str
    protocol: str
    start: str
    processes: int
    small_queue: bool

    @classmethod
    def choose(cls, rng: random.Random) -> "Shape":
        start = rng.choice(START_MODES)
        processes = 1 if start == "anonymous" else rng.choice((1, 2))
        return cls(
            rng.choice(list(MODES)),
            rng.choice(list(PROTOCOLS)),
            start,
            processes,
            rng.random() < 0.25,
        )

    def __str__(self) -> str:
        queue = ", small queue" if self.small_queue else ""
        return f"{self.mode}, {self.protocol}, {self.start}, {self.processes} process(es){queue}"


class Sequence:
    """Runs events against real processes. Everything is called from one thread, which lives as long
    as the sequence.
    """

    def __init__(self, kafka: Kafka, folder: Path, name: str, seed: int) -> None:
        self.rng = random.Random(seed)  # noqa: S311 - not a secret
        self.shape = Shape.choose(self.rng)
        self.history: list[str] = []
        folder.mkdir(parents=True)
        self.stream = Stream(kafka, folder, name)
        self.owed, self.arrivals = Owed(), Arrivals(kafka.bootstrap)
        self._partitions = self.rng.choice((1, 2, 3))
        if self.shape.start == "fixed":  # each process needs a partition of its own, as with Spring
            self._partitions = max(self._partitions, self.shape.processes)
        self._keys = 0
        self._create_topics(kafka)
        self._processors = [self._processor(index) for index in range(self.shape.processes)]
        self._in_topic: set[int] = set()  # numbers sent to the present input topic

    # ---- a run

    def run(self, events: int) -> None:
        """Start the processes, let events happen, and check at every quiet moment.

        Raises:
            AssertionError: The promise was broken; the message has the history.
        """
        try:
            if self.rng.random() < 0.5:
                self.send(self.rng.randrange(1, 30))
                if self.shape.start in {"latest", "anonymous"}:
                    self.owed.excuse(set(range(self.owed.sent)))
            for index in range(self.shape.processes):
                self.start(index)
            self._await_running()
            for _ in range(2):
                for _ in range(events):
                    self._event()
                self.check_quiet()
            self._stop_all()
        except AssertionError as error:
            tails = "\n".join(
                f"--- process {n}\n{one.tail(60)}" for n, one in enumerate(self._processors)
            )
            raise AssertionError(
                f"{self.shape}\n{' > '.join(self.history)}\n{error}\n{tails}"
            ) from error

    def end(self) -> None:
        """Stop what runs and delete the topics."""
        self.stream.end()
        self.arrivals.close()
        for topic in (self.stream.source, self.stream.target, self.stream.dead_letters):
            try:
                self.stream.topics.delete(topic)
            except KafkaException:
                continue  # not there

    def _event(self) -> None:
        shape = self.shape
        events: list[tuple[int, Callable[[], None]]] = [
            (5, lambda: self.send(self.rng.randrange(1, 300))),
            (2, self.grow),
            (2, self.recreate),
            (2, self.freeze),
            (2, self.kill),
            (2, self.restart),
            (2, self.pause),
            (1, self.stop_binding),
            (1, self.pile_up),
            (1, self.hand_over),
        ]
        if shape.small_queue:
            events.append((3, self.fill_queue))
        if shape.start != "anonymous":
            events.append((2, self.expire_fixed if shape.start == "fixed" else self.expire))
        if shape.start not in {"anonymous", "pattern"}:
            events.append((2, self.refuse))
        if shape.processes > 1 and shape.start != "fixed":
            events.append((2, self.rebalance))
        weights, actions = zip(*events, strict=True)
        self.rng.choices(actions, weights)[0]()

    # ---- events

    def send(
        self, count: int, partitions: list[int] | None = None, size: int = 0, *, large: bool = False
    ) -> None:
        """Send numbered records; `size`: bytes added to each."""
        numbers = self.owed.add(count, refused=large)
        self._in_topic.update(numbers)
        places = list(partitions or range(self._partitions))
        self._note(f"send {count}{' large' if large else ''}")
        values = (value_of(number, large=large) + b" " * size for number in numbers)
        self.stream.send(
            *(Record(value, b"k", partition=self.rng.choice(places)) for value in values)
        )

    def grow(self) -> None:
        """Add partitions; records arrive there before any client has seen them."""
        if self._partitions >= MAX_PARTITIONS:
            return
        before, self._partitions = self._partitions, self._partitions + self.rng.choice((1, 2))
        self._note(f"grow to {self._partitions}")
        self.stream.topics.grow(self.stream.source, self._partitions)
        wait_for(lambda: self._led(self.stream.source), SECONDS, "leaders of the new partitions")
        self.send(20, list(range(before, self._partitions)))
        if self.shape.start == "fixed":
            self._restart_all()  # partitions are counted at a start

    def recreate(self) -> None:
        """Delete the input topic and create it again; unread records of the old one are gone."""
        self.arrivals.poll()
        self.owed.excuse(self.arrivals.missing(self.owed))
        pause = self.rng.choice((0.0, 0.3, 1.0, 10.0))
        if self.shape.start != "fixed":
            self._partitions = self.rng.choice(
                (1, self._partitions, min(MAX_PARTITIONS, self._partitions + 1))
            )
        before = sum(self.stream.topics.ends(self.stream.source).values())
        records, count = self.rng.choice(
            (("fewer", before // 3), ("as many", before), ("more", 2 * before + 20))
        )
        count = max(1, min(count, 2000))
        self._note(f"recreate with {self._partitions}, {records} records after {pause:g} s")
        self._in_topic.clear()
        self.stream.topics.delete(self.stream.source)
        wait_for(
            lambda: self.stream.source not in self.stream.topics.names(),
            SECONDS,
            "the input topic deleted",
        )
        let_pass(pause)
        try:
            self.stream.topics.create(self.stream.source, self._partitions)
        except KafkaException as error:
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise
            # A processor that was starting made it.
            self._partitions = self.stream.topics.partitions(self.stream.source)
        self.send(count)

    def freeze(self) -> None:
        """A process stands still, shorter or longer than its session."""
        index = self.rng.choice(range(self.shape.processes))
        seconds = self.rng.choice((0.3, 3.5, 8.0))
        self._note(f"freeze {index} for {seconds:g} s")
        self.send(50)
        with self._processors[index].frozen():
            let_pass(seconds)

    def kill(self) -> None:
        index = self.rng.choice(range(self.shape.processes))
        self._note(f"kill {index}")
        self.send(50)
        let_pass(self.rng.random() * 0.3)
        self._processors[index].kill()
        self._start_again(index)

    def restart(self) -> None:
        """An orderly stop and a new start."""
        index = self.rng.choice(range(self.shape.processes))
        self._note(f"restart {index}")
        self.send(50)
        self._terminate(index)
        self._start_again(index)

    def rebalance(self) -> None:
        """A member leaves for a while."""
        self._note("rebalance")
        self._terminate(1)
        self.send(50)
        let_pass(self.rng.random())
        self._start_again(1)

    def pause(self) -> None:
        index = self.rng.choice(range(self.shape.processes))
        self._note(f"pause {index}")
        self._change_state(index, "PAUSED", "paused")
        self.send(50)
        let_pass(self.rng.random())
        self._change_state(index, "RESUMED", "running")

    def stop_binding(self) -> None:
        index = self.rng.choice(range(self.shape.processes))
        self._note(f"stop binding {index}")
        self._change_state(index, "STOPPED", "stopped")
        # Nobody keeps the offsets of a group that nobody can join again by its name.
        if self.shape.start == "anonymous":
            self.arrivals.poll()
        self.send(50)
        self._change_state(index, "STARTED", "running")

    def refuse(self) -> None:
        """A record that the output topic does not take, among others."""
        self.send(self.rng.randrange(1, 30))
        self.send(1, large=True)
        self.send(self.rng.randrange(1, 30))

    def fill_queue(self) -> None:
        """More at once than the producer's queue has room for."""
        self.send(200, size=1000)

    def hand_over(self) -> None:
        """All processes stop; records arrive that nobody reads; all start."""
        self._note("stop all")
        self._stop_all()
        self.send(100)
        self._note("start all")
        self._start_all()

    def pile_up(self) -> None:
        """All processes pause once all is read; what arrives then is the lag, to them and to the
        broker.
        """
        self.check_quiet()
        self._note("pile up")
        for index in range(self.shape.processes):
            self._change_state(index, "PAUSED", "paused")
        count = self.rng.randrange(1, 100)
        self.send(count)
        if self.shape.start != "anonymous":
            assert self.stream.behind() == count, (
                f"the group is {self.stream.behind()} behind, {count} were sent"
            )
        for index, one in enumerate(self._processors):
            wait_for(
                lambda one=one: one.get("/actuator/health")["status"] == "UP",  # type: ignore[misc]
                20,
                f"paused process {index} UP",
            )
        wait_for(
            lambda: sum(map(self._lag, self._processors)) == count,
            20,
            f"the lag gauges at {count} together",
        )
        for index in range(self.shape.processes):
            self._change_state(index, "RESUMED", "running")

    def expire(self) -> None:
        """The group stops, and its offsets expire: it begins again as one that never was."""
        self._note("expire")
        self._stop_all()
        self._follow()
        self._drain()
        wait_for(
            lambda: not self.stream.topics.group(self.stream.group).members,
            SECONDS,
            "a group without members",
        )
        self._delete_offsets()
        if self.rng.random() < 0.5:
            self.send(self.rng.randrange(1, 50))
        if self.shape.start == "latest":
            self.owed.excuse(
                {n for n in self._in_topic if not (self.arrivals.out[n] or self.arrivals.dead[n])}
            )
        else:
            together = self.arrivals.out + self.arrivals.dead
            self.owed.repeat(
                Counter({number: together[number] for number in self._in_topic if together[number]})
            )
        self._start_all()

    def expire_fixed(self) -> None:
        """The offsets of fixed partitions expire under the running processes, which commit them
        again.
        """
        self.check_quiet()
        self._note("expire fixed")
        self._delete_offsets()
        if self.rng.random() < 0.5:
            self.send(20, [self.rng.randrange(self._partitions)])
        ends = self.stream.topics.ends(self.stream.source)
        wanted = {partition: end for partition, end in ends.items() if end}
        wait_for(
            lambda: self.stream.topics.committed(self.stream.group, self.stream.source) == wanted,
            40,
            f"committed {wanted}",
        )
        self._restart_all()

    def _delete_offsets(self) -> None:
        self.stream.topics.delete_offsets(self.stream.group)
        found = self.stream.topics.committed(self.stream.group, self.stream.source)
        assert not found or self.shape.start == "fixed", (
            f"committed {found} after the offsets were deleted"
        )

    # ---- quiet moments

    def check_quiet(self) -> None:
        """Wait for rest, then compare what the processes say with what the broker says.

        Raises:
            AssertionError: A record is missing or doubled, or health, bindings or lag are not what
                the observer sees.
        """
        self._note("quiet")
        self._await_running()
        self._follow()

        def arrived() -> bool:
            self.arrivals.poll()
            return not self.arrivals.missing(self.owed)

        def all_committed() -> bool:
            return self.shape.start == "anonymous" or self.stream.behind() == 0

        try:
            wait_for(arrived, QUIET_TIMEOUT_S, "all records")
        except AssertionError:
            missing = sorted(self.arrivals.missing(self.owed))
            raise AssertionError(f"LOST {len(missing)}: {missing[:10]}; {self._where()}") from None
        wait_for(
            all_committed, QUIET_TIMEOUT_S, f"the group at the end of its input; {self._where()}"
        )
        self.arrivals.poll(1.0)
        if self.shape.mode == "exactly-once":
            doubled = sorted(self.arrivals.doubled(self.owed))
            assert not doubled, f"DOUBLED {len(doubled)}: {doubled[:10]}"
        both = {n for n in self.arrivals.dead if self.arrivals.out[n]}
        assert not both, f"BOTH out and dead {sorted(both)[:10]}"
        # first: a process that is about to join may be UP until GRACE_S is over.
        if self.shape.start not in {"anonymous", "fixed"}:
            wait_for(
                self._is_shared,
                30,
                f"{self.shape.processes} members with {self._partitions} partitions in the group",
            )
        for one in self._processors:
            self._check_status(one)

    def _is_shared(self) -> bool:
        """Whether the broker has each process as a member of the group, and each partition with one
        of them.
        """
        group = self.stream.topics.group(self.stream.group)
        assigned = [
            each.partition
            for one in group.members
            if one.assignment
            for each in one.assignment.topic_partitions
        ]
        # Librdkafka keeps those of a former topic.
        present = sorted(number for number in assigned if number < self._partitions)
        return len(group.members) == self.shape.processes and present == list(
            range(self._partitions)
        )

    def _check_status(self, one: Processor) -> None:
        one.assert_alive()
        wait_for(lambda: one.get("/actuator/health")["status"] == "UP", 20, "health UP")
        assert one.request("GET", "/actuator/health/readiness")[0] == 200
        assert one.binding()["state"] == "running"
        wait_for(lambda: self._lag(one) == 0, 20, f"the lag gauge at 0, {self._lag(one)}")

    def _lag(self, one: Processor) -> float:
        text: Any = one.get("/actuator/prometheus")
        samples = [
            sample
            for family in text_string_to_metric_families(text)
            for sample in family.samples
            if sample.name == LAG
        ]
        return sum(sample.value for sample in samples)

    def _where(self) -> str:
        topics, stream = self.stream.topics, self.stream
        told = (
            ""
            if self.shape.start == "anonymous"
            else f", committed {topics.committed(stream.group, stream.source)}"
        )
        return f"input ends at {topics.ends(stream.source)}{told}"

    # ---- processes

    def start(self, index: int) -> None:
        self._processors[index].start()

    def _start_again(self, index: int) -> None:
        """An anonymous group is a new one at each start: what it has not read is skipped, as asked
        for.
        """
        if self.shape.start == "anonymous":
            self.arrivals.poll(1.0)
            self.owed.excuse({n for n in self.owed.required if not self.arrivals.out[n]})
        self.start(index)
        self._processors[index].running(60)

    def _start_all(self) -> None:
        """A group that begins anew at the end does so before the next record: so wait for all of
        them.
        """
        if self.shape.start == "anonymous":
            self._drain()
            self.owed.excuse({n for n in self.owed.required if not self.arrivals.out[n]})
        for index in range(self.shape.processes):
            self.start(index)
        self._await_running()

    def _restart_all(self) -> None:
        for index in range(self.shape.processes):
            self._terminate(index)
            self._start_again(index)

    def _terminate(self, index: int) -> None:
        one = self._processors[index]
        one.first_answer(60)
        one.signal(signal.SIGTERM)
        code = one.exit_code()
        assert code in {Exit.OK, Exit.UNFINISHED}, f"exit code {code} after SIGTERM\n{one.tail()}"
        # The deadline: something stood still.
        assert "took longer than" not in one.tail(3), one.tail()

    def _stop_all(self) -> None:
        for index in range(self.shape.processes):
            self._terminate(index)

    def _await_running(self) -> None:
        for one in self._processors:
            one.running(60)

    def _change_state(self, index: int, wanted: str, state: str) -> None:
        """Change the binding's state; the answer comes when that is done."""
        one = self._processors[index]
        if state != "running":
            one.running(60)
        status, body = one.request("POST", "/actuator/bindings/input", {"state": wanted})
        assert status == 204, body
        if state == "running":  # a member that comes back waits for its partitions
            one.running(60)
        else:
            assert one.binding()["state"] == state, f"{one.binding()} after {wanted} was answered"

    def _processor(self, index: int) -> Processor:
        shape, stream = self.shape, self.stream
        settings = PROTOCOLS[shape.protocol] | {
            "management.endpoints.web.exposure.include": "*",
            "spring.cloud.stream.instanceIndex": f"{index}",
            "spring.cloud.stream.bindings.input.consumer.back-off-initial-interval": "300",
            f"{_BINDER}.consumer-properties.metadata.max.age.ms": "1000",
        }
        if shape.mode == "exactly-once":
            settings |= EXACTLY_ONCE | {
                f"{_BINDER}.transaction.transaction-id-prefix": f"{stream.group}-"
            }
            settings[f"{_BINDER}.producer-properties.transaction.timeout.ms"] = "10000"
        match shape.start:
            case "latest":
                settings[f"{_CONSUMER}.start-offset"] = "latest"
            case "anonymous":
                settings[f"{_BINDINGS}.group"] = ""
            case "fixed":
                settings[f"{_CONSUMER}.auto-rebalance-enabled"] = "false"
                settings["spring.cloud.stream.instance-count"] = f"{shape.processes}"
            case "pattern":
                settings[f"{_CONSUMER}.destination-is-pattern"] = "true"
                settings[f"{_BINDINGS}.destination"] = stream.source.replace(".", "[.]")
        if shape.small_queue:
            settings[f"{_BINDER}.producer-properties.buffer.memory"] = "16384"
            settings[f"{_BINDER}.producer-properties.batch.size"] = "2048"
            settings[f"{_BINDER}.producer-properties.linger.ms"] = "50"
        return stream.own_flow('records = map_value("flaky", records, flaky)', FLAKY, settings)

    def _create_topics(self, kafka: Kafka) -> None:
        self.stream.topics.create(self.stream.source, self._partitions)
        target = NewTopic(self.stream.target, 2, config={"max.message.bytes": "4000"})
        admin = quick_admin(kafka.bootstrap)
        admin.create_topics([target])[self.stream.target].result(SECONDS)
        wait_for(lambda: self._led(self.stream.target), SECONDS, "leaders of the output")
        self.arrivals.follow(self.stream.target, 2)

    def _drain(self) -> None:
        """Read the outputs to their ends.

        The markers of a transaction may be written after its producer has gone.
        """
        wait_for(self._all_decided, SECONDS, "ends of all transactions")
        self.arrivals.drain()

    def _all_decided(self) -> bool:
        topics = self.stream.topics
        return all(
            topics.ends(topic) == topics.ends(topic, IsolationLevel.READ_COMMITTED)
            for topic in (self.stream.target, self.stream.dead_letters)
            if topics.partitions(topic)
        )

    def _follow(self) -> None:
        """Read the dead letters too, once there is a topic of them."""
        partitions = self.stream.topics.partitions(self.stream.dead_letters)
        if partitions:
            self.arrivals.follow(self.stream.dead_letters, partitions)

    def _led(self, topic: str) -> bool:
        admin = quick_admin(self.stream.kafka.bootstrap)
        found = admin.list_topics(topic, timeout=10).topics[topic]
        return bool(found.partitions) and all(one.leader >= 0 for one in found.partitions.values())

    def _note(self, event: str) -> None:
        self.history.append(event)
