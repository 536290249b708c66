"""Sets up logs, signals and the exit code at the start of the process."""

import logging

from config import Settings
from config.reference.help import VERSION
from config.sanitizing import Sanitizer
from runtime.exit_codes import code_at_exit
from runtime.lifecycle import Lifecycle
from runtime.logs import console
from runtime.signals import open_standard_streams
from runtime.watchdog import Watchdog


def set_up_process(settings: Settings) -> Lifecycle:
    """Set up logs, signals and the exit code, and log what became of settings. On the main thread.

    Args:
        settings: The processor's settings.

    Returns:
        The lifecycle, which a watchdog thread watches from now on.
    """
    open_standard_streams()
    sanitizer = Sanitizer(settings)
    name = sanitizer.shown("spring.application.name", settings.application_name)
    console.configure(
        name,
        settings.logging_levels,
        settings.structured_console,
        sanitizer.metric_tags(),
        settings.secrets,
    )
    log_answers(settings)
    log_start(settings)
    lifecycle = Lifecycle()
    code_at_exit(lambda: lifecycle.exit_code)
    Watchdog(lifecycle, settings.shutdown_timeout, settings.client_call_timeout).start()
    return lifecycle


def log_answers(settings: Settings) -> None:
    """Log the settings' warnings, and at DEBUG the properties that have no effect.

    Args:
        settings: The processor's settings.
    """
    log = logging.getLogger("processor.settings")
    for warning in settings.warnings:
        log.warning("%s", warning)
    for notice in settings.notices:
        log.debug("%s", notice)


def log_start(settings: Settings) -> None:
    """Log the version, the guarantee, the topics and the group. A worker's parent has logged them.

    Args:
        settings: The processor's settings.
    """
    if settings.worker_slot:
        return
    line = (
        f"version {VERSION}, {'exactly' if settings.transactional_id else 'at least'} once: "
        f"input {', '.join(settings.input_destinations)} (group {settings.input_group}), "
        f"output {settings.output_destination}"
    )
    logging.getLogger("processor.lifecycle").info("%s", settings.clean(line))
