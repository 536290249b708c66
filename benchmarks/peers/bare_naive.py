"""The loop of every tutorial: single records, a callback each, auto-committed offsets.

Offsets are committed whether or not the output is delivered: a failed delivery is a lost record.
"""

import signal
from types import FrameType

from confluent_kafka import Consumer, KafkaError, Message, Producer

from benchmarks.rig.job import COMMIT_SECONDS, Job, reversed_value, sent_on


def main() -> None:
    job = Job.of_argument()
    commits = {
        "enable.auto.commit": True,
        "enable.auto.offset.store": True,
        "auto.commit.interval.ms": int(1000 * COMMIT_SECONDS),
    }
    consumer = Consumer(job.consumer | commits)
    producer = Producer(job.producer | {"delivery.report.only.error": False})
    running = True

    def stop(_number: int, _frame: FrameType | None) -> None:
        nonlocal running
        running = False

    signal.signal(signal.SIGTERM, stop)
    consumer.subscribe([job.source])
    while running:
        message = consumer.poll(0.1)
        if message is None:
            continue
        headers = message.headers() or []
        value = reversed_value(message.value(), headers)  # type: ignore[arg-type]  # a consumer gives a list
        while True:
            try:
                producer.produce(
                    job.target,
                    value=value,
                    key=message.key(),
                    headers=sent_on(headers),  # type: ignore[arg-type]
                    on_delivery=delivered,
                )
                break
            except BufferError:
                producer.poll(0.005)
        producer.poll(0)
    producer.flush()
    consumer.close()


def delivered(error: KafkaError | None, _message: Message) -> None:
    if error:
        print(f"lost: {error}", flush=True)


if __name__ == "__main__":
    main()
