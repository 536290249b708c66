"""The names for a function of your own. docs/your-function.md has examples."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from python_processor.properties import Properties, option
from python_processor.record import Record

if TYPE_CHECKING:
    from connectors.test_kit import Outcome

__all__ = ["Properties", "Record", "option", "run"]


def run(
    function: Callable[..., Any],
    value: Any,
    *,
    key: bytes | str | None = None,
    headers: dict[str, Any] | None = None,
    content_type: str | None = None,
    topic: str = "input",
    session: Any = None,
    **properties: Any,
) -> "Outcome":
    """Give one record to the function, as the processor does, without a broker. For tests.

    Args:
        function: The function under test.
        value: The record's value. Bytes stay as they are, a str is encoded, and any other value is
            written as JSON.
        key: The record's key. A str is encoded as UTF-8.
        headers: The record's headers. Bytes stay as they are. Spring's types are given to str,
            numbers and booleans.
        content_type: The record's contentType. A value that is written as JSON has application/json
            without it.
        topic: The topic of the record.
        session: The parameter `session` of an async function, in place of the module's `setup`.
        properties: Values of the function's own properties, by the names of their fields.

    Returns:
        What is sent: values, keys, headers, and dead letters.

    Raises:
        FunctionRefusedError: No step can call the function. The text is the line of the log.
        SettingsError: A property's value is not allowed, or the function's signature.
    """
    from connectors.test_kit import run as run_one  # noqa: PLC0415 - a function's module is imported without Kafka's client

    given: dict[str, Any] = {"content_type": content_type, "topic": topic, "session": session}
    return run_one(function, value, key=key, headers=headers, **given, properties=properties)
