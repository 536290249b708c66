"""The command line: a command, its topic and options; --name=value are properties."""

import argparse
import re
import time
from collections.abc import Sequence
from datetime import UTC, datetime

from config.spring.types import seconds
from dead_letters.letters.filter import LetterFilter
from dead_letters.replaying.routing import MAX_ROUNDS

_SHOWN_LETTERS = 10
_EPILOG = """\
Further --name=value are properties of the processor. They are read as the processor reads them: from the command line, the environment,
SPRING_APPLICATION_JSON and application.yml. Without TOPIC the dead letter topic of the processor's own input is taken."""  # noqa: E501 - lines of a page


def parse(arguments: Sequence[str]) -> tuple[argparse.Namespace, list[str]]:
    """Return the options of the command, and the properties of the processor.

    Wrong arguments end the process with exit code 2.

    Args:
        arguments: The command line without the program's name.

    Returns:
        The options, and each `--name=value` that is a property.
    """
    parser = argparse.ArgumentParser(
        prog="python -m dead_letters",
        description="Looks at the letters of a dead letter topic, sends them back and parks them. "
        "Nothing is ever deleted.",
        epilog=_EPILOG,
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="list|show|replay|park")
    _add(commands, "list", "count letters by exception, step, topic and hour")
    show = _add(commands, "show", "print letters: headers, place, stack trace")
    show.add_argument(
        "--max",
        type=_positive,
        default=_SHOWN_LETTERS,
        help="letters to print (default: %(default)s)",
    )
    show.add_argument("--payload", action="store_true", help="print key and value too")
    replay = _add(commands, "replay", "send letters back to their topics")
    replay.add_argument(
        "--max-rounds",
        type=_count,
        default=MAX_ROUNDS,
        help="replays of one record before it is parked (default: %(default)s)",
    )
    park = _add(commands, "park", "move letters to <topic>.parked, out of the way of a replay")
    for command in (replay, park):
        command.add_argument(
            "--max", type=_positive, help="letters to send (default: all that are there now)"
        )
        command.add_argument("--rate", type=_rate, help="letters a second, at most")
        command.add_argument(
            "--dry-run", action="store_true", help="say what would be done, and do nothing"
        )
    options, further = parser.parse_known_args(arguments)
    for argument in further:
        if not re.match(r"--[^=]+=", argument):
            parser.error(f"{argument}: neither an option of {options.command} nor --name=value")
    return options, further


def letter_filter(options: argparse.Namespace) -> LetterFilter:
    """Return the filter that the options describe.

    Args:
        options: From parse().
    """
    return LetterFilter(options.exception or "", options.step or "", options.since, options.until)


def _add(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, what: str
) -> argparse.ArgumentParser:
    parser = commands.add_parser(
        name,
        help=what,
        description=f"{what[0].upper()}{what[1:]}.",
        epilog=_EPILOG,
        allow_abbrev=False,
    )
    parser.add_argument("topic", nargs="?", metavar="TOPIC", help="the dead letter topic")
    parser.add_argument(
        "--exception", type=_name, help="only letters of this exception, with its module or without"
    )
    parser.add_argument("--step", type=_name, help="only letters whose step has this function")
    parser.add_argument(
        "--since",
        type=_moment,
        help="only letters from then on: 2h (ago), or 2026-11-29T08:00 (UTC)",
    )
    parser.add_argument("--until", type=_moment, help="only letters before then")
    parser.add_argument("--json", action="store_true", help="output for programs")
    return parser


def _moment(text: str) -> int:
    """Return epoch milliseconds of a duration before now, or of an ISO time (UTC by default)."""
    try:
        if re.match(r"[0-9]+[a-zA-Z]+$|[pP]", text):
            return int((time.time() - seconds(text)) * 1000)
        moment = datetime.fromisoformat(text)
        return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(
            f"{text!r} is neither a duration (90s, 2h, 7d) nor a time (2026-11-29T08:00)"
        ) from None


def _name(text: str) -> str:
    if not 0 < len(text) <= 200:
        raise argparse.ArgumentTypeError("a name of 1 to 200 characters is needed")
    return text


def _positive(text: str) -> int:
    if not re.fullmatch("[0-9]{1,12}", text) or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1")
    return int(text)


def _count(text: str) -> int:
    if not re.fullmatch("[0-9]{1,6}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0")
    return int(text)


def _rate(text: str) -> float:
    if not re.fullmatch(r"[0-9]{1,7}(\.[0-9]{1,3})?", text) or float(text) <= 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return float(text)
