"""`python -m dead_letters list|show|replay|park`, with the processor's settings."""

import logging
import os
import sys
from collections.abc import Sequence

from dead_letters.replaying.stopping import stop_request
from runtime.exit_codes import Exit
from runtime.signals import open_standard_streams

if __name__ == "__main__":
    open_standard_streams()
    # Before the slower imports: process 1 of a container misses a signal that has no handler.
    stop_request.install()

import config
from config.errors import hide
from dead_letters import commands
from dead_letters.arguments import parse
from dead_letters.errors import CommandError


def main(arguments: Sequence[str]) -> int:
    """Run one command. An error is one line on stderr.

    Args:
        arguments: The command line without the program's name.

    Returns:
        The exit code. Wrong arguments end the process with 2, as argparse does.
    """
    options, further = parse(arguments)
    secrets: tuple[str, ...] = ()
    try:
        settings = config.load(further, os.environ)
        secrets = settings.secrets
        for warning in settings.warnings:
            sys.stderr.write(f"python -m dead_letters: {warning}\n")
        code = commands.run(options, settings, options.topic or find_topic(settings), stop_request)
        sys.stdout.flush()
    except (config.SettingsError, CommandError) as error:
        sys.stderr.write(f"python -m dead_letters: {hide(str(error), secrets)}\n")
        return Exit.FAILED
    except BrokenPipeError:  # the reader, for example `head`, has closed the pipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.OK
    return code


def find_topic(settings: config.Settings) -> str:
    """Return the dead letter topic of the processor's own input.

    Args:
        settings: The processor's settings.

    Raises:
        CommandError: The settings name no dead letter topic, or several.
    """
    found = {settings.dead_letter_topic(source) for source in settings.input_destinations} - {None}
    if len(found) != 1:
        raise CommandError(
            "the settings name no single dead letter topic: give the topic as an argument"
        )
    return str(found.pop())


if __name__ == "__main__":
    logging.basicConfig(level=logging.ERROR)
    sys.exit(main(sys.argv[1:]))
