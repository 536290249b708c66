"""The http source and the log sink: threads between HTTP, Kafka, the page and the terminal."""

import logging
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import waitress  # type: ignore[import-untyped]  # waitress has no type hints
from confluent_kafka import Consumer, KafkaError, Message, Producer

from local import http_source, log_sink, web_page
from local.deployment import STREAM
from local.results import POST_HEADER, Results, post_of

FLUSH_TIMEOUT_S = 5

# Silent, as the processor reports that a broker is away.
CLIENT = {"log_level": 0}
# A group of its own, so that the processor's group is not rebalanced. Topics may be created after
# the subscription, so metadata is refreshed each second.
CONSUMER = {
    "group.id": f"{STREAM}.log",
    "auto.offset.reset": "earliest",
    "topic.metadata.refresh.interval.ms": 1000,
    "fetch.wait.max.ms": 20,
}


@dataclass(frozen=True)
class Topics:
    """The topics of the stream, as the three apps name them."""

    source: str
    sink: str
    dead_letters: str | None = None

    @property
    def names(self) -> list[str]:
        """All topics."""
        return [self.source, self.sink, *filter(None, [self.dead_letters])]


@contextmanager
def http_and_log(
    listener: socket.socket, brokers: str, topics: Topics, page: web_page.Page
) -> Iterator[None]:
    """Write the listener's input to the source's topic. Print the sink's topic and dead letters.

    At the end the remaining records are printed.

    Args:
        listener: A listening socket.
        brokers: The brokers, host:port.
        topics: The topics of the stream.
        page: The page to serve.
    """
    client = CLIENT | {"bootstrap.servers": brokers}
    producer, consumer = Producer(client), Consumer(client | CONSUMER)
    consumer.subscribe(topics.names[1:])
    stopping = threading.Event()
    results = page.results

    def show(message: Message) -> None:
        if message.topic() == topics.dead_letters:
            show_dead_letter(message, results)
        else:
            show_output(message, results)

    def publish(value: bytes, headers: http_source.Headers) -> None:
        post = results.add_post(value)

        def report(error: KafkaError | None, _: Message) -> None:
            if error:
                print(f"http source: a record was not delivered: {error.str()}", file=sys.stderr)
                results.fail_delivery(post, error.str())

        producer.produce(
            topics.source, value, headers=[*headers, (POST_HEADER, post)], on_delivery=report
        )

    # waitress warns when a request has to wait a moment.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    source = http_source.app(publish)
    web_page.add(source, page)
    # One thread keeps the order of the requests.
    server = waitress.create_server(source, sockets=[listener], threads=1)
    log = threading.Thread(
        target=log_sink.run, args=(consumer, producer, stopping, show), name="log"
    )
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


def show_output(message: Message, results: Results) -> None:
    """Print a line of the log, and add the text to the page."""
    print(log_sink.line(message), flush=True)
    post, text = None, ""
    try:
        headers = log_sink.read_headers(message)
        post = post_of(headers)
        text = log_sink.printed(message.value(), headers)
    except log_sink.Unprintable as reason:
        text = f"(the log sink fails: {reason})"
    results.add_output(post, text)


def show_dead_letter(message: Message, results: Results) -> None:
    """Print a line for a dead letter, and add it to the page."""
    print(log_sink.dead_letter_line(message), flush=True)
    try:
        headers = log_sink.read_headers(message)
        post, reason = post_of(headers), log_sink.exception_of(dict(headers))
    except log_sink.Unprintable as error:
        post, reason = None, str(error)
    results.add_dead_letter(post, message.value(), reason)
