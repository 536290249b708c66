"""The beginning of the process's life: logs, signals, exit code."""

import logging

from config import Settings
from config.sanitizing import Sanitizer
from runtime import logs
from runtime.exits import code_at_exit
from runtime.lifecycle import Lifecycle
from runtime.signals import open_standard_streams
from runtime.watchdog import Watchdog


def begin(settings: Settings) -> Lifecycle:
    """Take over logs and signals, say what the settings warn of, and give the process its exit code. To be called on the main thread."""
    open_standard_streams()
    sanitizer = Sanitizer(settings)
    name = sanitizer.shown("spring.application.name", settings.application_name)
    logs.configure(name, settings.logging_levels, settings.structured_console, sanitizer.metric_tags(), settings.secrets)
    for warning in settings.warnings:
        logging.getLogger("processor.settings").warning("%s", warning)
    lifecycle = Lifecycle()
    code_at_exit(lambda: lifecycle.exit_code)
    Watchdog(lifecycle, settings.shutdown_timeout, settings.client_call_timeout).start()
    return lifecycle
