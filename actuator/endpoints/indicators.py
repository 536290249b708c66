"""Health components, from the status of the tasks alone: what works, what fails, since when."""

import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from actuator.endpoints.bindings import destination_text, input_names
from actuator.http import responses
from config import Settings
from runtime.control.status import TaskState, TaskStatus
from runtime.lifecycle import Lifecycle

UP, UNKNOWN, OUT_OF_SERVICE, DOWN = "UP", "UNKNOWN", "OUT_OF_SERVICE", "DOWN"
# States in which silence is normal. A stop has its own deadline.
_SILENT = (TaskState.STARTING, TaskState.DRAINING, TaskState.ENDED)
# A task publishes ten times a second, unless it waits inside a function or the client.
SILENCE_S = 25.0
_MEMBER = (TaskState.RUNNING, TaskState.PAUSED, TaskState.DRAINING)
# Bytes that must be free: Spring Boot's default of management.health.diskspace.threshold.
DISK_THRESHOLD = 10 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Component:
    """A leaf with a status and details, or a composite with the worst status of its components."""

    status: str = UP
    details: Mapping[str, Any] = field(default_factory=dict)
    components: Mapping[str, "Component"] = field(default_factory=dict)


def components(
    settings: Settings, status: TaskStatus, lifecycle: Lifecycle, longest_silence: float
) -> dict[str, Component]:
    """Return all components, sorted by name.

    Args:
        settings: Says which components are on.
        status: The present status of the tasks.
        lifecycle: Says whether the process is stopping.
        longest_silence: Seconds without a status after which a task is stuck; see liveness().
    """
    found: dict[str, Component] = {}
    if settings.health_binders_enabled:
        found["binders"] = Component(components={"kafka": binder(settings, status)})
    if settings.health_disk_space_enabled:
        found["diskSpace"] = disk_space()
    if settings.health_probes_enabled:
        found["livenessState"] = liveness(status, lifecycle, longest_silence)
    if settings.health_ping_enabled:
        found["ping"] = Component()
    if settings.health_probes_enabled:
        found["readinessState"] = readiness(status, lifecycle)
    return found


def binder(settings: Settings, status: TaskStatus) -> Component:
    """Return the Kafka binder: the task's state, and each issue with its beginning.

    Spring's check waits 60 s for an absent broker and then says DOWN. This one says UNKNOWN at
    once. A broker that refuses the credentials or the certificate is DOWN, as waiting does not
    help.
    """
    details: dict[str, Any] = {
        "topicsInUse": [settings.output_destination, *settings.input_destinations],
        "listenerContainers": [
            {
                "isPaused": status.state is TaskState.PAUSED,
                "listenerId": f"{destination_text(settings, status, name)}.container",
                "isRunning": status.state in _MEMBER,
                "groupId": settings.input_group,
                "isStoppedAbnormally": status.state is TaskState.FAILED,
            }
            for name in input_names(settings)
        ],
    }
    troubles = [
        {"what": each.what, "since": responses.iso_time(each.since)} for each in status.troubles
    ]
    silent = status.age > SILENCE_S and status.state not in (*_SILENT, TaskState.FAILED)
    if silent:
        troubles.append(
            {
                "what": "inside a function or the Kafka client: no record moves",
                "since": _published(status),
            }
        )
    if troubles:
        details["troubles"] = troubles
    if status.state is TaskState.FAILED:
        return Component(DOWN, details)
    if any(each.refused for each in status.troubles):
        return Component(DOWN, details)
    if _broker_away(status):
        return Component(settings.health_broker_away.upper(), details)
    unbound = status.state in (
        TaskState.STARTING,
        TaskState.BINDING,
        TaskState.JOINING,
        TaskState.ENDED,
    )
    return Component(UNKNOWN if unbound or silent or _unread(status) else UP, details)


def liveness(status: TaskStatus, lifecycle: Lifecycle, longest_silence: float) -> Component:
    """Return DOWN only if a restart would help: the task failed, is stuck, or ended unasked.

    A task is stuck if it has published nothing for `longest_silence` seconds. That is
    max.poll.interval.ms, after which the group removes a member. A function that takes less time
    for a record is slow, not stuck. An idle task publishes all the time.
    """
    if status.state is TaskState.FAILED or (
        status.state is TaskState.ENDED and not lifecycle.stopping
    ):
        return Component(DOWN)
    if status.age > longest_silence and status.state not in _SILENT:
        what = (
            f"for over {longest_silence:g} s (max.poll.interval.ms) inside a function or the "
            f"Kafka client"
        )
        return Component(DOWN, {"troubles": [{"what": what, "since": _published(status)}]})
    return Component(UP)


def readiness(status: TaskStatus, lifecycle: Lifecycle) -> Component:
    """Return UP while the task is in its target state, also paused or stopped, as in Spring.

    The component is OUT_OF_SERVICE while the task cannot reach that state.
    """
    able = (
        status.state in (TaskState.RUNNING, TaskState.PAUSED, TaskState.STOPPED)
        and not _broker_away(status)
        and not _unread(status)
    )
    return Component(UP if able and not lifecycle.stopping else OUT_OF_SERVICE)


def disk_space() -> Component:
    """Return the disk of the working directory, in bytes, as Spring Boot's indicator does."""
    usage = shutil.disk_usage(".")
    details = {
        "total": usage.total,
        "free": usage.free,
        "threshold": DISK_THRESHOLD,
        "path": f"{Path.cwd()}/.",
        "exists": True,
    }
    return Component(UP if usage.free >= DISK_THRESHOLD else DOWN, details)


def _published(status: TaskStatus) -> str:
    """Return when the task has published the status, by the wall clock as it is set now."""
    return responses.iso_time(time.time() - status.age)


def _unread(status: TaskStatus) -> bool:
    return any(each.unread for each in status.troubles)


def _broker_away(status: TaskStatus) -> bool:
    return any(each.broker_away for each in status.troubles)
