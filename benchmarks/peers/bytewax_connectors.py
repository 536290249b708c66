"""Bytewax's own Kafka connectors: no group, no commits, failed deliveries ignored."""

import bytewax.operators as op
from bytewax.connectors.kafka import KafkaSink, KafkaSinkMessage, KafkaSource, KafkaSourceMessage
from bytewax.dataflow import Dataflow
from bytewax.run import cli_main

from benchmarks.rig.job import Job, reversed_value, sent_on

BATCH = 1000
# Set by the connectors themselves.
OWN = {"enable.auto.commit", "group.id", "auto.offset.reset", "bootstrap.servers"}


def flow(job: Job) -> Dataflow:
    consumer = {name: value for name, value in job.consumer.items() if name not in OWN}
    producer = {name: value for name, value in job.producer.items() if name not in OWN}
    dataflow = Dataflow("bytewax-connectors")
    source = KafkaSource([job.bootstrap], [job.source], batch_size=BATCH, add_config=consumer)  # type: ignore[arg-type]  # numbers too
    messages = op.input("input", dataflow, source)
    reversed_ = op.map("reverse", messages, turned)
    op.output("output", reversed_, KafkaSink([job.bootstrap], job.target, add_config=producer))  # type: ignore[arg-type]  # the same
    return dataflow


def turned(message: object) -> KafkaSinkMessage[bytes | None, bytes]:
    if not isinstance(message, KafkaSourceMessage):
        raise TypeError(message)  # an error of the source
    return KafkaSinkMessage(
        message.key,
        reversed_value(message.value, message.headers),
        headers=sent_on(message.headers),
    )


if __name__ == "__main__":
    cli_main(flow(Job.of_argument()))  # type: ignore[no-untyped-call]  # Bytewax's is untyped
