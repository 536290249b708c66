"""Properties of a function: any name may be a field, and errors name the function."""

from collections.abc import Iterator

from python_processor import Properties, option, run
from python_processor.properties import declared


class Prefixed(Properties, prefix="shop"):
    prefix: str = option("x", "Goes before the text.")
    name: str = option(..., "A name.")


class Size(Properties):
    size: int = option(5, "A size.")


def test_prefix_may_be_a_field() -> None:
    found = {field: (name, default) for field, name, default, _ in declared(Prefixed)}
    assert found == {"prefix": ("shop.prefix", "x"), "name": ("shop.name", ...)}


def test_error_names_function_with_properties() -> None:
    """Its properties are bound to it, so what the step calls is a partial."""

    def wrong(value: str, size: Size) -> Iterator[str]:  # noqa: ARG001 - as users write them
        yield size.size  # type: ignore[misc]  # the mistake

    (letter,) = run(wrong, "v").dead_letters
    assert "partial" not in letter.message
    assert f"wrong ({__file__}:" in letter.message
