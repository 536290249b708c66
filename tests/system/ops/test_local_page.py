"""The page of `make run` in a real browser: texts are posted, and what becomes of them is shown."""

import http.client
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.docs.readme_session import QuickStart
from tests.support.waiting import wait_for
from tests.system.ops.browser import PAGE_TIMEOUT_S, Browser

# The rows of the page, oldest first: the posted text, the log's texts, the state.
_POSTS = """[...document.querySelectorAll("#posts li")].reverse().map(row => [
    row.querySelector(".posted").textContent,
    [...row.querySelectorAll(".logged")].map(each => each.textContent),
    row.querySelector(".state").textContent,
])"""
_LETTERS = """[...document.querySelectorAll("#letters li")].map(row => [
    row.querySelector(".number").textContent,
    row.querySelector(".reason").textContent,
])"""
_FIELD = "document.getElementById('text').focus(), document.getElementById('text').select()"
_MARKUP = "<img src=x onerror=document.title='run'>"
# Another site's page: what it posts in the background and as a form.
_FETCH = """fetch("URL", {method: "POST", mode: "no-cors", body: "of another site"})
    .finally(() => { document.title = "sent"; })"""
_FORM = """(() => {
    const form = document.createElement("form");
    Object.assign(form, {method: "post", action: "URL", enctype: "text/plain"});
    document.documentElement.append(form);
    form.submit();
})()"""
FUNCTION = """
def shout(text: str) -> str | None:
    return text.upper() if text != "drop" else None
"""


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    with Browser(tmp_path / "chromium") as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a function."""
    made = tmp_path / "own"
    made.mkdir()
    (made / "loud.py").write_text(FUNCTION)
    return made


@pytest.fixture
def session(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[QuickStart]:
    """A run of the stream, with options that may name the folder."""
    options: list[str] = getattr(request, "param", [])
    started = QuickStart(
        tmp_path / "output.txt", *(each.format(folder=tmp_path / "own") for each in options)
    )
    yield started
    started.end()


def url_of(session: QuickStart) -> str:
    url = f"http://localhost:{session.port}"
    session.wait_for_line(rf"Open {url} in a browser.*")
    return f"{url}/"


def post(browser: Browser, text: str) -> None:
    """Write the text into the page's field and press Enter, as a person does."""
    browser.run(_FIELD)
    browser.write(text)
    browser.press_enter()


def post_bytes(session: QuickStart, value: bytes) -> None:
    connection = http.client.HTTPConnection("localhost", session.port, timeout=PAGE_TIMEOUT_S)
    connection.request("POST", "/", value, {"Content-Type": "text/plain"})
    assert connection.getresponse().status == 202
    connection.close()


def shown(browser: Browser, script: str, expected: list[Any]) -> None:
    wait_for(lambda: browser.run(script) == expected, PAGE_TIMEOUT_S, f"{expected} on the page")


def test_texts_and_results_are_shown(session: QuickStart, browser: Browser, tmp_path: Path) -> None:
    url = url_of(session)
    browser.open(url, "The processor runs.", "None so far.")
    assert browser.run("document.getElementById('text').value") == "hello world"
    texts = ["hello world", _MARKUP, "two\nlines", "x\u202eright to left", "a👨‍👩‍👧‍👦b"]
    for text in texts:
        post(browser, text)
    expected: list[Any] = [
        ["hello world", ["dlrow olleh"], "out"],
        [_MARKUP, [_MARKUP[::-1]], "out"],
        ["two\nlines", ["senil\nowt"], "out"],
        ["x\u202eright to left", ["tfel ot thgir\u202ex"], "out"],
        ["a👨‍👩‍👧‍👦b", ["b👨‍👩‍👧‍👦a"], "out"],
    ]
    shown(browser, _POSTS, expected)

    session.post()  # of the page README.md, with curl
    post_bytes(session, b"\xff\xfe")
    expected += [["hello world", ["dlrow olleh"], "out"], ["\ufffd\ufffd", [], "dead letter"]]
    shown(browser, _POSTS, expected)
    ((number, reason),) = browser.run(_LETTERS)
    assert number == f"of {len(expected)}"
    assert "UndecodableText" in reason
    browser.picture(tmp_path / "wide.png")

    assert browser.run("document.images.length") == 0
    assert browser.run("document.title") == "python-processor"
    asked = browser.run("performance.getEntriesByType('resource').map(each => each.name)")
    assert [each for each in asked if not each.startswith(url)] == []

    browser.resize(360, 740)
    browser.open(url, "The processor runs.")
    shown(browser, _POSTS, expected)  # the same after a reload
    assert browser.run("document.documentElement.scrollWidth") <= 360
    browser.picture(tmp_path / "phone.png")

    session.press_ctrl_c()
    wait_for(
        lambda: "Has the stream ended?" in str(browser.run("document.body.innerText")),
        PAGE_TIMEOUT_S,
        "the end of the stream on the page",
    )


@pytest.mark.parametrize(
    "session",
    [["--function=loud:shout", "--python-processor.function-path={folder}"]],
    indirect=True,
)
def test_states_are_in_words(folder: Path, session: QuickStart, browser: Browser) -> None:
    browser.open(url_of(session), "The processor runs.")
    post(browser, "drop")
    post(browser, "one")
    expected: list[Any] = [
        ["drop", [], "no output so far; a later text is out"],
        ["one", ["ONE"], "out"],
    ]
    shown(browser, _POSTS, expected)

    (folder / "loud.py").write_text("def shout(")
    status = "document.getElementById('processor').textContent"
    ended = "The processor has ended with exit code 1. It starts again when a file changes."
    shown(browser, f"[{status}]", [ended])
    post(browser, "two")
    waits = ["two", [], "posted; no processor yet, it waits in the topic"]
    shown(browser, _POSTS, [*expected, waits])

    (folder / "loud.py").write_text(FUNCTION)
    shown(browser, _POSTS, [*expected, ["two", ["TWO"], "out"]])
    shown(browser, f"[{status}]", ["The processor runs."])


@pytest.mark.parametrize(
    ("script", "sign"),
    [
        (_FETCH, "sent"),
        (_FORM, "takes nothing from pages of other sites"),
    ],
    ids=["fetch", "form"],
)
def test_other_sites_cannot_post(
    session: QuickStart, browser: Browser, script: str, sign: str
) -> None:
    url = url_of(session)
    (actuator,) = re.findall(r"http://\S+", session.wait_for_line("  python-processor .*"))
    browser.open(f"{actuator}/info", "{")  # another port is another origin
    browser.run(script.replace("URL", url))
    seen = "document.title + document.body.innerText"
    wait_for(lambda: sign in str(browser.run(seen)), PAGE_TIMEOUT_S, sign)

    browser.open(url, "The processor runs.")
    post(browser, "mine")
    shown(browser, _POSTS, [["mine", ["enim"], "out"]])
