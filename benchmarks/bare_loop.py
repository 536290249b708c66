"""What a careful engineer writes by hand: consume a batch, reverse, produce, flush and commit every 0.5 s.

Same client settings, same reversal, keys and headers sent on; no rebalance handling, no delivery errors, no health, no metrics.
"""

import os
import signal
import time
from types import FrameType

from confluent_kafka import Consumer, Producer

import config
import config.kafka
from text import reverse

BATCH = 1000
COMMIT_SECONDS = 0.5


def main() -> None:
    settings = config.load([], os.environ)
    topic = settings.output_destination
    consumer = Consumer(config.kafka.consumer_config(settings))
    producer = Producer(config.kafka.producer_config(settings))
    running = True

    def stop(_number: int, _frame: FrameType | None) -> None:
        nonlocal running
        running = False

    signal.signal(signal.SIGTERM, stop)
    consumer.subscribe(list(settings.input_destinations))
    due = time.monotonic() + COMMIT_SECONDS
    while running:
        first = consumer.poll(0.1)
        if first is not None:
            for message in [first, *consumer.consume(BATCH - 1, 0)]:
                value, headers = message.value(), message.headers()
                while True:
                    try:
                        if headers:
                            producer.produce(topic, reverse(value or b""), message.key(), -1, None, None, 0, headers)
                        else:
                            producer.produce(topic, reverse(value or b""), message.key())
                        break
                    except BufferError:
                        producer.poll(0.005)
        if time.monotonic() > due:
            producer.flush()
            consumer.commit(asynchronous=True)
            due = time.monotonic() + COMMIT_SECONDS
    producer.flush()
    consumer.close()


if __name__ == "__main__":
    main()
