"""The fastest loop in plain Python: text is taken for UTF-8, headers go on as they are.

No rebalance handling, no dead letters, no health, no metrics. A failed delivery ends it.
"""

import signal
import time
from types import FrameType

from confluent_kafka import Consumer, Producer

from benchmarks.peers.bare_tuned import BATCH, delivered
from benchmarks.rig.job import COMMIT_SECONDS, Job


def main() -> None:
    job = Job.of_argument()
    topic = job.target
    # commit() commits what consume() has handed out.
    consumer = Consumer(job.consumer | {"enable.auto.offset.store": True})
    producer = Producer(job.producer, on_delivery=delivered)
    produce = producer.produce
    running = True

    def stop(_number: int, _frame: FrameType | None) -> None:
        nonlocal running
        running = False

    signal.signal(signal.SIGTERM, stop)
    consumer.subscribe([job.source])
    due = time.monotonic() + COMMIT_SECONDS
    while running:
        first = consumer.poll(0.1)
        if first is not None:
            for message in [first, *consumer.consume(BATCH - 1, 0)]:
                value = message.value().decode()[::-1].encode()  # type: ignore[union-attr]  # none is null
                headers = message.headers()
                while True:
                    try:
                        if headers:
                            produce(topic, value, message.key(), -1, None, None, 0, headers)
                        else:
                            produce(topic, value, message.key())
                        break
                    except BufferError:
                        producer.poll(0.005)
        if time.monotonic() > due:
            producer.flush()
            consumer.commit(asynchronous=True)
            due = time.monotonic() + COMMIT_SECONDS
    producer.flush()
    consumer.commit(asynchronous=False)
    consumer.close()


if __name__ == "__main__":
    main()
