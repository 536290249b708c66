"""A Kafka broker that needs nothing but the Kafka client's own library: librdkafka's mock cluster, in a process of its own.

It listens on loopback for every process, keeps about the last 5 MB of each partition in memory, and has no admin API.
As a program it creates the topics it is given, prints host:port, and ends when its standard input does, so it never outlives its parent.
"""

import ctypes
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from confluent_kafka import cimpl

PRODUCER = 0  # rd_kafka_type_t


@contextmanager
def embedded(topics: Sequence[str]) -> Iterator[str]:
    """A broker with these topics, of one partition each; yields its host:port."""
    command = [sys.executable, "-m", "local.broker", *topics]
    with subprocess.Popen(  # noqa: S603  our own program
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as child:
        if child.stdout is None or not (address := child.stdout.readline().strip()):
            raise RuntimeError("the embedded broker did not start")
        yield address


def start(topics: Sequence[str]) -> str:
    """Start the cluster inside this process, for as long as it lives; returns its host:port."""
    kafka = ctypes.CDLL(cimpl.__file__)  # the client's extension module brings librdkafka's functions along
    kafka.rd_kafka_conf_new.restype = ctypes.c_void_p
    kafka.rd_kafka_conf_set.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_size_t]
    kafka.rd_kafka_new.restype = ctypes.c_void_p
    kafka.rd_kafka_new.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t]
    kafka.rd_kafka_mock_cluster_new.restype = ctypes.c_void_p
    kafka.rd_kafka_mock_cluster_new.argtypes = [ctypes.c_void_p, ctypes.c_int]
    kafka.rd_kafka_mock_topic_create.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, ctypes.c_int]
    kafka.rd_kafka_mock_group_initial_rebalance_delay_ms.argtypes = [ctypes.c_void_p, ctypes.c_int32]
    kafka.rd_kafka_mock_cluster_bootstraps.restype = ctypes.c_char_p
    kafka.rd_kafka_mock_cluster_bootstraps.argtypes = [ctypes.c_void_p]

    configuration = kafka.rd_kafka_conf_new()
    kafka.rd_kafka_conf_set(configuration, b"log_level", b"0", None, 0)  # it would warn that it has no brokers itself
    cluster = kafka.rd_kafka_mock_cluster_new(kafka.rd_kafka_new(PRODUCER, configuration, None, 0), 1)
    kafka.rd_kafka_mock_group_initial_rebalance_delay_ms(cluster, 0)  # nobody else will join: no need to wait for them
    for topic in topics:
        kafka.rd_kafka_mock_topic_create(cluster, topic.encode(), 1, 1)
    address: bytes = kafka.rd_kafka_mock_cluster_bootstraps(cluster)
    return address.decode()


if __name__ == "__main__":
    print(start(sys.argv[1:]), flush=True)
    sys.stdin.read()
