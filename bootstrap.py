"""The composition root of the flow in dataflow.py: settings, process, HTTP and Kafka."""

import gc
import logging
import os
import sys
from collections.abc import Callable, Sequence

from bytewax.dataflow import Dataflow
from bytewax.run import cli_main

import actuator
import config
from config.loading.bytewax_env import API, refuse_options
from config.reference.help import full_help_text, help_text, version_text
from config.spring.types import FALSE, FLAG, TRUE
from connectors.cluster import outage_watch
from connectors.operators import step_names
from connectors.preflight.checks import check
from connectors.task.stream_task import StreamTask
from connectors.task.wiring import build_parts
from runtime.control import worker_link
from runtime.control.status import TaskHandle
from runtime.control.worker_pool import WorkerPool
from runtime.errors import ProcessorError, print_in_one_line
from runtime.exit_codes import Exit, ended_well
from runtime.startup import set_up_process

_HELP = {"--help", "-h"}
_VERSION = {"--version", "-V"}
_CHECK, _ALL = "--check", "--all"


def load_settings(arguments: Sequence[str]) -> config.Settings:
    """Read the settings from the command line, the environment and the files that they name.

    Args:
        arguments: `--name=value`, without the program's name.

    Raises:
        SystemExit: A setting is wrong. Its text is one line, and the exit code is 1.
    """
    print_in_one_line()
    try:
        if getattr(sys.modules["__main__"].__spec__, "name", "") == "bytewax.run":
            refuse_options(sys.argv[1:])
        settings = config.load(arguments, os.environ)
    except config.SettingsError as error:
        raise SystemExit(f"python-processor: {error}") from None
    os.environ.pop(API, None)
    return settings


def parse_options(arguments: Sequence[str]) -> tuple[set[str], list[str]]:
    """Return the program's own options that are set, and the other arguments.

    `--check=true` is `--check`.

    Args:
        arguments: The command line without the program's name.

    Raises:
        SystemExit: The value of an own option is no boolean.
    """
    options: set[str] = set()
    others: list[str] = []
    for argument in arguments:
        name, equals, value = argument.partition("=")
        if name not in {*_HELP, *_VERSION, _CHECK, _ALL}:
            others.append(argument)
        elif not equals or value.lower() in TRUE:
            options.add(name)
        elif value.lower() not in FALSE:
            sys.exit(
                f"python-processor: {name} has a value that is not allowed; allowed is "
                f"{FLAG.allowed}"
            )
    return options, others


def start(settings: config.Settings) -> StreamTask | WorkerPool:
    """Start logs, signals, HTTP and then Kafka. Bytewax's source calls this on the main thread.

    Args:
        settings: The settings.

    Raises:
        ProcessorError: A part cannot work with these settings.
    """
    lifecycle = set_up_process(settings)
    if settings.input_concurrency > 1 and not settings.worker_slot:
        processes = WorkerPool(settings, lifecycle)
        actuator.serve(settings, processes, lifecycle)
        return processes.start()
    handle = TaskHandle()
    if settings.worker_slot:
        worker_link.connect_to_parent(settings, handle, lifecycle)
    else:
        actuator.serve(settings, handle, lifecycle)
    task = StreamTask(build_parts(settings, handle, lifecycle))
    outage_watch.start(settings, lifecycle)
    gc.freeze()  # objects of the start stay, so the collector need not visit them
    return task


def main(flow: Callable[..., Dataflow]) -> int:
    """Run the flow until it is stopped, or answer --help, --version or --check.

    Args:
        flow: Makes the dataflow from command line arguments.

    Returns:
        The exit code. An error that a task has logged sets its own code at exit.
    """
    options, arguments = parse_options(sys.argv[1:])
    if _HELP & options:
        settings = load_settings(arguments)
        text = full_help_text if _ALL in options else help_text
        sys.stdout.write(f"{text(*settings.own)}\n")
        return Exit.OK
    if _VERSION & options:
        sys.stdout.write(f"{version_text()}\n")
        return Exit.OK
    if _ALL in options and _CHECK not in options:
        sys.exit(f"python-processor: {_ALL} is not allowed without --help or {_CHECK}")
    try:
        if _CHECK in options:
            settings = load_settings(arguments)
            steps = step_names(flow(*arguments))  # raises if no step can call a function
            works = check(settings, steps, everything=_ALL in options)
            return Exit.OK if works else Exit.FAILED
        cli_main(flow(*arguments))  # type: ignore[no-untyped-call]  # Bytewax's function is untyped
    except ProcessorError as error:
        sys.exit(f"python-processor: {error}")
    except Exception:
        logging.getLogger("processor.lifecycle").exception("an unforeseen error")
        return Exit.FAILED
    return ended_well()
