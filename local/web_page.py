"""The page at `/` of the http source: posts a text and shows its result."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask, Response, abort, request

from local.results import Results

FOLDER = Path(__file__).parent / "page"
TYPES = {"index.html": "text/html", "page.css": "text/css", "page.js": "text/javascript"}
# The source listens on loopback only. Another site's name may lead to loopback, too. Its requests
# have another host and are refused.
HOSTS = {"localhost", "127.0.0.1", "::1"}
# The page loads nothing from other sites, and no other site can embed it.
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True)
class Example:
    """An example of an input for the stream: a text, or JSON."""

    text: str
    content_type: str

    @property
    def curl(self) -> str:
        """The command that posts the example, without the URL."""
        return f"curl -H 'Content-Type: {self.content_type}' -d '{self.text}'"


@dataclass(frozen=True)
class Page:
    """The contents of the page."""

    stream: str  # the apps and topics of the stream
    example: Example
    processor: Callable[[], str]  # starting, running, or the exit code
    results: Results = field(default_factory=Results)


def add(source: Flask, page: Page) -> None:
    """Add the page to the http source, and refuse requests from other sites' pages.

    Args:
        source: The http source.
        page: The contents of the page.
    """
    source.before_request(refuse_other_sites)

    @source.get("/")
    def show() -> Response:
        # A browser asks for HTML. Other clients, such as curl, get text.
        if "text/html" in request.headers.get("accept", ""):
            return _file("index.html")
        return _answer(
            "This is the http source of the stream. It takes posts:\n"
            f"  {page.example.curl} {request.host_url.rstrip('/')}\n"
            "In a browser, this address shows a page that posts texts and shows the results.\n",
            "text/plain",
        )

    @source.get("/page.css")
    def style() -> Response:
        return _file("page.css")

    @source.get("/page.js")
    def script() -> Response:
        return _file("page.js")

    @source.get("/results")
    def changes() -> Response:
        asked = request.args
        found = page.results.since(asked.get("run", ""), asked.get("after", 0, type=int))
        found |= {
            "stream": page.stream,
            "processor": page.processor(),
            "example": page.example.text,
            "contentType": page.example.content_type,
        }
        return _answer(source.json.dumps(found), "application/json")


def refuse_other_sites() -> None:
    """Refuse a request that a browser makes for a page of another site.

    A browser names the page's site in `Origin`. Other clients send no such header.
    """
    if urlsplit(f"//{request.host}").hostname not in HOSTS:
        abort(_answer("This http source answers to localhost alone.\n", status=403))
    origin = request.headers.get("origin")
    if origin is not None and origin != f"http://{request.host}":
        abort(_answer("This http source takes nothing from pages of other sites.\n", status=403))


def _file(name: str) -> Response:
    return _answer((FOLDER / name).read_text(), TYPES[name])


def _answer(text: str, kind: str = "text/plain", status: int = 200) -> Response:
    return Response(text, status, HEADERS, mimetype=kind)
