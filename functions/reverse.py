"""The function that the processor ships with: `--function=reverse:reverse`, the default.

`reverse` is called once, at the start, and returns the function that is called for each record. A
function that needs no such choice is called for each record itself: see orders.py and
docs/your-function.md.
"""

from collections.abc import Callable

import text
from python_processor import Properties, option


class Options(Properties):
    """The function's properties."""

    reversestring: bool = option(
        False, "Reverse the text of each record; otherwise it passes untouched.", lenient=True
    )


def reverse(options: Options) -> Callable[..., bytes]:
    """Choose the function by the value of `reversestring`."""
    return text.reverse if options.reversestring else text.unchanged
