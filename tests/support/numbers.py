"""Numbered records that flow at a given rate for as long as a test needs them."""

import threading
import time

from confluent_kafka import KafkaError, Message, Producer

from tests.support.records import Record
from tests.support.waiting import wait_for

KEYS_PER_PARTITION = 3
LINGER = 0.05  # seconds of records in a batch: so few that there is always one on its way
TICK = 0.01  # seconds between two portions of a paced flow


class Numbers:
    """The records 0, 1, 2, ... on their way into `topic`, `rate` a second, from a thread of its own.

    A number decides its key, and the key its partition, so that order can be checked by key and by partition. A broker that is
    away delays the records and loses none.
    """

    def __init__(self, bootstrap: str, topic: str, partitions: int, rate: float, linger: float = LINGER) -> None:
        """`linger`: seconds of records that go together. Few batches leave the machine to whoever is being tested."""
        self._topic, self._partitions, self._rate = topic, partitions, rate
        # Deliveries never expire and the queue is long: an outage of any length is the processor's test, not the generator's.
        self._producer = Producer(
            {
                "bootstrap.servers": bootstrap,
                "enable.idempotence": True,
                "message.timeout.ms": 0,
                "queue.buffering.max.messages": 1_000_000,
                "linger.ms": linger * 1000,
                "reconnect.backoff.max.ms": 1000,
                "log_level": 0,
            }
        )
        self._made = 0
        self._delivered = 0
        self._enough: int | None = None  # once set, the flow ends at this number, at its own pace
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._run, name=f"numbers into {topic}", daemon=True)
        self._thread.start()

    @property
    def delivered(self) -> int:
        """How many the broker has confirmed."""
        return self._delivered

    def advance(self, by: int, timeout: float = 60) -> None:
        """Wait until so many more have been made: a test's clock."""
        goal = self._made + by
        wait_for(lambda: self._made >= goal or self._failure, timeout, f"number {goal} made (at {self._made})")

    def finish(self, at_least: int = 0, timeout: float = 300) -> list[Record]:
        """Let the flow end, not before it has reached `at_least` records; returns all records, confirmed by the broker."""
        self._enough = max(at_least, self._made)
        self._thread.join(timeout)
        if self._failure:
            raise self._failure
        if self._thread.is_alive():
            raise AssertionError(f"only {self._delivered} of {self._enough} numbered records delivered within {timeout:g} s")
        return [self.record(number) for number in range(self._made)]  # the thread may have been about to make one more than enough

    def record(self, number: int) -> Record:
        key = number % (KEYS_PER_PARTITION * self._partitions)
        return Record(f"{number:08d} 한글 paced and numbered".encode(), f"key-{key}".encode(), (), key % self._partitions)

    def _run(self) -> None:
        try:
            self._flow()
        except Exception as error:  # noqa: BLE001 - kept for the thread that waits in finish()
            self._failure = error

    def _flow(self) -> None:
        began = time.monotonic()
        while self._enough is None or self._made < self._enough:
            due = int((time.monotonic() - began) * self._rate)
            while self._made < (due if self._enough is None else min(due, self._enough)):
                record = self.record(self._made)
                try:
                    self._producer.produce(self._topic, record.value, record.key, record.partition, on_delivery=self._on_delivery)
                except BufferError:  # an outage: what is due waits
                    break
                self._made += 1
            self._producer.poll(TICK)
        self._producer.flush()
        if self._delivered != self._made:
            raise AssertionError(f"only {self._delivered} of {self._made} numbered records delivered")

    def _on_delivery(self, error: KafkaError | None, _: Message) -> None:
        if error is None:
            self._delivered += 1
