"""The http source and the log sink: threads between HTTP, Kafka and the terminal."""

import logging
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import waitress  # type: ignore[import-untyped]  # it has no type hints
from confluent_kafka import Consumer, KafkaError, Message, Producer

from local import http_source, log_sink
from local.deployment import STREAM

FLUSH_TIMEOUT_S = 5

# Silent: the processor reports that a broker is away.
CLIENT = {"log_level": 0}
# A group of its own, so that the processor's is never rebalanced for it. Topics may be made after
# it has subscribed; look each second.
CONSUMER = {
    "group.id": f"{STREAM}.log",
    "auto.offset.reset": "earliest",
    "topic.metadata.refresh.interval.ms": 1000,
    "fetch.wait.max.ms": 20,
}


@contextmanager
def http_and_log(
    listener: socket.socket,
    brokers: str,
    source: str,
    sink: str,
    dead_letter_topic: str | None = None,
) -> Iterator[None]:
    """Write input of `listener` to topic `source`, print topic `sink` and dead letters.

    At the end, print the remaining records.
    """
    client = CLIENT | {"bootstrap.servers": brokers}
    producer = Producer(client | {"on_delivery": _tell_failure})
    consumer = Consumer(client | CONSUMER)
    consumer.subscribe([sink, dead_letter_topic] if dead_letter_topic else [sink])
    stopping = threading.Event()
    log = threading.Thread(
        target=log_sink.run, args=(consumer, stopping, dead_letter_topic), name="log"
    )

    def publish(value: bytes, headers: http_source.Headers) -> None:
        producer.produce(source, value, headers=headers)
        producer.poll(0)

    # It warns when a request has to wait a moment.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    # One keeps the order of the requests.
    server = waitress.create_server(http_source.app(publish), sockets=[listener], threads=1)
    http = threading.Thread(target=server.run, name="http", daemon=True)
    log.start()
    http.start()
    try:
        yield
    finally:
        server.close()
        producer.flush(FLUSH_TIMEOUT_S)
        stopping.set()
        log.join()


def _tell_failure(error: KafkaError | None, _: Message) -> None:
    if error:
        print(f"http source: a record was not delivered: {error.str()}", file=sys.stderr)
