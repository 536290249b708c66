"""Settings that are refused, and the line that says so."""

import pytest

import config
from config.errors import SettingsError

INPUT = "spring.cloud.stream.bindings.input"
KAFKA_INPUT = "spring.cloud.stream.kafka.bindings.input.consumer"
KAFKA_OUTPUT = "spring.cloud.stream.kafka.bindings.output.producer"
BINDER = "spring.cloud.stream.kafka.binder"
SECRET = "hunter2hunter2"  # noqa: S105 - planted


def refusal(*argv: str, **environ: str) -> str:
    with pytest.raises(SettingsError) as caught:
        config.load(argv, environ)
    assert str(caught.value).isprintable()
    return str(caught.value)
