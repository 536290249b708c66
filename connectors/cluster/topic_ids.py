"""Topic ids as a consumer learns them.

A new id is the only sign that a topic was deleted and created again under the same name.

librdkafka 2.16 fetches by topic id. It reads the new topic from the former topic's offset. A
comment in its source mentions the missing offset reset. Only a debug line reports a new id. That
line is queued before the new id is used, with a higher priority than records. So it arrives before
the first record of the new topic.
"""

import logging
import re
from collections.abc import Callable

from config.kafka.java_property import Config

# The line is in the contexts "topic" and "metadata". In the context "topic" the client also logs
# while it locks the queue of its log lines. Then poll() and the client's own thread can hang.
_CONTEXT = "metadata"
_EVERY_LEVEL = 7
_CHANGED = re.compile(r"Topic (\S+) changed id from (\S+) to (\S+)$")
_NO_ID = "A" * 22  # a UUID of zeros in base64: the client had no id

OnTopicId = Callable[[str, str, bool], None]


class TopicIdLogger:
    """A logger for confluent_kafka. The client calls log() inside poll() and consume()."""

    def __init__(
        self,
        logger: logging.Logger,
        on_topic_id: OnTopicId,
        lowest_level: int = logging.INFO,
    ) -> None:
        """Prepare to forward the client's lines.

        Args:
            logger: Gets the lines.
            on_topic_id: Called with a topic, its new id, and whether there was another id before.
            lowest_level: The lowest level of the lines to forward.
        """
        self._logger = logger
        self._on_topic_id = on_topic_id
        self._lowest_level = lowest_level

    def log(self, level: int, template: str, *arguments: str) -> None:
        """Handle one line of the client. Its arguments are facility, client name and text."""
        if level >= self._lowest_level:
            self._logger.log(level, template, *arguments)
        if level < logging.INFO and (changed := _CHANGED.search(arguments[-1])):
            topic, former, topic_id = changed.groups()
            self._on_topic_id(topic, topic_id, former != _NO_ID)


def read_topic_ids(
    properties: Config, logger: logging.Logger, on_topic_id: OnTopicId
) -> tuple[Config, TopicIdLogger]:
    """Return properties and a logger with which a consumer reports changes of topic ids.

    Debug lines are only logged if the user asks for some (`consumer-properties.debug`).

    Args:
        properties: librdkafka's configuration.
        logger: Gets the client's lines.
        on_topic_id: Called with a topic, its new id, and whether there was another id before.
    """
    asked = str(properties.get("debug", ""))
    logs: Config = {
        "debug": f"{asked},{_CONTEXT}" if asked else _CONTEXT,
        "log_level": _EVERY_LEVEL,
    }
    return properties | logs, TopicIdLogger(
        logger, on_topic_id, logging.DEBUG if asked else logging.INFO
    )
