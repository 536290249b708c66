"""Numbered records that flow at a given rate for as long as a test needs them."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from confluent_kafka import Consumer, KafkaError, Message, Producer, TopicPartition

from connectors.monitoring.lost_metadata import LostMetadata
from tests.support.brokers.admin import quick
from tests.support.brokers.topics import ANSWER, Positions, patiently
from tests.support.load.records import Record
from tests.support.waiting import wait_for

KEYS_PER_PARTITION = 3
LINGER = 0.05  # seconds of records in a batch: so few that there is always one on its way
INTERVAL_S = 0.01  # between two portions of a paced flow


class LoadGenerator:
    """The records 0, 1, 2, ...

    On their way into `topic`, `rate` a second, from a thread of its own.

    A number decides its key, and the key its partition, so that order can be checked by key and by
    partition. A broker that is away delays the records and loses none.
    """

    def __init__(
        self, bootstrap: str, topic: str, partitions: int, rate: float, linger: float = LINGER
    ) -> None:
        """`linger`: seconds of records that go together.

        Few batches leave the machine to the system under test.
        """
        self._bootstrap, self._topic, self._partitions, self._rate = (
            bootstrap,
            topic,
            partitions,
            rate,
        )
        # Deliveries never expire and the queue is long: an outage of any length is the processor's
        # test, not the generator's.
        self._settings: dict[str, str | int | float | bool] = {
            "bootstrap.servers": bootstrap,
            "enable.idempotence": True,
            # Else the first ones can be lost (see config/librdkafka/client_config.py).
            "max.in.flight": 1,
            "message.timeout.ms": 0,
            "queue.buffering.max.messages": 1_000_000,
            "linger.ms": linger * 1000,
            "reconnect.backoff.max.ms": 1000,
            "statistics.interval.ms": 1000,
            "log_level": 0,
        }
        self._producer = self._another()
        self._made = 0
        self._arrived = [0] * partitions  # how many the broker has confirmed of each partition
        self._next: dict[int, int] = {}  # partition -> the offset after the last of them
        self._enough: int | None = None  # once set, the flow ends at this number, at its own pace
        self._held = False
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._run, name=f"numbers into {topic}", daemon=True)
        self._thread.start()

    @property
    def delivered(self) -> int:
        """How many the broker has confirmed."""
        return sum(self._arrived)

    def where(self) -> str:
        """How far they are, and whether they go on; for messages."""
        return f"{self.delivered} of {self._made} delivered" + (
            f", no more are made: {self._failure!r}" if self._failure else ""
        )

    def advance(self, by: int, timeout: float = 60) -> None:
        """Wait until so many more have been made: a test's clock."""
        goal = self._made + by
        wait_for(
            lambda: self._made >= goal or self._failure,
            timeout,
            f"number {goal} made (at {self._made})",
        )

    @contextmanager
    def held(self, timeout: float = 60) -> Iterator[None]:
        """Stop the load while the context lasts; all records made so far are confirmed first."""
        self._held = True
        try:
            wait_for(
                lambda: self.delivered == self._made or self._failure,
                timeout,
                "what was made confirmed",
            )
            yield
        finally:
            self._held = False

    def finish(self, at_least: int = 0, timeout: float = 300) -> list[Record]:
        """Let the flow end, not before it has reached `at_least` records.

        Returns all records, confirmed by the broker.
        """
        self._enough = max(at_least, self._made)
        self._thread.join(timeout)
        if self._failure:
            raise self._failure
        if self._thread.is_alive():
            raise AssertionError(
                f"only {self.delivered} of {self._enough} numbered records delivered within "
                f"{timeout:g} s"
            )
        # The thread may have been about to make one more than enough.
        return [self.record(number) for number in range(self._made)]

    def record(self, number: int) -> Record:
        key = number % (KEYS_PER_PARTITION * self._partitions)
        return Record(
            f"{number:08d} 한글 paced and numbered".encode(),
            f"key-{key}".encode(),
            (),
            key % self._partitions,
        )

    def _run(self) -> None:
        try:
            self._flow()
        except Exception as error:  # noqa: BLE001 - kept for the thread that waits in finish()
            self._failure = error

    def _flow(self) -> None:
        flowed, before = 0.0, time.monotonic()  # seconds
        while self._enough is None or self._made < self._enough:
            now = time.monotonic()
            flowed, before = flowed + (0 if self._held else now - before), now
            due = int(flowed * self._rate)
            while self._made < (due if self._enough is None else min(due, self._enough)):
                try:
                    self._produce(self._made)
                except BufferError:  # an outage: what is due waits
                    break
                self._made += 1
            self._producer.poll(INTERVAL_S)
            self._see_to_the_producer()
        while self._producer.flush(1):
            self._see_to_the_producer()
        if self.delivered != self._made:
            raise AssertionError(
                f"only {self.delivered} of {self._made} numbered records delivered"
            )

    def _produce(self, number: int) -> None:
        record = self.record(number)
        self._producer.produce(
            self._topic, record.value, record.key, record.partition, on_delivery=self._on_delivery
        )

    def _on_delivery(self, error: KafkaError | None, message: Message) -> None:
        if error is None:
            partition = cast("int", message.partition())
            self._arrived[partition] += 1
            self._next[partition] = cast("int", message.offset()) + 1

    def _see_to_the_producer(self) -> None:
        """Librdkafka can forget every broker (its issue 5301).

        Another producer sends what has not arrived, each partition in its order.
        """
        if not self._known.brokers_forgotten:
            return
        self._producer.purge()
        self._producer.flush(ANSWER)
        self._producer = self._another()
        for partition, end in patiently(self._ends).items():
            self._arrived[partition] += end - self._next.get(partition, 0)
            self._next[partition] = end
            for number in range(
                partition + self._arrived[partition] * self._partitions,
                self._made,
                self._partitions,
            ):
                self._produce(number)

    def _another(self) -> Producer:
        self._known = LostMetadata()
        return Producer(
            self._settings
            | {"stats_cb": lambda document: self._known.observe(json.loads(document))}
        )

    def _ends(self) -> Positions:
        asking = Consumer(quick(self._bootstrap) | {"group.id": "numbers"})
        places = [TopicPartition(self._topic, number) for number in range(self._partitions)]
        return {place.partition: asking.get_watermark_offsets(place, ANSWER)[1] for place in places}
