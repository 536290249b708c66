"""Where reading starts, as the settings say."""

import logging
from collections.abc import Callable, Mapping

from confluent_kafka import OFFSET_BEGINNING, OFFSET_END

from config import Settings
from config.kafka.java_property import Config
from connectors.commit.offset_tracker import OffsetTracker
from connectors.consume.starts.start_offsets import StartOffsets

log = logging.getLogger("processor.start-offsets")


def client_properties(properties: Config) -> Config:
    """The consumer's, for librdkafka: it never jumps to an end. Records before that would be lost,
    where those it wants are deleted.

    Beginnings finds the ends.
    """
    return (
        properties | {"auto.offset.reset": "earliest"}
        if properties["auto.offset.reset"] == "latest"
        else properties
    )


def start_offsets(
    settings: Settings,
    properties: Mapping[str, object],
    tracker: OffsetTracker,
    ask_topic_id: Callable[[str], str | None],
) -> StartOffsets:
    """As the settings and the consumer's properties say."""
    reset = str(properties["auto.offset.reset"])
    offset = (
        {"earliest": OFFSET_BEGINNING, "latest": OFFSET_END}.get(reset)
        if settings.reset_offsets
        else None
    )
    if settings.reset_offsets and offset is None:
        log.warning("reset-offsets has no effect: auto.offset.reset is neither earliest nor latest")
    return StartOffsets(tracker, offset, at_end=reset == "latest", ask_topic_id=ask_topic_id)
