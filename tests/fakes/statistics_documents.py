"""Real statistics of a consumer and a producer of librdkafka 2.16, shortened to what is read of
them.
"""

import json
from pathlib import Path
from typing import Any

_FIXTURE = Path(__file__).parents[1] / "fixtures" / "statistics.json"


def document(kind: str) -> Any:
    """A fresh one of a "consumer" (1000 records read, 500 of them committed, of topic `in`) or a
    "producer" (1000 sent to it).
    """
    return json.loads(_FIXTURE.read_text())[kind]


def with_broker(state: str) -> str:
    """A consumer's statistics with its brokers in that state, as librdkafka hands them over."""
    found = document("consumer")
    for broker in found["brokers"].values():
        broker["state"] = state
    return json.dumps(found)
