"""The stream processor: Kafka topic -> reverse the text -> Kafka topic.

    http --server.port=32123 | python-processor --reversestring=true | log

A function of your own goes into functions/ or /functions and is named by --function=module:name (docs/your-function.md). Or write steps
in flow(), in place of the line with named_functions: records = map_value("enrich", records, enrich). filter_value and flat_map_value
are beside map_value.

    python dataflow.py --reversestring=true ...                       as Data Flow starts it; --check tries the settings, --help lists them
    python -m bytewax.run dataflow                                    settings from the environment
    python -m bytewax.run "dataflow:flow('--reversestring=true')"
    python -m bytewax.visualize dataflow                              draws the flow, touches no broker
"""

import sys

from runtime.exit_codes import Exit, ended_well  # first: what it does at the end comes after all that others do
from runtime.signals import exit_on_stop_signals, open_standard_streams

if __name__ == "__main__":
    open_standard_streams()  # before anything is opened
    exit_on_stop_signals()  # before the slower imports: as PID 1 this process would not hear a signal yet

import gc
import logging
import os
from collections.abc import Sequence

import bytewax.operators as op
from bytewax.dataflow import Dataflow
from bytewax.run import cli_main

import actuator
import config
from config.loading.bytewax_env import API, refuse_options
from config.reference import help_text, version_text
from connectors.operators import filter_value, flat_map_value, guarded, map_value, named_functions  # noqa: F401 - for steps of yours
from connectors.preflight.checks import check
from connectors.sink import KafkaSink
from connectors.source import KafkaSource
from connectors.task.stream_task import StreamTask
from runtime.control import worker_link
from runtime.control.status import TaskHandle
from runtime.control.worker_pool import WorkerPool
from runtime.errors import ProcessorError, print_in_one_line
from runtime.startup import set_up_process

print_in_one_line()


def flow(*arguments: str) -> Dataflow:
    """The dataflow for these command line arguments (`--name=value`) and the environment. Has no effects until Bytewax runs it."""
    settings = loaded(arguments)
    source = KafkaSource(lambda: start(settings))
    dataflow = Dataflow("python-processor")
    records = op.input("input", dataflow, source)
    records = named_functions(records, settings.functions, settings.options)  # or steps of yours, one line each
    op.output("output", records, KafkaSink(source))
    return guarded(dataflow)


def loaded(arguments: Sequence[str]) -> config.Settings:
    """The settings; a wrong one is one line on stderr and exit code 1."""
    try:
        if getattr(sys.modules["__main__"].__spec__, "name", "") == "bytewax.run":
            refuse_options(sys.argv[1:])
        settings = config.load(arguments, os.environ)
    except config.SettingsError as error:
        raise SystemExit(f"python-processor: {error}") from None
    os.environ.pop(API, None)
    return settings


def start(settings: config.Settings) -> StreamTask | WorkerPool:
    """Begin: logs, signals, HTTP, then Kafka. The one place where the parts are put together; called when Bytewax builds the source."""
    lifecycle = set_up_process(settings)
    if settings.input_concurrency > 1 and not settings.place:
        processes = WorkerPool(settings, lifecycle)
        actuator.serve(settings, processes, lifecycle)
        return processes.start()
    handle = TaskHandle()
    (worker_link if settings.place else actuator).serve(settings, handle, lifecycle)
    task = StreamTask(settings, handle, lifecycle)
    gc.freeze()  # what exists now stays: no need to look at it again with each batch of messages
    return task


def main() -> int:
    """Run until stopped, or answer --help, --version or --check; the exit code (an error that the lane has told sets its own at exit)."""
    arguments = sys.argv[1:]
    if {"--help", "-h"} & set(arguments):
        sys.stdout.write(f"{help_text(*loaded([word for word in arguments if word not in {'--help', '-h'}]).own)}\n")
        return Exit.OK
    if {"--version", "-V"} & set(arguments):
        sys.stdout.write(f"{version_text()}\n")
        return Exit.OK
    if "--check" in arguments:
        return Exit.OK if check(loaded(arguments), everything="--all" in arguments) else Exit.FAILED
    try:
        cli_main(flow(*arguments))  # type: ignore[no-untyped-call]  # Bytewax's is untyped
    except ProcessorError as error:
        sys.exit(f"python-processor: {error}")
    except Exception:
        logging.getLogger("processor.lifecycle").exception("an unforeseen error")
        return Exit.FAILED
    return ended_well()


if __name__ == "__main__":
    sys.exit(main())
