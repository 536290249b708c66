"""Real statistics of librdkafka 2.16, consumer and producer, cut to the fields that are read."""

import json
from pathlib import Path
from typing import Any

_FIXTURE = Path(__file__).parents[1] / "fixtures" / "statistics.json"


def document(kind: str) -> Any:
    """A fresh document of a "consumer" or a "producer".

    The consumer has read 1000 records of topic `in` and committed 500; the producer has sent
    1000.
    """
    return json.loads(_FIXTURE.read_text())[kind]


def with_broker(state: str) -> str:
    """A consumer's statistics with its brokers in that state, as librdkafka hands them over."""
    found = document("consumer")
    for broker in found["brokers"].values():
        broker["state"] = state
    return json.dumps(found)
