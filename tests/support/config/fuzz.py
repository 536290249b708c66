"""Names and values of any kind, and a load that checks what comes of them."""

import logging

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

import config
from config import Settings
from config.errors import SettingsError
from config.librdkafka import client_config
from config.report import changed_lines, lines, warning_lines
from runtime.logs.console import SpringFormatter
from runtime.logs.json_formats import FORMATTERS
from tests.support.config.names import NAMES, WORDS

SECRET = "s3cr3t-Pa55"  # noqa: S105 - what must not appear anywhere


BINDER = "spring.cloud.stream.kafka.binder"


# One empty folder serves all examples, and no time is asserted.
SOME_FILES = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


name = (
    st.sampled_from(NAMES)
    | st.text(max_size=30)
    | st.builds("{}.{}".format, st.sampled_from(NAMES), st.text(max_size=10))
)


value = st.sampled_from(WORDS) | st.text(max_size=30) | st.text("${}:ab.", max_size=20)


pairs = st.dictionaries(name, value, max_size=6)


documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | value,
    lambda node: st.lists(node) | st.dictionaries(name, node),
    max_leaves=8,
)


def load(argv: list[str], environ: dict[str, str]) -> Settings | None:
    """The settings, or None after a line fit for the user."""
    try:
        loaded = config.load(argv, environ)
    except SettingsError as error:
        assert str(error).isprintable()  # noqa: PT017 - any error of ours will do, as long as it is one line
        assert SECRET not in str(error)  # noqa: PT017
        return None
    said = [
        repr(loaded),
        *lines(loaded),
        *warning_lines(loaded),
        *changed_lines(loaded),
        *loaded.warnings,
        *loaded.notices,
    ]
    assert SECRET not in "\n".join(said)
    record = logging.LogRecord("x", logging.INFO, "", 0, "hello", (), None)
    for formatter in (
        SpringFormatter(loaded.application_name),
        FORMATTERS["ecs"](loaded.application_name, loaded.metric_tags),
    ):
        assert "\n" not in formatter.format(record)
    for java in (
        client_config.consumer_config(loaded),
        client_config.producer_config(loaded),
        client_config.admin_config(loaded),
    ):
        assert all(isinstance(each, str | int | float | bool) for each in java.values())
    assert all(line.isprintable() for line in lines(loaded))
    return loaded
