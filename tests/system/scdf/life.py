"""The life of a stream in Data Flow, step by step."""

import time
from bisect import bisect
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple

from confluent_kafka import IsolationLevel

from tests.support.brokers.topics import Topics
from tests.support.load.load_generator import LoadGenerator
from tests.support.load.records import Record, read
from tests.support.verify.delivery_count import Count, count
from tests.support.waiting import wait_for

APP = "python-processor"
PARTITIONS = 4
RATE = 500
SECONDS = 120  # for anything Data Flow does in some seconds on an idle machine


class Step(NamedTuple):
    name: str
    seconds: float
    first: int  # the number that was the next when it began
    together: int  # most members the group was seen to have


def put_right(arrival: Record) -> Record:
    """As it was sent, whether the processor that it came through reversed it or not.

    What is sent begins with digits.
    """
    value = arrival.value or b""
    return arrival if value[:1].isdigit() else arrival._replace(value=value.decode()[::-1].encode())


class Life:
    """A stream between two named destinations, its steps timed and its records counted."""

    def __init__(self, rig: Any, name: str) -> None:
        self.rig, self.name = rig, name
        self.topics = Topics(f"127.0.0.1:{rig.state['ports']['kafka']}")
        self.source, self.target = f"{name}-in", f"{name}-out"
        for topic in (self.source, self.target):
            self.topics.create(topic, PARTITIONS)
        self.numbers = LoadGenerator(self.bootstrap, self.source, PARTITIONS, RATE)
        self._steps: list[Step] = []
        self._together = 0

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self.rig.state['ports']['kafka']}"

    @contextmanager
    def step(self, name: str, members: int = 1) -> Iterator[None]:
        """A step ends when the processors share the partitions and a second's records arrived."""
        began, first, self._together = time.monotonic(), self.numbers.delivered, 0
        yield
        wait_for(lambda: self._members() == members, SECONDS, f"{name}: {members} members")
        if members:
            wait_for(
                lambda: self.topics.settled(self.name, members),
                SECONDS,
                f"{name}: {members} members with partitions",
            )
        self.numbers.advance(RATE)
        self._steps.append(Step(name, time.monotonic() - began, first, self._together))

    def _members(self) -> int:
        number = len(self.topics.group(self.name).members)
        self._together = max(self._together, number)
        return number

    def deploy(self, *arguments: Any) -> None:
        status, _ = self.rig.deploy(self.name, *arguments)
        assert status == "deployed", self.rig.log(self.name, APP)

    def releases(self) -> list[str]:
        """What has become of each release, the newest first: DEPLOYED, FAILED, DELETED."""
        history = self.rig.df("GET", f"/streams/deployments/history/{self.name}")
        return [
            each["info"]["status"]["statusCode"]
            for each in sorted(history, key=lambda each: -each["version"])
        ]

    def await_release(self, number: int, became: str) -> None:
        """Wait until Skipper is done with the release of this number.

        It became that, and one release is deployed.
        """

        def done() -> bool:
            self._members()  # of both versions, while they overlap
            found = self.releases()
            return len(found) == number and found[0] == became and found.count("DEPLOYED") == 1

        wait_for(done, SECONDS, f"release {number} {became}")

    def decided(self, topic: str) -> bool:
        """No transaction is open in the topic: a reader sees all of it.

        Offsets may be committed before that, by the same transaction.
        """
        return self.topics.ends(topic, IsolationLevel.READ_COMMITTED) == self.topics.ends(topic)

    def read_up(self, group: str, topic: str) -> None:
        """Wait until the group has committed the last record of each partition.

        Behind that there may be the marker of a transaction.
        """
        wait_for(partial(self.decided, topic), SECONDS, f"every transaction in {topic} decided")
        after_the_last = {
            record.partition: record.offset + 1 for record in read(self.bootstrap, topic)
        }
        wait_for(
            lambda: self.topics.behind(group, topic, after_the_last) == 0,
            SECONDS,
            f"{topic} read by {group}",
        )

    def behind(self) -> int:
        return self.topics.behind(self.name, self.source)

    def arrived(self) -> list[Record]:
        return read(self.bootstrap, self.target)

    def count_deliveries(
        self, *further: tuple[str, str], by_key: bool = False
    ) -> tuple[Count, str]:
        """Let the flow end and everything arrive, also by `further` groups at their topics.

        Return the count, and a line for each step.

        `by_key`: a topic on the way is partitioned again, so that there is an order of each key and
        none of each input partition.
        """
        sent = self.numbers.finish()
        for group, topic in ((self.name, self.source), *further):
            self.read_up(group, topic)
        wait_for(
            partial(self.decided, self.target),
            SECONDS,
            f"every transaction in {self.target} decided",
        )
        arrived = [put_right(each) for each in self.arrived()]
        begins = [step.first for step in self._steps]
        where = {record.value: bisect(begins, number) - 1 for number, record in enumerate(sent)}
        times = Counter(each.value for each in arrived)
        lines = [
            (
                f"{'step':28} {'seconds':>8} {'members':>8} {'records in':>11} {'lost':>5} "
                f"{'doubled':>8}"
            )
        ]
        for number, step in enumerate(self._steps):
            of_step = [times[value] for value, at in where.items() if at == number]
            doubled = sum(times - 1 for times in of_step if times)
            lines.append(
                f"{step.name:28} {step.seconds:8.1f} {step.together:8} {len(of_step):11} "
                f"{of_step.count(0):5} {doubled:8}"
            )
        keys = sorted({record.key or b"" for record in sent})
        compared = (
            [record._replace(partition=keys.index(record.key or b"")) for record in sent]
            if by_key
            else sent
        )
        return count(compared, arrived, become=lambda value: value), "\n".join(lines)
