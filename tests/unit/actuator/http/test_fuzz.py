"""Whatever a client sends, the answer is never a 500."""

from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actuator.http.responses import JSON, V2, V3
from tests.fakes.actuator.actuator_app import App

SEGMENTS = st.text(max_size=8) | st.sampled_from(
    [
        "health",
        "bindings",
        "info",
        "env",
        "configprops",
        "loggers",
        "threaddump",
        "metrics",
        "prometheus",
        "python.processor.records",
        "liveness",
        "binders",
        "kafka",
        "input",
        "shutdown",
    ]
)
PATHS = st.tuples(st.sampled_from(["/actuator/", "/"]), st.lists(SEGMENTS, max_size=4)).map(
    lambda parts: parts[0] + "/".join(parts[1])
)
HEADER = st.text(
    st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=40
)
TYPES = (
    st.sampled_from(
        [JSON, V2, V3, "*/*", "text/html", "text/plain;q=0.5", "*", "/", ";q=", "a/b;q=x", ""]
    )
    | HEADER
)
BODIES = st.binary(max_size=64) | st.sampled_from(
    [b"{}", b"[]", b"null", b'{"configuredLevel":1}', b'{"state":1e999}']
)


@pytest.fixture(scope="module")
def app() -> App:
    """Made now: a task that has published nothing for minutes is reported as stuck."""
    return App(exposure_include=("*",), health_show_details="always", env_show_values="always")


REQUESTS = st.fixed_dictionaries(
    {
        "method": st.sampled_from(
            ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "NONSENSE"]
        ),
        # the client takes what follows // for a host
        "path": PATHS.map(lambda path: "/" + quote(path.lstrip("/"))),
        "query_string": st.dictionaries(
            st.sampled_from(["pattern", "tag", "includedNames", "x"]),
            st.text(max_size=20),
            max_size=2,
        ),
        "headers": st.fixed_dictionaries(
            {"Accept": TYPES, "Content-Type": TYPES, "Authorization": HEADER}
        ),
        "data": BODIES,
    }
)


@given(request=REQUESTS)
def test_any_request_gets_answer(app: App, request: dict[str, Any]) -> None:
    assert app.client.open(**request).status_code < 500


@pytest.mark.long
@settings(max_examples=10_000)
@given(request=REQUESTS)
def test_ten_thousand_requests_are_answered(app: App, request: dict[str, Any]) -> None:
    assert app.client.open(**request).status_code < 500
