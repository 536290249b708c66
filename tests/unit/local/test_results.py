"""What the page shows of posts: rows in order, with what became of each."""

from typing import Any

import pytest

from local.results import LONGEST_CHARS, MOST_OUTPUTS, MOST_ROWS, Results, shorten


@pytest.fixture
def results() -> Results:
    return Results()


def rows(results: Results) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = results.since("", 0)["rows"]
    return found


def states(results: Results) -> list[str]:
    return [row["state"] for row in rows(results)]


def test_output_joins_its_post(results: Results) -> None:
    first, second = results.add_post(b"one"), results.add_post(b"two")
    results.add_output(first, "eno")
    results.add_output(second, "owt")
    assert [(row["text"], row["outputs"], row["state"]) for row in rows(results)] == [
        ("one", ["eno"], "out"),
        ("two", ["owt"], "out"),
    ]


def test_dead_letter_joins_post(results: Results) -> None:
    post = results.add_post(b"\xff")
    results.add_dead_letter(post, b"\xff", "ValueError: no")
    (row,) = rows(results)
    assert (row["text"], row["state"], row["reason"]) == ("\ufffd", "dead letter", "ValueError: no")


def test_posts_before_output_have_none(results: Results) -> None:
    posts = [results.add_post(b"x") for _ in range(4)]
    results.add_dead_letter(posts[0], b"x", "no")
    results.add_output(posts[2], "x")
    assert states(results) == ["dead letter", "no output", "out", "posted"]
    results.add_dead_letter(posts[1], b"x", "late")
    assert states(results) == ["dead letter", "dead letter", "out", "posted"]


def test_failed_delivery_has_its_reason(results: Results) -> None:
    results.fail_delivery(results.add_post(b"x"), "timed out")
    (row,) = rows(results)
    assert (row["state"], row["reason"]) == ("not delivered", "timed out")


@pytest.mark.parametrize("post", [None, b"", b"-1", b"other-1", b"other", b"\xff-\xff"])
def test_row_without_post(results: Results, post: bytes | None) -> None:
    results.add_post(b"x")
    results.add_output(post, "y")
    results.add_dead_letter(post, None, "no")
    _, output, letter = rows(results)
    assert (output["text"], output["outputs"]) == (None, ["y"])
    assert (letter["text"], letter["reason"]) == ("(null)", "no")


@pytest.mark.parametrize("number", ["0", "2", "-1", "999999999999", "²", "x", ""])
def test_unknown_number_has_a_row(results: Results, number: str) -> None:
    results.add_post(b"x")
    results.add_output(f"{results.run}-{number}".encode(), "y")
    posted, output = rows(results)
    assert (posted["outputs"], output["outputs"]) == ([], ["y"])


def test_cursor_returns_changes(results: Results) -> None:
    post = results.add_post(b"one")
    results.add_post(b"two")
    before = results.since("", 0)
    results.add_output(post, "eno")
    after = results.since(before["run"], before["cursor"])
    assert [row["number"] for row in after["rows"]] == [1]
    assert results.since(after["run"], after["cursor"])["rows"] == []


def test_page_of_another_run_gets_all_rows(results: Results) -> None:
    results.add_post(b"one")
    assert len(results.since("other", 100)["rows"]) == 1
    assert results.run != Results().run


def test_memory_is_bounded(results: Results) -> None:
    posts = [results.add_post(b"x" * 10_000) for _ in range(3 * MOST_ROWS)]
    for _ in range(3 * MOST_OUTPUTS):
        results.add_output(posts[-1], "y" * 10_000)
    results.add_output(posts[0], "forgotten")
    answer = results.since("", 0)
    found = answer["rows"]
    assert len(found) == MOST_ROWS
    assert answer["oldest"] == found[0]["number"] == 2 * MOST_ROWS + 2
    last = found[-2]
    assert (len(last["outputs"]), last["furtherOutputs"]) == (MOST_OUTPUTS, 2 * MOST_OUTPUTS)
    assert {len(each) for each in (last["text"], *last["outputs"])} == {LONGEST_CHARS + 1}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (b"", ""),
        (b"\xe9t\xe9", "\ufffdt\ufffd"),
        ("😀".encode() * LONGEST_CHARS, "😀" * LONGEST_CHARS),
        ("😀".encode() * LONGEST_CHARS + b"x", "😀" * LONGEST_CHARS + "…"),
        (b"a" + "😀".encode() * 2 * LONGEST_CHARS, "a" + "😀" * (LONGEST_CHARS - 1) + "…"),
    ],
)
def test_values_are_text(value: bytes, text: str) -> None:
    assert shorten(value) == text
