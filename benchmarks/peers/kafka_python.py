"""kafka-python, the client in pure Python: poll a batch, send, flush and commit every 0.5 s."""

import signal
import time
from types import FrameType

from kafka import KafkaConsumer, KafkaProducer  # type: ignore[import-not-found]  # peers have an environment of their own

from benchmarks.rig.job import COMMIT_SECONDS, Job, reversed_value, sent_on


def main() -> None:
    job = Job.of_argument()
    consumer = KafkaConsumer(
        job.source,
        bootstrap_servers=job.bootstrap,
        group_id=job.group,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        isolation_level="read_committed",
        max_poll_records=1000,
        fetch_max_wait_ms=int(job.consumer["fetch.wait.max.ms"]),
    )
    producer = KafkaProducer(
        bootstrap_servers=job.bootstrap, acks="all", linger_ms=int(job.producer["linger.ms"])
    )
    running = True

    def stop(_number: int, _frame: FrameType | None) -> None:
        nonlocal running
        running = False

    signal.signal(signal.SIGTERM, stop)
    due = time.monotonic() + COMMIT_SECONDS
    while running:
        for records in consumer.poll(100).values():
            for record in records:
                value = reversed_value(record.value, record.headers)
                producer.send(job.target, value, record.key, headers=sent_on(list(record.headers)))
        if time.monotonic() > due:
            producer.flush()
            consumer.commit_async()
            due = time.monotonic() + COMMIT_SECONDS
    producer.flush()
    consumer.commit()
    consumer.close()


if __name__ == "__main__":
    main()
