"""Input topics that do not exist.

With some protocols the client does not report a topic that was deleted.
"""

import logging
import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from time import monotonic

from confluent_kafka import Consumer, KafkaException

from connectors.cluster.clients import UNKNOWN_TOPIC

log = logging.getLogger("processor.group")

REFRESH_S = 4.0  # between two requests; the client itself sees a new topic sooner
TIMEOUT_S = 0.5  # of one request
RETRY_S = 20.0  # after a request without an answer, because records wait during each request


class MissingTopics:
    """Asks brokers for the topics of which the consumer has no partition. On the task's thread."""

    def __init__(self, topics: Sequence[str], *, are_patterns: bool) -> None:
        """Prepare; no broker is asked yet.

        Args:
            topics: Names, or regular expressions, that the consumer subscribes to.
            are_patterns: Whether `topics` are regular expressions.
        """
        self._topics = topics
        self._patterns = _compile(topics) if are_patterns else []
        self._due_at = 0.0
        self._found = ""

    def find(self, consumer: Consumer, read: AbstractSet[str]) -> str:
        """Return which topic is missing, or "". Blocks TIMEOUT_S at most, so not from a callback.

        Args:
            consumer: Any consumer of the cluster.
            read: Topics of which the consumer has partitions that exist.
        """
        doubted = [topic for topic in self._topics if topic not in read]
        if not doubted or (self._patterns and read):
            self._found, self._due_at = "", 0.0
        elif monotonic() >= self._due_at:
            try:
                self._found = self._ask(consumer, doubted)
                self._due_at = monotonic() + REFRESH_S
            except KafkaException as error:
                log.debug("the topics are unknown: %s", error.args[0].str())
                self._due_at = monotonic() + RETRY_S
        return self._found

    def _ask(self, consumer: Consumer, doubted: Sequence[str]) -> str:
        if self._patterns:
            names = consumer.list_topics(timeout=TIMEOUT_S).topics
            exists = any(each.search(name) for each in self._patterns for name in names)
            return "" if exists else f"no topic matches {', '.join(doubted)}"
        for topic in doubted:
            error = consumer.list_topics(topic, timeout=TIMEOUT_S).topics[topic].error
            if error and error.code() in UNKNOWN_TOPIC:
                return f"the topic {topic} does not exist"
        return ""


def _compile(patterns: Sequence[str]) -> list[re.Pattern[str]]:
    """Compile the patterns.

    If Python lacks a part of their syntax, one pattern matches every name.
    """
    try:
        return [re.compile("" if "[[:" in each else each) for each in patterns]
    except re.error:
        return [re.compile("")]
