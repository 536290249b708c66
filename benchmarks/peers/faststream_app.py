"""FastStream on confluent-kafka, as its documentation begins: a subscriber that is a publisher.

Its default acknowledgement commits by itself: a crash loses the record being processed.
"""

import asyncio

from faststream import FastStream  # type: ignore[import-not-found]  # peers have an environment of their own
from faststream.confluent import KafkaBroker, KafkaMessage, KafkaResponse  # type: ignore[import-not-found]  # not installed

from benchmarks.rig.job import COMMIT_SECONDS, Job, reversed_value, sent_on

# Those that its own arguments do not have.
PASSED = ("fetch.queue.backoff.ms", "queued.min.messages", "queued.max.messages.kbytes")


def main() -> None:
    job = Job.of_argument()
    broker = KafkaBroker(
        job.bootstrap,
        acks="all",
        enable_idempotence=True,
        linger_ms=int(job.producer["linger.ms"]),
        config={name: job.consumer[name] for name in PASSED},
        logger=None,
    )

    @broker.subscriber(  # type: ignore[untyped-decorator]  # see above
        job.source,
        group_id=job.group,
        auto_offset_reset="earliest",
        auto_commit_interval_ms=int(1000 * COMMIT_SECONDS),
        fetch_max_wait_ms=int(job.consumer["fetch.wait.max.ms"]),
        isolation_level="read_committed",
    )
    @broker.publisher(job.target)  # type: ignore[untyped-decorator]  # see above
    async def turned(message: KafkaMessage) -> KafkaResponse:
        received = message.raw_message.headers() or []
        # It takes text only.
        headers = {name: (value or b"").decode() for name, value in sent_on(received)}
        return KafkaResponse(
            reversed_value(message.body, received), headers=headers, key=message.raw_message.key()
        )

    asyncio.run(FastStream(broker).run())


if __name__ == "__main__":
    main()
