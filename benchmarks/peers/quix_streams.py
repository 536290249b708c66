"""Quix Streams: at least once, its own header forwarding."""

from collections.abc import Callable

from quixstreams import Application  # type: ignore[import-not-found]  # peers have an environment of their own

from benchmarks.rig.job import COMMIT_SECONDS, Job, Received, reversed_value

# Set by Application.
OWN = {
    "bootstrap.servers",
    "group.id",
    "auto.offset.reset",
    "enable.auto.commit",
    "enable.auto.offset.store",
}


def run(function: Callable[[bytes, Received | None], bytes]) -> None:
    """Copy the topic; the function gets the value and the headers of each record."""
    job = Job.of_argument()
    application = Application(
        job.bootstrap,
        consumer_group=job.group,
        auto_offset_reset="earliest",
        commit_interval=COMMIT_SECONDS,
        consumer_extra_config={
            name: value for name, value in job.consumer.items() if name not in OWN
        },
        producer_extra_config={
            name: value for name, value in job.producer.items() if name not in OWN
        },
        auto_create_topics=False,
        loglevel="WARNING",
    )
    source = application.topic(job.source, key_deserializer="bytes", value_deserializer="bytes")
    target = application.topic(job.target, key_serializer="bytes", value_serializer="bytes")
    frame = application.dataframe(source)
    frame.apply(
        lambda value, _key, _timestamp, headers: function(value, headers), metadata=True
    ).to_topic(target)
    application.run()


if __name__ == "__main__":
    run(reversed_value)
