"""--check: tries whether the brokers accept a transactional producer. Nothing is produced."""

import logging

from confluent_kafka import KafkaError, KafkaException, Producer

import config.librdkafka.client_config
from config import Settings

TIMEOUT_S = 10.0  # a new cluster first creates the coordinator's topic
_silent = logging.getLogger("librdkafka.check.transactions")
_silent.disabled = True  # the check prints librdkafka's errors itself


def try_transactional_id(settings: Settings, name: str) -> KafkaError | None:
    """Register a producer. Return the error if that fails. Blocks TIMEOUT_S seconds at most.

    Args:
        settings: The settings of the start.
        name: An id that no process uses. A process with this id would be fenced.
    """
    properties = config.librdkafka.client_config.producer_config(settings) | {
        "transactional.id": name
    }
    try:
        Producer(properties, logger=_silent).init_transactions(TIMEOUT_S)
    except KafkaException as error:
        return error.args[0]  # type: ignore[no-any-return]  # always a KafkaError
    return None
