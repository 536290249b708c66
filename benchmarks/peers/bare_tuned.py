"""The loop a careful engineer writes: consume a batch, reverse, produce; commit every 0.5 s.

Same client settings, reversal and header rule; no rebalance handling, no dead letters, no health,
no metrics. A failed delivery ends it.
"""

import signal
import time
from types import FrameType

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, Producer

from benchmarks.rig.job import COMMIT_SECONDS, Job, reversed_value, sent_on

BATCH = 1000


def main() -> None:
    job = Job.of_argument()
    topic = job.target
    # commit() commits what consume() has handed out.
    consumer = Consumer(job.consumer | {"enable.auto.offset.store": True})
    producer = Producer(job.producer, on_delivery=delivered)
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
                headers = message.headers()
                value = reversed_value(message.value(), headers)  # type: ignore[arg-type]  # a consumer gives a list
                while True:
                    try:
                        if headers:
                            producer.produce(
                                topic,
                                value,
                                message.key(),
                                -1,
                                None,
                                None,
                                0,
                                sent_on(headers),  # type: ignore[arg-type]
                            )
                        else:
                            producer.produce(topic, value, message.key())
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


def delivered(error: KafkaError | None, _message: Message) -> None:
    """Called for failures only (delivery.report.only.error)."""
    if error:
        raise KafkaException(error)


if __name__ == "__main__":
    main()
