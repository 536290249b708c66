"""Makes the Kafka clients of a task, with callbacks, and with librdkafka's log lines in our log."""

import logging
from collections.abc import Callable
from typing import Any, TypeVar

from confluent_kafka import (
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    Producer,
    TopicCollection,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient

import config.librdkafka.client_config
from config import Settings
from config.errors import SettingsError
from config.kafka.java_property import Config
from connectors.cluster.broker_status import BrokerStatus
from connectors.cluster.callback_guard import GuardedConsumer, GuardedProducer
from connectors.cluster.topic_ids import OnTopicId, TopicIdLogger, read_topic_ids
from connectors.errors.client_exceptions import ClientError, TopicDeletedError

Client = TypeVar("Client")

# librdkafka's log lines. runtime.logs.console suppresses repeated ones.
_log = logging.getLogger("librdkafka")

# The statistics feed the metrics. They show which brokers are connected, which is the only sign
# that a broker is back.
STATISTICS_INTERVAL_MS = 1000
LEADER_QUERY_TIMEOUT_S = 2.0  # for one answer about leaders
UNKNOWN_TOPIC = {KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError._UNKNOWN_TOPIC}


def make_consumer(
    properties: Config,
    brokers: BrokerStatus,
    on_commit: Callable[[KafkaError | None, list[TopicPartition]], None],
    on_topic_id: OnTopicId,
) -> Consumer:
    """Make a consumer. It belongs to no group until it subscribes.

    Args:
        properties: librdkafka's configuration.
        brokers: Gets errors of connections and statistics.
        on_commit: Gets the answers to asynchronous commits.
        on_topic_id: Called with a topic, its new id, and whether there was another id before.
            Called inside poll() and consume(), before a record of the new topic is read.

    Raises:
        ClientError: librdkafka refuses the properties.
    """
    callbacks = {
        "on_commit": on_commit,
        "stats_cb": brokers.on_statistics,
        "statistics.interval.ms": STATISTICS_INTERVAL_MS,
    }
    properties, logger = read_topic_ids(properties, _log, on_topic_id)
    return _made(GuardedConsumer, properties | callbacks, brokers, logger)


def make_producer(
    properties: Config,
    brokers: BrokerStatus,
    on_delivery: Callable[[KafkaError | None, Message], None],
    on_statistics: Callable[[str], None],
) -> Producer:
    """Make a producer.

    Args:
        properties: librdkafka's configuration.
        brokers: Gets errors of connections.
        on_delivery: Gets failed deliveries, inside poll() and flush().
        on_statistics: Gets the client's statistics as JSON.

    Raises:
        ClientError: librdkafka refuses the properties.
    """
    callbacks = {
        "on_delivery": on_delivery,
        "stats_cb": on_statistics,
        "statistics.interval.ms": STATISTICS_INTERVAL_MS,
    }
    return _made(GuardedProducer, properties | callbacks, brokers)


def make_admin(settings: Settings, brokers: BrokerStatus) -> AdminClient:
    """Make an admin client for one request.

    Args:
        settings: The settings.
        brokers: Gets errors of connections.

    Raises:
        ClientError: librdkafka refuses the properties.
        SettingsError: A key or trust store has changed and cannot be read.
    """
    return _made(AdminClient, config.librdkafka.client_config.admin_config(settings), brokers)


def fetch_leaders(client: Consumer | Producer, topic: str) -> dict[int, int]:
    """Return the leader of each partition, below 0 for none.

    Blocks for LEADER_QUERY_TIMEOUT_S at most.

    Args:
        client: Sends the request.
        topic: The topic.

    Raises:
        KafkaException: No broker answers in time.
        TopicDeletedError: The topic does not exist.
    """
    found = client.list_topics(topic, timeout=LEADER_QUERY_TIMEOUT_S).topics[topic]
    if found.error and found.error.code() in UNKNOWN_TOPIC:
        raise TopicDeletedError(topic)
    return {number: partition.leader for number, partition in found.partitions.items()}


def fetch_topic_id(settings: Settings, brokers: BrokerStatus, topic: str) -> str | None:
    """Return the id of a topic, or None without an answer.

    Blocks for LEADER_QUERY_TIMEOUT_S at most.

    Args:
        settings: The settings.
        brokers: Gets errors of connections.
        topic: The topic.
    """
    try:
        admin = make_admin(settings, brokers)  # the request fails once the client is gone
        asked = admin.describe_topics(
            TopicCollection([topic]), request_timeout=LEADER_QUERY_TIMEOUT_S
        )
        return str(asked[topic].result(LEADER_QUERY_TIMEOUT_S).topic_id)
    # A store may be half written.
    except (ClientError, KafkaException, SettingsError, TimeoutError) as error:
        _log.debug("the id of the topic %s is unknown: %s", topic, type(error).__name__)
        return None


def _made(
    kind: Callable[..., Client],
    properties: dict[str, Any],
    brokers: BrokerStatus,
    logger: logging.Logger | TopicIdLogger = _log,
) -> Client:
    try:
        return kind(properties | {"error_cb": brokers.on_error}, logger=logger)
    except KafkaException as error:
        raise ClientError(error.args[0]) from error
