"""A Kafka broker in its own process: the mock cluster of librdkafka.

It listens on loopback and keeps about the last 5 MB of each partition in memory. It has no admin
API. As a program it creates the given topics and prints host:port. It ends when its standard input
ends, so it never outlives its parent.
"""

import ctypes
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from confluent_kafka import cimpl

PRODUCER = 0  # rd_kafka_type_t
NO_ERROR_TEXT = None, ctypes.c_size_t(0)


class Pointer(ctypes.c_void_p):
    """The return type of librdkafka's constructors. ctypes cuts a plain c_void_p to 32 bits."""


@contextmanager
def embedded(topics: Sequence[str]) -> Iterator[str]:
    """Run a broker with these topics, of one partition each. Yields its host:port.

    Args:
        topics: The topics to create.

    Raises:
        RuntimeError: The broker did not start.
    """
    command = [sys.executable, "-m", "local.broker", *topics]
    with subprocess.Popen(  # noqa: S603  our own program
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as child:
        if child.stdout is None or not (address := child.stdout.readline().strip()):
            raise RuntimeError("the embedded broker did not start")
        yield address


def start(topics: Sequence[str]) -> str:
    """Start the cluster for the life of this process. Return its host:port."""
    # The client's extension module contains librdkafka's functions.
    kafka = ctypes.CDLL(cimpl.__file__)
    for constructor in (
        kafka.rd_kafka_conf_new,
        kafka.rd_kafka_new,
        kafka.rd_kafka_mock_cluster_new,
    ):
        constructor.restype = Pointer
    kafka.rd_kafka_mock_cluster_bootstraps.restype = ctypes.c_char_p

    configuration = kafka.rd_kafka_conf_new()
    # The client would warn that it has no brokers.
    kafka.rd_kafka_conf_set(configuration, b"log_level", b"0", *NO_ERROR_TEXT)
    client = kafka.rd_kafka_new(PRODUCER, configuration, *NO_ERROR_TEXT)
    cluster = kafka.rd_kafka_mock_cluster_new(client, 1)
    # Groups have one member, so none waits for others.
    kafka.rd_kafka_mock_group_initial_rebalance_delay_ms(cluster, 0)
    for topic in topics:
        kafka.rd_kafka_mock_topic_create(cluster, topic.encode(), 1, 1)  # partitions, replicas
    address: bytes = kafka.rd_kafka_mock_cluster_bootstraps(cluster)
    return address.decode()


if __name__ == "__main__":
    print(start(sys.argv[1:]), flush=True)
    sys.stdin.read()
