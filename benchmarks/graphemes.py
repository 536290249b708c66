r"""`make bench-text`: reversing is linear for every text and gives the clusters of plain \X.

Prints, for each way in which characters join, the CPU seconds for 1 MB and for 4 MB; then how many
random texts come out otherwise.
"""

import argparse
import random
import sys
from collections.abc import Iterator
from time import thread_time

import regex  # type: ignore[import-untyped]  # it has no type hints

from text import reverse, reverse_text

MB = 1_000_000
LIMIT_S = 1.0  # of CPU time for 1 MB

# What is repeated; each joins by a rule of its own, or keeps one from joining.
UNITS = {
    "plain": "\u0142",
    "marks": "\u0301",
    "letters with marks": "e\u0301\u0308",
    "spacing marks": "\u0903",
    "zero width joiners": "\u200d",
    "regional indicators": "\U0001f1e9\U0001f1ea",
    "three regional indicators and a letter": "\U0001f1e9\U0001f1ea\U0001f1e9a",
    "regional indicators with marks": "\U0001f1e9\U0001f1ea\u0301",
    "regional indicators with joiners": "\U0001f1e9\u200d",
    "prepended": "\u0600",
    "prepended, regional indicators": "\u0600\U0001f1e9\U0001f1ea\U0001f1e9",
    "Hangul L": "\u1100",
    "Hangul V": "\u1161",
    "Hangul T": "\u11a8",
    "Hangul L V T": "\u1100\u1161\u11a8",
    "Hangul LV V": "\uac00\u1161",
    "Hangul LVT T": "\uac01\u11a8",
    "Indic linkers": "\u094d",
    "Indic consonants": "\u0915",
    "Indic conjuncts": "\u0915\u094d",
    "Indic conjuncts with joiners": "\u0915\u0301\u094d\u200d",
    "Indic consonants with marks": "\u0915\u0301\u0308",
    "emoji": "\U0001f469",
    "emoji modifiers": "\U0001f3fd",
    "emoji with modifiers": "\U0001f44d\U0001f3fd",
    "emoji sequences": "\U0001f469\u200d",
    "emoji sequences with marks": "\U0001f469\ufe0f\U0001f3fd\u200d",
    "tags": "\U0001f3f4\U000e0067\U000e007f",
    "CR LF": "\u0142\r\n",
    "CR": "\u0301\r",
    "LF": "\u0301\n",
    "mixture": "a\u0301\U0001f1e9\U0001f1ea\u200d\u0600\u1100\u1161\u0915\u094d\u0915\U0001f469\u200d\U0001f469\r\n",  # noqa: E501 - one text
}
# One long run between two characters that look at it.
RUNS = {
    "one run of marks": ("\u0915", "\u0301", "\u0915"),
    "one run of linkers": ("\u0915", "\u094d", "\u0915"),
    "one run of joiners": ("\U0001f469", "\u200d", "\U0001f469"),
    "one run of marks before a joiner": ("\U0001f469", "\ufe0f", "\u200d\U0001f469"),
    "one odd run of regional indicators": (
        "\u0600\U0001f1e9",
        "\U0001f1e9\U0001f1ea",
        "\u0301\U0001f1e9",
    ),
}
_ALPHABET = (
    "".join(UNITS.values())
    + "a \r\n\t\u200c\u20e3\u2764\ua9c0\u0e33\u180e\U000e0001\U0001f3fb\U0001f1e9\U0001f1ea" * 2
)


def texts(size: int) -> Iterator[tuple[str, str]]:
    """A text of about `size` bytes of UTF-8 for each kind."""
    for name, unit in UNITS.items():
        yield name, unit * (size // len(unit.encode()))
    for name, (before, unit, after) in RUNS.items():
        yield name, before + unit * (size // len(unit.encode())) + after


def seconds(size: int) -> dict[str, float]:
    """CPU seconds that reversing a text of `size` bytes takes, by kind."""
    found = {}
    for name, text in texts(size):
        value = text.encode()
        began = thread_time()
        reverse(value)
        found[name] = thread_time() - began
    return found


def unequal(count: int, seed: int) -> list[str]:
    r"""Those of `count` random texts whose clusters are not those of plain \X."""
    rng = random.Random(seed)  # noqa: S311 - no secret
    wrong = []
    for _ in range(count):
        # few, so that long runs and their neighbours meet.
        kinds = rng.sample(_ALPHABET, rng.randint(1, 4))
        text = "".join(rng.choices([*kinds, rng.choice(_ALPHABET)], k=rng.randint(1, 24)))
        if reverse_text(text) != "".join(regex.findall(r"\X", text)[::-1]):
            wrong.append(text)
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=20)
    options = parser.parse_args()
    one, four = seconds(MB), seconds(4 * MB)
    for name, took in one.items():
        print(f"{name:40} {took:6.3f} s {four[name]:6.3f} s")
    wrong = unequal(options.texts, options.seed)
    print(
        f"{len(wrong)} of {options.texts} random texts (seed {options.seed}) come out otherwise "
        f"{wrong[:3]!a}"
    )
    return int(bool(wrong) or max(one.values()) > LIMIT_S)


if __name__ == "__main__":
    sys.exit(main())
