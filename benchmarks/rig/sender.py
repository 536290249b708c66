"""Sends records: `python -m benchmarks.rig.sender SERVERS TOPIC RATE SECONDS PARTITIONS [keyed]`.

Each record has the time it was sent.
"""

import sys
import time

from confluent_kafka import Producer

from benchmarks.records import A
from benchmarks.rig.broker import record_key

INTERVAL_S = 0.001  # at 20,000 a second, 20 records go out together


def main() -> None:
    bootstrap, topic, rate, seconds, partitions, *keyed = sys.argv[1:]
    producer = Producer(
        {
            "bootstrap.servers": bootstrap,
            "linger.ms": 0,
            "acks": 1,
            "queue.buffering.max.messages": 1_000_000,
        }
    )
    per_second, spread = float(rate), int(partitions)
    began, sent, total = time.monotonic(), 0, int(per_second * float(seconds))
    while sent < total:
        due = min(total, int((time.monotonic() - began) * per_second))
        for number in range(sent, due):
            producer.produce(
                topic,
                A.value(time.monotonic_ns()),
                record_key(number, spread) if keyed else None,
                partition=number % spread,
            )
        sent = max(sent, due)
        producer.poll(0)
        time.sleep(INTERVAL_S)
    if producer.flush(60):
        raise SystemExit("not everything could be sent")


if __name__ == "__main__":
    main()
