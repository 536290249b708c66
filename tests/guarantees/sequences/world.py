"""The topics and processes of a sequence, with what they owe and what has arrived."""

import random
import signal
from pathlib import Path
from time import monotonic

from confluent_kafka import IsolationLevel
from confluent_kafka.cimpl import NewTopic

from actuator.endpoints.bindings import CHANGE_S
from runtime.exit_codes import Exit
from tests.guarantees.sequences.model import Arrivals, Owed, value_of
from tests.guarantees.sequences.shape import Shape
from tests.support.brokers.admin import quick_admin
from tests.support.brokers.kafka import Kafka
from tests.support.brokers.topics import SECONDS
from tests.support.load.records import Record
from tests.support.processor import Processor
from tests.support.stream import Stream
from tests.support.waiting import wait_for

MAX_PARTITIONS = 6
# Every 50th record fails at its first attempt, so that some record is often waiting for its retry.
FLAKY = """
_seen = set()


def flaky(value):
    if int(value[:6]) % 50 == 7 and value not in _seen:
        _seen.add(value)
        raise ValueError
    return reverse(value)
"""


class World:
    """Topics, processes and the count of records. One thread calls every method."""

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
        in_topic = sum(self.stream.topics.ends(self.stream.source).values())
        # Otherwise the broker or this sender has lost or doubled a record, not the processor.
        assert in_topic == len(self._in_topic), f"{in_topic} of {len(self._in_topic)} in the input"

    def start(self, index: int) -> None:
        self._processors[index].start()

    def _start_again(self, index: int) -> None:
        """An anonymous group is a new one at each start.

        What it has not read is skipped, as asked for.
        """
        if self.shape.start == "anonymous":
            self.arrivals.poll(1.0)
            self.owed.excuse({n for n in self.owed.required if not self.arrivals.out[n]})
        self.start(index)
        self._processors[index].running(60)

    def _start_all(self) -> None:
        """A group that starts at the end has to do so before the next record.

        So wait until every process has done so.
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
        # The deadline: the processor made no progress.
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
        began = monotonic()
        status, body = one.request("POST", "/actuator/bindings/input", {"state": wanted})
        assert status == 204, body
        if state == "running":  # a member that comes back waits for its partitions
            one.running(60)
        elif (
            monotonic() - began >= CHANGE_S
        ):  # a call of a client, about a deleted topic, takes 10 s
            wait_for(lambda: one.binding()["state"] == state, 60, f"binding {state}")
        else:
            assert one.binding()["state"] == state, f"{one.binding()} after {wanted} was answered"

    def _processor(self, index: int) -> Processor:
        stream = self.stream
        settings = self.shape.settings(index, stream.source, stream.group)
        return stream.with_step('records = map_value("flaky", records, flaky)', FLAKY, settings)

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
