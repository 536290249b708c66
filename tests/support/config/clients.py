"""Client properties that settings come to."""

import config
from config.kafka.java_property import Config
from config.librdkafka import client_config

BINDER = "--spring.cloud.stream.kafka.binder"
INPUT = "--spring.cloud.stream.kafka.bindings.input.consumer"
OUTPUT = "--spring.cloud.stream.kafka.bindings.output.producer"
GROUP = "--spring.cloud.stream.bindings.input.group=g"
QUIET = {"log_level": 0}  # these clients never find a broker, and need not say so


def consumer(*argv: str) -> Config:
    return client_config.consumer_config(config.load(argv, {}))


def producer(*argv: str) -> Config:
    return client_config.producer_config(config.load(argv, {}))


def warnings(*argv: str) -> tuple[str, ...]:
    return config.load(argv, {}).warnings
