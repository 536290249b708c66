"""Records through a processor in Kubernetes, and what became of them in each step."""

import logging
import time
from bisect import bisect
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial

from confluent_kafka import IsolationLevel

from tests.support.brokers.topics import Topics
from tests.support.load.load_generator import LoadGenerator
from tests.support.load.records import read
from tests.support.verify.delivery_count import Count, count
from tests.support.waiting import wait_for
from tests.system.kubernetes.arrivals import Arrivals, original
from tests.system.kubernetes.cluster import BROKER

LOG = logging.getLogger(__name__)
PARTITIONS = 4
RATE = 500
STEP_S = 120


@dataclass
class Step:
    """A step of a stream's life; times are seconds, moments are those of time.monotonic()."""

    name: str
    first: int  # the number that was the next one when the step began
    began: float
    ended: float = 0
    away: float = 0  # without a broker that answers


class Flow:
    """Numbered records through two topics, in steps.

    Whose work moves them from one to the other is no matter here.
    """

    def __init__(self, source: str, target: str, partitions: int = PARTITIONS) -> None:
        self.topics = Topics(BROKER)
        self.source, self.target = source, target
        for topic in (source, target):
            self.topics.create(topic, partitions)
        self.numbers = LoadGenerator(BROKER, source, partitions, RATE)
        self.arrivals = Arrivals(BROKER, target, partitions)
        self.steps: list[Step] = []

    def await_all(self, name: str) -> None:
        """Wait until what is made now has arrived."""
        made = self.numbers.delivered + RATE
        self.numbers.advance(RATE)
        wait_for(
            lambda: self.arrivals.has_all(made),
            STEP_S,
            f"{name}: record {made} in {self.target} ({self.numbers.where()})",
        )

    def finish(self, group: str, at_least: int) -> tuple[Count, list[tuple[Step, int, int, int]]]:
        """Let the flow end and all of it arrive.

        Returns:
            What became of the records, and for each step: the records sent in it, those lost of
            them and those doubled.
        """
        sent = self.numbers.finish(at_least, timeout=max(300, at_least / RATE * 2))
        wait_for(
            lambda: self.topics.behind(group, self.source) <= PARTITIONS,
            STEP_S,
            f"{self.source} read by {group}",
        )
        wait_for(
            lambda: self.arrivals.has_all(len(sent)), STEP_S, f"the last record in {self.target}"
        )
        wait_for(
            partial(self._decided, self.target),
            STEP_S,
            f"every transaction in {self.target} decided",
        )
        arrived = [
            each._replace(value=original(each.value or b"")) for each in read(BROKER, self.target)
        ]
        keys = sorted({record.key or b"" for record in sent})
        # A chain keeps the order of keys.
        by_key = [record._replace(partition=keys.index(record.key or b"")) for record in sent]
        times = Counter(each.value for each in arrived)
        begins = [step.first for step in self.steps]
        totals = [[0, 0, 0] for _ in self.steps]
        for number, record in enumerate(sent):
            total = totals[max(0, bisect(begins, number) - 1)]
            total[0] += 1
            total[1] += times[record.value] == 0
            total[2] += max(0, times[record.value] - 1)
        rows = [
            (step, total[0], total[1], total[2])
            for step, total in zip(self.steps, totals, strict=True)
        ]
        return count(by_key, arrived, become=lambda value: value), rows

    def _decided(self, topic: str) -> bool:
        return self.topics.ends(topic, IsolationLevel.READ_COMMITTED) == self.topics.ends(topic)


@contextmanager
def step(flows: Sequence[Flow], name: str) -> Iterator[list[Step]]:
    """Time a step of all flows, until its last records have arrived in each; yields the steps."""
    began = time.monotonic()
    steps = [Step(name, flow.numbers.delivered, began) for flow in flows]
    yield steps
    for flow in flows:
        flow.await_all(name)
    for flow, done in zip(flows, steps, strict=True):
        done.ended = time.monotonic()
        pause = flow.arrivals.longest_pause(done.began, done.ended)
        LOG.info(
            "%s, %s: %.1f s, longest pause %.1f s",
            flow.target,
            name,
            done.ended - done.began,
            pause,
        )
        flow.steps.append(done)


@contextmanager
def arriving(flows: Sequence[Flow]) -> Iterator[None]:
    """Watch the arrivals of all flows, and end these with the context."""
    with ExitStack() as stack:
        for flow in flows:
            stack.enter_context(flow.arrivals)
        try:
            yield
        finally:
            for flow in flows:
                flow.numbers.finish()


def table(flow: Flow, rows: Sequence[tuple[Step, int, int, int]]) -> str:
    """A line for each step."""
    lines = [
        (
            f"{'step':24} {'seconds':>8} {'longest pause':>14} {'of it no broker':>16} {'sent':>8} "
            f"{'lost':>6} {'doubled':>8}"
        )
    ]
    for done, sent, lost, doubled in rows:
        pause = flow.arrivals.longest_pause(done.began, done.ended)
        lines.append(
            f"{done.name:24} {done.ended - done.began:8.1f} {pause:14.1f} {done.away:16.1f} "
            f"{sent:8} {lost:6} {doubled:8}"
        )
    return "\n".join(lines)
