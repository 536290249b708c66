"""When each numbered record arrives, as a reader of committed records sees it."""

import json
import threading
import time
from array import array
from itertools import pairwise
from types import TracebackType
from typing import Self, cast

from confluent_kafka import Consumer, TopicPartition

from connectors.monitoring.lost_metadata import LostMetadata
from tests.support.brokers.topics import quick

POLL_S = 0.05
RECORDS = 10_000


def original(value: bytes) -> bytes:
    """The value as it was sent, whether the processors reversed it or not: what is sent begins with
    digits.
    """
    return value if value[:1].isdigit() else value.decode()[::-1].encode()


class Arrivals:
    """Reads a topic from a thread of its own while the context lasts."""

    def __init__(self, bootstrap: str, topic: str, partitions: int) -> None:
        """`partitions`: of the topic that was sent to. A number modulo `partitions` is the
        partition of its record.
        """
        self._settings = quick(bootstrap) | {
            "group.id": "arrivals",  # never joined: partitions are assigned by hand
            "isolation.level": "read_committed",
            "enable.auto.commit": False,
            "statistics.interval.ms": 1000,
        }
        self._partitions = partitions
        self._next = dict.fromkeys(range(partitions), 0)
        self._topic = topic
        self._newest = [-1] * partitions
        # By the partition sent to, seconds of time.monotonic().
        self._times = [array("d") for _ in range(partitions)]
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"arrivals in {topic}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()

    def has_all(self, below: int) -> bool:
        """Whether the newest number below this one has arrived in each partition, or a later
        one.
        """
        return self._thread.is_alive() and min(self._newest) >= below - self._partitions

    def longest_pause(self, since: float, until: float) -> float:
        """The longest time in which no record of some partition arrived, of the pauses that ended
        in this interval.

        Args:
            since: The beginning, in seconds of time.monotonic().
            until: The end, in seconds of time.monotonic().

        Returns:
            Seconds; 0 if nothing arrived twice.
        """
        longest = 0.0
        for times in self._times:
            copied = times[:]
            gaps = (after - before for before, after in pairwise(copied) if since < after <= until)
            longest = max(longest, max(gaps, default=0))
        return longest

    def _run(self) -> None:
        consumer, known = self._consumer()
        while not self._ended.is_set():
            messages = consumer.consume(RECORDS, 0)
            if not messages:
                self._ended.wait(POLL_S)
            now = time.monotonic()
            for message in messages:
                if message.error() is None:
                    number = int(original(cast("bytes", message.value()))[:8])
                    self._newest[number % self._partitions] = max(
                        self._newest[number % self._partitions], number
                    )
                    self._times[number % self._partitions].append(now)
                    self._next[cast("int", message.partition())] = cast("int", message.offset()) + 1
            if known.brokers_forgotten:  # librdkafka issue 5301
                consumer.close()
                consumer, known = self._consumer()
        consumer.close()

    def _consumer(self) -> tuple[Consumer, LostMetadata]:
        known = LostMetadata()
        consumer = Consumer(
            self._settings | {"stats_cb": lambda document: known.observe(json.loads(document))}
        )
        consumer.assign(
            [TopicPartition(self._topic, number, offset) for number, offset in self._next.items()]
        )
        return consumer, known
