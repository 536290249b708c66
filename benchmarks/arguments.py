"""The options that both benchmarks take."""

import argparse
from collections.abc import Sequence

QUICK = {"rounds": 1, "records": 200_000, "seconds": 2.0}  # everything once and small


def parser(target: str, description: str | None, rounds: int) -> argparse.ArgumentParser:
    """For `make <target> ARGS=...`, with what both take."""
    made = argparse.ArgumentParser(prog=f"make {target} ARGS=", description=description)
    made.add_argument(
        "--quick",
        action="store_true",
        help="everything once and small, to see that it runs; kept apart from real results",
    )
    made.add_argument(
        "--rounds",
        type=int,
        default=rounds,
        help="runs of each setting, interleaved where systems are compared (default %(default)s)",
    )
    made.add_argument(
        "--records",
        type=int,
        help="records in a preloaded topic (default: 2 million of A, 1 million of B and C)",
    )
    made.add_argument(
        "--seconds",
        type=float,
        default=10,
        help="longest window of a run, and of idling (default %(default)g)",
    )
    return made


def parsed(by: argparse.ArgumentParser, words: Sequence[str] | None = None) -> argparse.Namespace:
    """The options of these words, or of the command line."""
    options = by.parse_args(words)
    if options.quick:
        vars(options).update(QUICK)
    return options
