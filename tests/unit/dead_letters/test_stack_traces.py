"""The step's function and the root cause, read from stack traces of Python and Java."""

import pytest

from connectors.functions import exception_text
from connectors.records.columns import RecordColumns
from dead_letters.letters.stack_traces import find_root_cause, find_step
from tests.fakes.messages import batch_of
from tests.support.dead_letters.letters import TRACE

SPRING = """org.springframework.messaging.MessageHandlingException: error occurred in message handler, failedMessage=GenericMessage
\tat org.springframework.integration.support.utils.IntegrationUtils.wrapInHandlingExceptionIfNecessary(IntegrationUtils.java:191)
\tat java.base/java.lang.Thread.run(Thread.java:840)
Caused by: org.example.Wrapped$Inner: see below
\tat org.example.Orders.outer(Orders.java:3)
\t... 21 more
Caused by: java.lang.IllegalArgumentException: not valid text
\tat java.base/java.util.Objects.checkIndex(Objects.java:385)
\tat app//org.example.Orders.price(Orders.java:12)
\tat app//org.example.Orders.lambda$enrich$3(Orders.java:71)
\tat org.springframework.cloud.function.context.catalog.SimpleFunctionRegistry.invoke(SimpleFunctionRegistry.java:1074)
\t... 33 more
"""  # noqa: E501 - lines of a page


def test_python_step_is_outermost() -> None:
    assert find_step(TRACE) == "enrich"


def test_python_chain_ends_with_our_frame() -> None:
    chain = (
        'Traceback (most recent call last):\n  File "/a.py", line 1, in inner\nKeyError: 1\n'
        + exception_text._CAUSE
        + TRACE
    )
    assert find_step(chain) == "enrich"


def test_library_function_is_step() -> None:
    """`map_value("parse", records, json.loads)` has no frame of a user's own."""
    trace = (
        'Traceback (most recent call last):\n  File "/usr/lib/python3.11/json/__init__.py", '
        "line 346, in loads\nValueError: x\n"
    )
    assert find_step(trace) == "loads"


def test_step_of_java_is_outermost() -> None:
    assert find_step(SPRING) == "org.example.Orders.lambda$enrich$3"


def test_root_cause_of_java() -> None:
    assert find_root_cause(SPRING) == "java.lang.IllegalArgumentException"


@pytest.mark.parametrize(
    "trace",
    ["", "no trace", "Caused by: ", "\tat (", "Traceback (most recent call last):\nValueError\n"],
)
def test_unknown_trace_has_no_step(trace: str) -> None:
    assert find_step(trace) == find_root_cause(trace) == ""


def test_real_trace_names_the_step() -> None:
    """The frames that the processor itself writes into a letter."""

    def helper(value: bytes) -> bytes:
        raise ValueError(value)

    def enrich(value: bytes) -> bytes:
        return helper(value)

    traces = []

    def recover(
        _: RecordColumns, _step: str, _message: object, error: BaseException, _again: object
    ) -> None:
        traces.append(exception_text.stack_trace(error))

    batch = batch_of(b"a")
    batch._recover = recover
    batch.map("step", enrich)
    assert [find_step(trace) for trace in traces] == ["enrich"]
