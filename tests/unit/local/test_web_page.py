"""The endpoints of the page, and what another site's page may do to the http source: nothing."""

import json
import re

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from local import http_source, web_page
from local.web_page import Example, Page

BASE = "http://localhost:32123"
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.fixture
def written() -> list[bytes]:
    return []


@pytest.fixture
def page() -> Page:
    return Page("http to log", Example("hello world", "text/plain"), lambda: "starting")


@pytest.fixture
def client(page: Page, written: list[bytes]) -> FlaskClient:
    source = http_source.app(lambda value, _: written.append(value))
    web_page.add(source, page)
    return source.test_client()


def results(client: FlaskClient, query: str = "") -> TestResponse:
    return client.get(f"/results{query}", base_url=BASE)


def test_get_explains_the_source(client: FlaskClient, written: list[bytes]) -> None:
    answer = client.get("/", base_url=BASE, headers={"Accept": "*/*"})
    assert (answer.status_code, answer.mimetype) == (200, "text/plain")
    assert f"curl -H 'Content-Type: text/plain' -d 'hello world' {BASE}\n" in answer.text
    assert client.head("/", base_url=BASE).status_code == 200
    assert written == []


def test_browser_gets_the_page(client: FlaskClient, written: list[bytes]) -> None:
    answer = client.get("/", base_url=BASE, headers=BROWSER)
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    files = re.findall(r'(?:href|src)="([^"]*)"', answer.text)
    assert sorted(files) == ["data:,", "page.css", "page.js"]
    for name, kind in [("page.css", "text/css"), ("page.js", "text/javascript")]:
        answer = client.get(f"/{name}", base_url=BASE)
        assert (answer.status_code, answer.mimetype) == (200, kind)
        # Nothing is asked of the network, and no text becomes markup.
        assert re.search(r"https?:|[\"']//|innerHTML|insertAdjacentHTML|eval", answer.text) is None
    assert written == []


def test_page_is_of_one_site(client: FlaskClient) -> None:
    headers = client.get("/", base_url=BASE, headers=BROWSER).headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Access-Control-Allow-Origin" not in headers


def test_results_have_what_changed(client: FlaskClient, page: Page) -> None:
    post = page.results.add_post("<b>zażółć\u202e".encode())
    page.results.add_output(post, "a\x00b")
    answer = results(client)
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    found = json.loads(answer.data)
    assert {name: found[name] for name in ("stream", "processor", "example", "contentType")} == {
        "stream": "http to log",
        "processor": "starting",
        "example": "hello world",
        "contentType": "text/plain",
    }
    (row,) = found["rows"]
    assert (row["text"], row["outputs"], row["state"]) == ("<b>zażółć\u202e", ["a\x00b"], "out")
    query = f"?run={found['run']}&after={found['cursor']}"
    assert json.loads(results(client, query).data)["rows"] == []


@pytest.mark.parametrize("query", ["?after=x", "?after=-1", "?after=%ff&run=%ff", "?run=other"])
def test_odd_queries_get_all_rows(client: FlaskClient, page: Page, query: str) -> None:
    page.results.add_post(b"x")
    assert len(json.loads(results(client, query).data)["rows"]) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://example.com"},
        {"Origin": "http://localhost"},  # another port of this machine
        {"Origin": "http://127.0.0.1:32123"},
        {"Origin": "https://localhost:32123"},
        {"Origin": "null"},  # a sandboxed frame, a file
        {"Origin": ""},
        {"Host": "example.com:32123"},  # a name that leads to loopback
        {"Host": "example.com:32123", "Origin": "http://example.com:32123"},
        {"Host": "localhost.example.com"},
        {"Host": "localhost@example.com"},
    ],
)
def test_other_sites_are_refused(
    client: FlaskClient, written: list[bytes], headers: dict[str, str]
) -> None:
    for method, path in [("POST", "/"), ("GET", "/results"), ("GET", "/")]:
        answer = client.open(path, base_url=BASE, method=method, data="x", headers=headers)
        assert answer.status_code == 403, (method, path)
    assert written == []


@pytest.mark.parametrize(
    ("base", "headers"),
    [
        (BASE, {}),
        (BASE, {"Origin": BASE}),
        ("http://localhost", {"Origin": "http://localhost"}),
        ("http://127.0.0.1:32123", {"Origin": "http://127.0.0.1:32123"}),
        ("http://[::1]:32123", {}),
    ],
)
def test_own_posts_are_taken(
    client: FlaskClient, written: list[bytes], base: str, headers: dict[str, str]
) -> None:
    answer = client.post("/", base_url=base, data="x", content_type="text/plain", headers=headers)
    assert (answer.status_code, answer.data) == (202, b"")
    assert written == [b"x"]


def test_preflight_allows_nobody(client: FlaskClient) -> None:
    """A browser asks before another site's page may send JSON."""
    headers = {"Origin": "https://example.com", "Access-Control-Request-Method": "POST"}
    answer = client.options("/", base_url=BASE, headers=headers)
    assert answer.status_code == 403
    assert "Access-Control-Allow-Origin" not in answer.headers
