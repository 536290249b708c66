"""Distinguishes an outage from a client that hangs, while the main thread is in a client call.

Such a call can last as long as the outage: send_offsets_to_transaction once blocked for more than
120 s. Only a call that hangs while a broker answers is a reason to restart the process.
"""

import logging
import threading
import time
from collections.abc import Callable

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

import config.librdkafka.client_config
from config import Settings
from config.errors import SettingsError
from runtime.lifecycle import Lifecycle

LONGEST_PAUSE_S = 5.0  # between two requests, and for an answer
_PAUSES = 4  # at least so many within python-processor.client-call-timeout
_silent = logging.getLogger("librdkafka.outage")
_silent.disabled = True  # the task's clients log the same


def start(settings: Settings, lifecycle: Lifecycle) -> None:
    """Start the thread that watches until the process ends.

    Args:
        settings: Where the brokers are, and how long a client call may take.
        lifecycle: Knows of the present call, and learns of silent brokers.
    """
    pause = min(LONGEST_PAUSE_S, settings.client_call_timeout / _PAUSES)

    def watch() -> None:
        while True:
            time.sleep(pause)
            look(lifecycle, pause, lambda: _answers(settings, pause))

    threading.Thread(target=watch, name="outages", daemon=True).start()


def look(lifecycle: Lifecycle, longest: float, answers: Callable[[], bool]) -> None:
    """Excuse a long client call while no broker answers.

    Args:
        lifecycle: Has the present call.
        longest: Seconds after which a call is long.
        answers: Asks whether any broker answers.
    """
    if lifecycle.long_call(longest) and not answers():
        lifecycle.excuse_call()


def _answers(settings: Settings, timeout: float) -> bool:
    """Whether a broker describes the cluster in time.

    The client is a new one each time: it cannot hang, and it uses a renewed certificate.
    """
    try:
        client = AdminClient(config.librdkafka.client_config.admin_config(settings), logger=_silent)
        client.describe_cluster(request_timeout=timeout).result(timeout)
    except (KafkaException, SettingsError, TimeoutError):
        return False
    return True
