"""Counts numbered records as they arrive, with a client that reads committed records only."""

import threading
import time
from collections.abc import Callable
from typing import cast

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from tests.support.brokers.admin import quick
from tests.support.brokers.topics import Positions
from tests.support.load.records import Record
from tests.support.waiting import wait_for

# Seconds without a message after which another consumer goes on: this one may have forgotten every
# broker.
IDLE_S = 20.0
SHOWN = 5  # places that are kept of each kind of fault
CONNECTION = {
    KafkaError._TRANSPORT,
    KafkaError._ALL_BROKERS_DOWN,
    KafkaError._RESOLVE,
    KafkaError._TIMED_OUT,
}


class OutputVerifier:
    """Reads reversed records of a LoadGenerator and counts them, in a byte for each record.

    Runs a thread of its own.
    """

    def __init__(
        self, bootstrap: str, topic: str, partitions: int, sent: Callable[[int], Record]
    ) -> None:
        """`sent(number)`: the record of that number (LoadGenerator.record)."""
        self._bootstrap, self._topic, self._sent = bootstrap, topic, sent
        self._arrivals = bytearray()  # number -> how often it has arrived, 255 at most
        # (partition sent to, arrived at) -> the number that arrived last.
        self._newest: dict[tuple[int, int], int] = {}
        self._read_to: Positions = dict.fromkeys(range(partitions), 0)
        self._consumer = self._made()
        self._last = 0.0
        self._failure: Exception | None = None
        self._ends = threading.Event()
        self.arrived = 0
        self.doubled = 0
        self.disordered = 0  # first arrivals that came after a later number of the same partition
        self.wrong = 0  # arrivals that nothing that was sent can have become
        self.places: list[str] = []  # of the first few doubled, disordered and wrong ones
        self.longest_pause = 0.0  # seconds without an arrival, between the first and the last one
        self._thread = threading.Thread(target=self._run, name=f"verifier of {topic}", daemon=True)
        self._thread.start()

    def advance(self, by: int, timeout: float) -> None:
        """Wait until so many more have arrived."""
        goal = self.arrived + by
        wait_for(
            lambda: self.arrived >= goal or self._failure,
            timeout,
            f"arrival {goal} in {self._topic} (at {self.arrived})",
        )

    def finish(self, sent: int, ends: Positions, timeout: float = 60) -> list[int]:
        """Read up to `ends`, stop; returns which of the `sent` numbers have not arrived."""

        def done() -> bool:
            return self._failure is not None or all(
                self._read_to[partition] >= end for partition, end in ends.items()
            )

        try:
            wait_for(done, timeout, f"{self._topic} read to {ends} (at {self._read_to})")
        finally:
            self._ends.set()
            self._thread.join()
        if self._failure:
            raise self._failure
        self._arrivals.extend(bytes(max(0, sent - len(self._arrivals))))
        return [number for number in range(sent) if not self._arrivals[number]]

    def _made(self) -> Consumer:
        consumer = Consumer(
            quick(self._bootstrap)
            | {
                "group.id": "watch",  # never joined: partitions are assigned by hand
                "isolation.level": "read_committed",
                "enable.auto.commit": False,
                "enable.partition.eof": True,
                "auto.offset.reset": "earliest",
            }
        )
        consumer.assign(
            [
                TopicPartition(self._topic, number, offset)
                for number, offset in self._read_to.items()
            ]
        )
        return consumer

    def _run(self) -> None:
        heard = time.monotonic()
        try:
            while not self._ends.is_set():
                messages = self._consumer.consume(5000, 0.1)
                if messages:
                    heard = time.monotonic()
                elif time.monotonic() - heard > IDLE_S:
                    self._consumer, heard = self._made(), time.monotonic()
                if any(message.error() is None for message in messages):
                    now = time.monotonic()
                    self.longest_pause = max(self.longest_pause, now - (self._last or now))
                    self._last = now
                for message in messages:
                    self._take(message)
        except Exception as error:  # noqa: BLE001 - kept for the thread that waits
            self._failure = error
        finally:
            self._consumer.close()

    def _take(self, message: Message) -> None:
        error = message.error()
        partition, offset = cast("int", message.partition()), cast("int", message.offset())
        if error is None:
            self._enter(message.value(), message.key(), partition, offset)
            self._read_to[partition] = offset + 1
        elif error.code() == KafkaError._PARTITION_EOF:
            self._read_to[partition] = offset
        elif error.code() not in CONNECTION and not error.retriable():
            raise KafkaException(error)

    def _enter(self, value: bytes | None, key: bytes | None, partition: int, offset: int) -> None:
        self.arrived += 1
        text = (value or b"").decode(errors="replace")[::-1]
        number = int(text[:8]) if text[:8].isdigit() else -1
        record = self._sent(number)
        if number < 0 or text.encode() != record.value or key != record.key:
            self.wrong += 1
            self._note(f"wrong: key {key!r}, value {value!r}", partition, offset)
            return
        if number >= len(self._arrivals):
            self._arrivals.extend(bytes(number + 10_000 - len(self._arrivals)))
        times = self._arrivals[number]
        self._arrivals[number] = min(255, times + 1)
        if times:
            self.doubled += 1
            self._note(
                f"doubled: number {number} of partition {record.partition}", partition, offset
            )
            return
        path = record.partition, partition
        if number < self._newest.get(path, -1):
            self.disordered += 1
            self._note(
                f"number {number} after {self._newest[path]}, both of partition {record.partition}",
                partition,
                offset,
            )
        self._newest[path] = max(self._newest.get(path, -1), number)

    def _note(self, what: str, partition: int, offset: int) -> None:
        if len(self.places) < SHOWN:
            self.places.append(f"{what}, at {self._topic}-{partition}@{offset}")
