"""The local http source writes what Spring's writes.

The expected records were taken from a real one.
"""

import json

import pytest
from flask.testing import FlaskClient

from local import http_source

Record = tuple[bytes, http_source.Headers]


@pytest.fixture
def written() -> list[Record]:
    return []


@pytest.fixture
def client(written: list[Record]) -> FlaskClient:
    client = http_source.app(lambda value, headers: written.append((value, headers))).test_client()
    client.environ_base = {"HTTP_USER_AGENT": "curl/7.88.1"}
    return client


def test_posted_text_is_a_record(client: FlaskClient, written: list[Record]) -> None:
    headers = {"Accept": "*/*", "X-Custom": "is dropped"}
    answer = client.post(
        "/",
        base_url="http://localhost:32123",
        data="hello world",
        content_type="text/plain",
        headers=headers,
    )

    assert (answer.status_code, answer.data) == (202, b"")
    types = (
        b'{"content-length":"java.lang.Long","http_requestMethod":"java.lang.String","host":"java.lang.String",'
        b'"http_requestUrl":"java.lang.String","contentType":"java.lang.String","user-agent":"java.lang.String",'
        b'"accept":"java.lang.String"}'
    )
    assert written == [
        (
            b"hello world",
            [
                ("content-length", b"11"),
                ("http_requestMethod", b"POST"),
                ("host", b"localhost:32123"),
                ("http_requestUrl", b"http://localhost:32123/"),
                ("contentType", b"text/plain"),
                ("user-agent", b"curl/7.88.1"),
                ("accept", b'"*/*"'),
                ("spring_json_header_types", types),
            ],
        )
    ]


@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        (
            "zażółć 😀".encode(),
            "text/plain;charset=UTF-8",
            ("zażółć 😀".encode(), b"text/plain;charset=UTF-8"),
        ),
        (
            b"\xe9t\xe9",
            "text/plain;charset=ISO-8859-1",
            (b"\xe9t\xe9", b"text/plain;charset=ISO-8859-1"),
        ),
        (b'{"a": 1, "b":"x"}', "application/json", (b'{"a": 1, "b":"x"}', b"application/json")),
        (
            b"\x01\xff\x02",
            "application/octet-stream",
            (b"\x01\xff\x02", b"application/octet-stream"),
        ),
        (
            b"default=form",
            "application/x-www-form-urlencoded",
            (b'{"default":["form"]}', b"application/json"),
        ),
        (
            b"hello world",
            "application/x-www-form-urlencoded",
            (b'{"hello world":[null]}', b"application/json"),
        ),
        (b"no ct", None, (b"no ct", b"application/json")),
        (b"", "text/plain", (b"{}", b"text/plain")),
    ],
)
def test_bodies_and_content_types(
    client: FlaskClient,
    written: list[Record],
    body: bytes,
    content_type: str | None,
    expected: tuple[bytes, bytes],
) -> None:
    assert client.post("/", data=body, content_type=content_type).status_code == 202
    ((value, headers),) = written
    assert (value, dict(headers)["contentType"]) == expected


def test_empty_post_is_empty_form(client: FlaskClient, written: list[Record]) -> None:
    assert client.post("/").status_code == 202
    ((value, headers),) = written
    assert value == b"{}"
    assert [name for name, _ in headers] == [
        "http_requestMethod",
        "host",
        "http_requestUrl",
        "contentType",
        "user-agent",
        "spring_json_header_types",
    ]


def test_headers_have_their_type(client: FlaskClient, written: list[Record]) -> None:
    client.post("/", data="x", content_type="text/plain")
    ((_, headers),) = written
    *names, last = [name for name, _ in headers]
    assert last == "spring_json_header_types"
    types = dict(headers)[last]
    assert isinstance(types, bytes)
    assert list(json.loads(types)) == names


def test_other_paths_are_not_found(client: FlaskClient, written: list[Record]) -> None:
    assert client.post("/sub", data="x").status_code == 404
    assert written == []


@pytest.mark.parametrize(
    ("encoded", "read"),
    [
        (b"", b"{}"),
        (b"a=1", b'{"a":["1"]}'),
        (b"a=1&a=2&b", b'{"a":["1","2"],"b":[null]}'),
        (b"a+b=c%3Dd%26", b'{"a b":["c=d&"]}'),
        ("x=żółć".encode(), '{"x":["żółć"]}'.encode()),
    ],
)
def test_form_is_decoded(encoded: bytes, read: bytes) -> None:
    assert http_source.form(encoded) == read
