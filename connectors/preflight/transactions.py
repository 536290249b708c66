"""--check: whether the brokers accept a transactional producer. Nothing is produced."""

import logging

from confluent_kafka import KafkaError, KafkaException, Producer

import config.librdkafka.client_config
from config import Settings

TIMEOUT_S = 10.0  # a new cluster makes the topic of the coordinator first
_silent = logging.getLogger("librdkafka.check.transactions")
_silent.disabled = True  # what librdkafka has to say is in our lines


def try_transactional_id(settings: Settings, name: str) -> KafkaError | None:
    """Register a producer; the error if that fails. Blocks for TIMEOUT_S seconds at most.

    Args:
        settings: Those of the start.
        name: An id that no process has: a process with the same id would be fenced.

    """
    properties = config.librdkafka.client_config.producer_config(settings) | {
        "transactional.id": name
    }
    try:
        Producer(properties, logger=_silent).init_transactions(TIMEOUT_S)
    except KafkaException as error:
        return error.args[0]  # type: ignore[no-any-return]  # always a KafkaError
    return None
