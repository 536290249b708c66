"""Fixed names of loggers, by subject. So `logging.level.*` stays valid when modules move."""

import logging

# Subject -> its loggers' names in version 1.0, which were paths of modules. docs/logs.md describes
# the subjects.
SUBJECTS = {
    "processor.actuator": (
        "actuator.bindings",
        "actuator.boot_admin",
        "actuator.errors",
        "actuator.server",
    ),
    "processor.brokers": ("connectors.brokers",),
    "processor.clients": ("connectors.consumer", "connectors.tls_stores"),
    "processor.commit": (
        "connectors.at_least_once",
        "connectors.exactly_once",
        "connectors.guarantee",
        "connectors.reached",
    ),
    "processor.group": ("connectors.membership", "connectors.reading_state"),
    "processor.lifecycle": (
        "connectors.course",
        "connectors.lane",
        "python-processor",
        "runtime.watchdog",
    ),
    "processor.records": ("connectors.letter_forms", "connectors.recovery", "connectors.writer"),
    "processor.settings": ("config",),
    "processor.start-offsets": ("connectors.beginnings", "connectors.group_start"),
    "processor.topics": ("connectors.binding", "connectors.topics"),
    "processor.workers": ("runtime.parent", "runtime.processes"),
}


def replacements(name: str) -> tuple[str, ...]:
    """Return the subjects that have replaced a name of version 1.0.

    Args:
        name: A former module or package.

    Returns:
        The subjects; none for another name.
    """
    return tuple(
        subject
        for subject, old_names in SUBJECTS.items()
        if any(f"{old_name}.".startswith(f"{name}.") for old_name in old_names)
    )


def set_level(name: str | None, level: int) -> None:
    """Set the level of a logger. A former name also sets the loggers that have replaced it.

    Args:
        name: The logger; None for the root.
        level: The level's number in logging.
    """
    for each in (name, *replacements(name)) if name else (None,):
        logging.getLogger(each).setLevel(level)
