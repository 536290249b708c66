"""Random requests to the actuator, as WSGI gets them.

Ordinary ones, spoilt ones, and ones that no client library would send.
"""

import io
import json
import random
from typing import Any
from urllib.parse import quote

WORDS = [
    *(
        "actuator",
        "health",
        "bindings",
        "info",
        "env",
        "configprops",
        "loggers",
        "threaddump",
        "metrics",
        "prometheus",
        "shutdown",
    ),
    *(
        "liveness",
        "readiness",
        "binders",
        "kafka",
        "input",
        "output",
        "ROOT",
        "server.port",
        "python.processor.batches",
        "livez",
    ),
    *(
        "",
        ".",
        "..",
        "%2e%2e",
        "a" * 300,
        "a." * 120,
        "\x00",
        "\xff\xfe",
        "\xc3\xa9",
        "<x>",
        "{toMatch}",
        "*",
        "\r\nX: y",
        "\u2028".encode().decode("latin-1"),
    ),
]
PATHS = [
    *(
        "/shutdown",
        "/actuator",
        "/actuator/health/liveness",
        "/actuator/bindings/input",
        "/actuator/loggers/ROOT",
        "/actuator/env/db.password",
    ),
    *(f"/actuator/{name}" for name in WORDS[1:11]),
    *(f"/actuator/loggers/made.by.{name}" for name in range(10)),
]
METHODS = (
    ["GET"] * 6
    + ["POST"] * 4
    + ["HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "N0NSENSE", "get"]
)
QUERIES = ["pattern", "tag", "includedNames", "x", ""]
TYPES = [
    *(
        "application/json",
        "application/vnd.spring-boot.actuator.v2+json",
        "application/vnd.spring-boot.actuator.v3+json",
        "*/*",
    ),
    *(
        "text/html",
        "text/plain;q=0.5",
        "application/openmetrics-text;version=1.0.0",
        "*",
        "/",
        ";q=",
        "a/b;q=x",
        "a/b;q=nan",
        "a/b;q=1e999",
    ),
    *(
        "application/json;charset=utf-7",
        "multipart/form-data",
        "multipart/form-data;boundary=" + "x" * 500,
        ",".join(["a/b"] * 1000),
    ),
]
BODIES = [
    *(
        b"",
        b"{}",
        b"[]",
        b"null",
        b'{"configuredLevel":"DEBUG"}',
        b'{"configuredLevel":null}',
        b'{"configuredLevel":[]}',
        b'{"state":"PAUSED"}',
    ),
    *(
        b'{"state":1e999}',
        b'{"state":"\\ud800"}',
        b"[" * 30_000,
        b'{"a":' * 10_000,
        b"1" * 5_000,
        b"\xff\xfe{\x00}\x00",
        b'{"state":"',
        b"x" * 60_000,
    ),
]
HEADERS = {
    "HTTP_ACCEPT": TYPES,
    "CONTENT_TYPE": TYPES,
    "HTTP_AUTHORIZATION": [
        "Basic",
        "Basic !",
        "Basic " + "YQ==" * 500,
        "Basic /////w==",
        "Bearer x",
        "Digest username=x",
        "Digest ,,=",
        "\xe9",
        "Basic Ym9iOg==",
    ],
    "HTTP_ORIGIN": [
        "http://evil",
        "null",
        "http://localhost",
        "http://[::1",
        "//",
        "\xff",
        "http://" + "x" * 3000,
    ],
    "HTTP_SEC_FETCH_SITE": ["cross-site", "none", "same-origin", "\xff"],
    "HTTP_HOST": [
        "localhost",
        "localhost:x",
        "[::1]:80",
        "[",
        "evil@localhost",
        "a b",
        "",
        "\xff",
        "x" * 3000,
        "a:99999999",
    ],
    "HTTP_RANGE": ["bytes=0-1", "bytes=-", "x" * 100],
    "HTTP_IF_NONE_MATCH": ['"x"', "*", "W/"],
    "HTTP_X_FORWARDED_HOST": ["evil"],
    "HTTP_COOKIE": ["a=b; c", "=" * 2000],
    "HTTP_TRANSFER_ENCODING": ["chunked", "gzip"],
    "CONTENT_LENGTH": ["0", "-1", "x", "99999999999", ""],
}


class Requests:
    """An endless row of them, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - not a secret

    def environ(self) -> dict[str, Any]:
        """A WSGI environment."""
        choose = self._random
        path = self._path()
        body = choose.choice(BODIES) if choose.random() < 0.5 else b""
        environ: dict[str, Any] = {
            "REQUEST_METHOD": choose.choice(METHODS),
            "SCRIPT_NAME": "",
            "PATH_INFO": path,
            "REQUEST_URI": path,
            "QUERY_STRING": "&".join(
                f"{choose.choice(QUERIES)}={self._text()}" for _ in range(choose.randrange(3))
            ),
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": choose.choice(["HTTP/1.1", "HTTP/1.0"]),
            "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_LENGTH": str(len(body)),
            "CONTENT_TYPE": "application/json",
            "HTTP_HOST": "localhost",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            "wsgi.input_terminated": True,
        }
        for _ in range(choose.randrange(4)):
            name = choose.choice(list(HEADERS))
            environ[name] = choose.choice(HEADERS[name])
            if environ[name] and name != "CONTENT_LENGTH" and choose.random() < 0.2:
                spoilt = choose.randrange(len(environ[name]))
                environ[name] = (
                    environ[name][:spoilt]
                    + chr(choose.randrange(256))
                    + environ[name][spoilt + 1 :]
                )
        return environ

    def raw(self) -> bytes:
        """The bytes that a client sends, well formed or not."""
        environ = self.environ()
        path = environ["PATH_INFO"] + "?" + environ["QUERY_STRING"]
        headers = "".join(
            f"{name[5:].replace('_', '-')}: {value}\r\n"
            for name, value in environ.items()
            if name.startswith("HTTP_")
        )
        text = (
            f"{environ['REQUEST_METHOD']} {path} HTTP/1.1\r\n{headers}Content-Length: "
            f"{environ['CONTENT_LENGTH']}\r\n\r\n"
        )
        sent = bytearray(text.encode("latin-1", "replace") + environ["wsgi.input"].read())
        for _ in range(self._random.randrange(3)):
            sent[self._random.randrange(len(sent))] = self._random.randrange(256)
        return bytes(sent)

    def _path(self) -> str:
        choose = self._random
        if choose.random() < 0.6:
            return choose.choice(PATHS)
        start = choose.choice(["/actuator/", "/actuator/", "/actuator/", "/", "//", ""])
        return start + "/".join(
            choose.choice([*WORDS, self._text()]) for _ in range(choose.randrange(1, 4))
        )

    def _text(self) -> str:
        choose = self._random
        if choose.random() < 0.2:
            return json.dumps(
                choose.choice(["(a+)+$", "a{99999}", "(" * 200, "state:running", "[a-z]*", "\\"])
            )[1:-1]
        noise = "".join(map(chr, range(256)))
        characters = choose.choice(
            ["abc.", "abc.:", "(a|b)*+?{}[]^$\\.,0123456789", quote(noise), noise]
        )
        return "".join(choose.choice(characters) for _ in range(choose.randrange(40)))
