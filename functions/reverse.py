"""The function that the processor ships with: `--function=reverse:reverse`, the default.

`reverse` is called once, at the start, and returns the function that is called for each record. A
function without such a choice to make is called for each record itself: see orders.py and
docs/your-function.md.
"""

from collections.abc import Callable

import text
from python_processor import Properties, option


class Options(Properties):
    """What can be set for it."""

    reversestring: bool = option(
        False, "Reverse the text of each record; otherwise it passes untouched.", lenient=True
    )


def reverse(options: Options) -> Callable[..., bytes]:
    """Choose the function for the value of `reversestring`."""
    return text.reverse if options.reversestring else text.unchanged
