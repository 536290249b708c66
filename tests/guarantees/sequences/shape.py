"""What a sequence varies before it starts."""

import random
from dataclasses import dataclass

from tests.support.settings import EXACTLY_ONCE, MODES, PROTOCOLS

START_MODES = ("earliest", "latest", "anonymous", "fixed", "pattern")
_BINDINGS = "spring.cloud.stream.bindings.input"
_CONSUMER = "spring.cloud.stream.kafka.bindings.input.consumer"
_BINDER = "spring.cloud.stream.kafka.binder"


@dataclass(frozen=True)
class Shape:
    """What a sequence varies before it starts."""

    mode: str
    protocol: str
    start: str
    processes: int
    small_queue: bool

    @classmethod
    def choose(cls, rng: random.Random) -> "Shape":
        start = rng.choice(START_MODES)
        processes = 1 if start == "anonymous" else rng.choice((1, 2))
        return cls(
            rng.choice(list(MODES)),
            rng.choice(list(PROTOCOLS)),
            start,
            processes,
            rng.random() < 0.25,
        )

    def __str__(self) -> str:
        queue = ", small queue" if self.small_queue else ""
        return f"{self.mode}, {self.protocol}, {self.start}, {self.processes} process(es){queue}"

    def settings(self, index: int, source: str, group: str) -> dict[str, str]:
        """Return the settings of process `index` of the group on the topic `source`."""
        settings = PROTOCOLS[self.protocol] | {
            "management.endpoints.web.exposure.include": "*",
            "spring.cloud.stream.instanceIndex": f"{index}",
            "spring.cloud.stream.bindings.input.consumer.back-off-initial-interval": "300",
            f"{_BINDER}.consumer-properties.metadata.max.age.ms": "1000",
        }
        if self.mode == "exactly-once":
            settings |= EXACTLY_ONCE | {f"{_BINDER}.transaction.transaction-id-prefix": f"{group}-"}
            settings[f"{_BINDER}.producer-properties.transaction.timeout.ms"] = "10000"
        match self.start:
            case "latest":
                settings[f"{_CONSUMER}.start-offset"] = "latest"
            case "anonymous":
                settings[f"{_BINDINGS}.group"] = ""
            case "fixed":
                settings[f"{_CONSUMER}.auto-rebalance-enabled"] = "false"
                settings["spring.cloud.stream.instance-count"] = f"{self.processes}"
            case "pattern":
                settings[f"{_CONSUMER}.destination-is-pattern"] = "true"
                settings[f"{_BINDINGS}.destination"] = source.replace(".", "[.]")
        if self.small_queue:
            settings[f"{_BINDER}.producer-properties.buffer.memory"] = "16384"
            settings[f"{_BINDER}.producer-properties.batch.size"] = "2048"
            settings[f"{_BINDER}.producer-properties.linger.ms"] = "50"
        return settings
