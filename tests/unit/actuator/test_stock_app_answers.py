"""Every request that was made of real stock apps is made of ours.

Status, media type and shape of the body must be theirs.

The captured apps are the transform processor (servlet) and the http source (WebFlux) on Spring Boot
3.5 and Spring Cloud Stream 4.3, everything exposed. Where the two differ from each other, ours may
be like either. What differs on purpose is listed with its reason.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from runtime.control.status import Counters
from tests.fakes.actuator.actuator_app import App

CAPTURED = Path(__file__).parents[2] / "fixtures" / "actuator"

# Where a difference begins, as a regular expression, and why it is right.
DIFFERENCES = {
    r"GET /actuator/(channels|integrationgraph) ": (
        "they show the beans of Spring Integration, which have no counterpart here"
    ),
    r"GET /actuator/metrics/\S+ body availableTags": (
        "the values of tags are the names of this app's own channels"
    ),
    r"GET /actuator(/prometheus | body _links\.prometheus only ours)": (
        "the captured apps had Prometheus switched off"
    ),
    r"GET /actuator body "
    r"_links\.(?!self|health|info|bindings|env|configprops|loggers|metrics|prometheus|threaddump|shutdown)"
    r".*": "endpoints about Java",
    r"GET /actuator/health body components\.ssl only theirs": (
        "there is no TLS server whose certificates could expire"
    ),
    r"GET /actuator/bindings\S* body .*extension\.\S+ only theirs": (
        "properties that change nothing here are not shown"
    ),
    r"GET /actuator/bindings\S* body .*ExtendedProducerProperties\.valid\w+ only theirs": (
        "getters of Java's class, of no use to anyone"
    ),
    r"PUT /actuator/health ": "405, as Spring itself says where no CSRF filter is in front",
}


class Captured(NamedTuple):
    """One request and what a stock app answered."""

    app: str
    method: str
    path: str
    accept: str | None
    body: dict[str, str] | None
    status: int
    media_type: str | None


NOT_NOTED = "a media type that was not noted"


def captured(app: str) -> Iterator[Captured]:
    """The requests of a summary. Status 000 is a client that gave up."""
    text = (CAPTURED / f"{app}-summary.txt").read_text()
    for method, path, status, kind in re.findall(
        r"^(GET) (\S+) -> (\d+) (?:Content-Type: (\S+)|) ?len=", text, re.MULTILINE
    ):
        yield Captured(app, method, path, None, None, int(status), kind or None)
    for accept, path, status, kind in re.findall(
        r"^Accept (.+): (\w+) (\d+) ?(.*)$", text, re.MULTILINE
    ):
        yield Captured(app, "GET", f"/actuator/{path}", accept, None, int(status), kind or None)
    for method, path, status, kind in re.findall(
        r"(HEAD|PUT|GET|POST) (/\S*|health) (\d+)(?: (\S+))?$", text, re.MULTILINE
    ):
        yield Captured(
            app,
            method,
            path if path[0] == "/" else f"/actuator/{path}",
            None,
            None,
            int(status),
            kind or NOT_NOTED,
        )
    binding = "input" if app == "transform" else "output"
    for what, status in re.findall(r" POST bindings (\w+) (\d+)", text):
        state = {"nobody": None, "nope": "STOPPED"}.get(what, what)
        name = "nope" if what == "nope" else binding
        body = {"state": state} if state else None
        yield Captured(
            app, "POST", f"/actuator/bindings/{name}", None, body, int(status), NOT_NOTED
        )


REQUESTS = [request for app in ("transform", "http") for request in captured(app) if request.status]


@pytest.fixture(scope="module")
def app() -> App:
    """Set up as the captured apps were: everything exposed and shown, no probe groups."""
    made = App(
        input_destinations=("din",),
        group="dlq",
        output_destination="dout",
        exposure_include=("*",),
        endpoint_accesses={"shutdown.access": "unrestricted"},
        health_show_details="always",
        health_probes_enabled=False,
        info_env_enabled=True,
        info={
            "app.name": "python-processor",
            "app.description": "reverses text",
            "app.version": "1",
        },
    )
    # It has worked.
    made.handle.publish(
        replace(made.handle.status, counters=Counters(processed=9, sent=9, failed=1, given_up=1))
    )
    return made


def test_summaries_are_read_whole() -> None:
    counted = {(each.app, each.method): 0 for each in REQUESTS}
    for each in REQUESTS:
        counted[each.app, each.method] += 1
    assert counted == {
        ("transform", "GET"): 37,
        ("transform", "HEAD"): 1,
        ("transform", "POST"): 8,
        ("transform", "PUT"): 1,
        ("http", "GET"): 37,
        ("http", "HEAD"): 1,
        ("http", "POST"): 7,
    }


def test_answers_are_those_of_stock_apps(app: App) -> None:
    found = {difference for request in REQUESTS for difference in differences(app, request)}
    unexpected = {
        each for each in found if not any(re.match(pattern, each) for pattern in DIFFERENCES)
    }
    assert unexpected == set()
    assert [
        pattern for pattern in DIFFERENCES if not any(re.match(pattern, each) for each in found)
    ] == []
    assert len(DIFFERENCES) <= 10


def differences(app: App, request: Captured) -> Iterator[str]:
    """What our answer shares with none of the stock apps' answers to that request."""
    head = (
        f"{request.method} {request.path}{f' (Accept {request.accept})' if request.accept else ''}"
    )
    ours = app.client.open(
        path=request.path,
        method=request.method,
        json=request.body,
        headers={"Accept": request.accept or "*/*"},
        environ_overrides={"REQUEST_URI": request.path},
    )
    same = [each for each in REQUESTS if each[1:5] == request[1:5]]
    if ours.status_code not in {each.status for each in same}:
        yield f"{head} status {request.status} {ours.status_code}"
    if not {NOT_NOTED, ours.headers.get("Content-Type")} & {each.media_type for each in same}:
        yield f"{head} type {request.media_type} {ours.content_type}"
    name = request.path.removeprefix("/actuator").replace("/", "_")
    body = CAPTURED / f"{request.app}-GET{name}.body"
    if (
        request.app == "transform"
        and request.accept is None
        and request.method == "GET"
        and body.exists()
        and ours.is_json
    ):
        yield from (
            f"{head} body {each}" for each in shapes(json.loads(body.read_text()), ours.get_json())
        )


def shapes(theirs: Any, ours: Any, path: str = "") -> Iterator[str]:
    """Where keys or types differ; null is of any type, lists are compared item by item."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        for key in theirs.keys() | ours.keys():
            below = f"{path}.{key}" if path else key
            if key in theirs and key in ours:
                yield from shapes(theirs[key], ours[key], below)
            else:
                yield f"{below} {'only theirs' if key in theirs else 'only ours'}"
    elif isinstance(theirs, list) and isinstance(ours, list):
        if len(theirs) != len(ours):
            yield f"{path} {len(theirs)} items {len(ours)}"
        for index, pair in enumerate(zip(theirs, ours, strict=False)):
            yield from shapes(*pair, f"{path}[{index}]")
    elif theirs is not None and ours is not None and type(theirs) is not type(ours):
        yield f"{path} {type(theirs).__name__} {type(ours).__name__}"
