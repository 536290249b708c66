"""Start offsets as the settings ask for them."""

import logging
from collections.abc import Callable, Mapping

from confluent_kafka import OFFSET_BEGINNING, OFFSET_END

from config import Settings
from config.kafka.java_property import Config
from connectors.commit.offset_tracker import OffsetTracker
from connectors.consume.starts.start_offsets import StartOffsets

log = logging.getLogger("processor.start-offsets")


def client_properties(properties: Config) -> Config:
    """Return properties with which librdkafka never jumps to the end of a partition by itself.

    librdkafka would also jump if the wanted records are deleted, and lose all before the end.
    StartOffsets looks up the ends.

    Args:
        properties: The consumer's configuration.
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
    """Make the StartOffsets that the settings ask for.

    Args:
        settings: Has reset-offsets.
        properties: The consumer's, with auto.offset.reset.
        tracker: Knows to which topic an offset belongs.
        ask_topic_id: Asks a broker for the id of a topic; None if no broker answers.
    """
    reset = str(properties["auto.offset.reset"])
    offset = (
        {"earliest": OFFSET_BEGINNING, "latest": OFFSET_END}.get(reset)
        if settings.reset_offsets
        else None
    )
    if settings.reset_offsets and offset is None:
        log.warning("reset-offsets has no effect: auto.offset.reset is neither earliest nor latest")
    return StartOffsets(tracker, offset, at_end=reset == "latest", ask_topic_id=ask_topic_id)
