"""/actuator/health: components, the liveness and readiness groups, and their HTTP status, from the lane's status alone.

Where Spring Boot's own check waits 60 s for an absent broker and then answers 503, so that a probe kills a healthy pod, this one answers
at once that it does not know (UNKNOWN, HTTP 200), and names the broker and since when. Only the readiness group turns 503 for it.
"""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Blueprint, Response

from actuator import media
from actuator.bindings import destination_text
from config import Settings
from runtime.lifecycle import Lifecycle
from runtime.status import Board, LaneState, LaneStatus

UP, UNKNOWN, OUT_OF_SERVICE, DOWN = "UP", "UNKNOWN", "OUT_OF_SERVICE", "DOWN"
# The worst first. Spring Boot puts UNKNOWN last, where any other component hides it; then an absent broker would be told as UP.
ORDER = (DOWN, OUT_OF_SERVICE, UNKNOWN, UP)
_HTTP_STATUS = {DOWN: 503, OUT_OF_SERVICE: 503}
_MEMBER = (LaneState.RUNNING, LaneState.PAUSED, LaneState.DRAINING)
# Bytes that must be free, Spring Boot's default of management.health.diskspace.threshold.
DISK_THRESHOLD = 10 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Health:
    """A component: a leaf with details, or a composite whose status is the worst of its components'."""

    own: str = UP
    details: Mapping[str, Any] = field(default_factory=dict)
    components: Mapping[str, "Health"] = field(default_factory=dict)

    @property
    def status(self) -> str:
        return min((each.status for each in self.components.values()), key=ORDER.index) if self.components else self.own


def endpoint(settings: Settings, board: Board, lifecycle: Lifecycle) -> Blueprint:
    """A path below the endpoint is a group, or a component of one or of the whole; an unknown or hidden one is a 404 without body."""
    blueprint = Blueprint("health", __name__)
    show_details = settings.health_show_details == "always"
    show_components = show_details

    @blueprint.get("")
    def health() -> Response:
        return _answer(system(settings, board.status, lifecycle), list(_groups(settings, board.status, lifecycle)))

    @blueprint.get("/<path:path>")
    def part(path: str) -> Response:
        first, *rest = path.split("/")
        found = _groups(settings, board.status, lifecycle).get(first)
        if found is None:
            found, rest = system(settings, board.status, lifecycle), [first, *rest]
        if rest and not show_components:
            return media.nothing(404)
        for name in rest:
            found = found.components.get(name) if found else None
        return _answer(found) if found else media.nothing(404)

    def _answer(health: Health, groups: Sequence[str] = ()) -> Response:
        body = _body(health, components=show_components, details=show_details)
        response = media.answer(body | {"groups": groups} if groups else body)
        response.status_code = _HTTP_STATUS.get(health.status, 200)
        return response

    return blueprint


def system(settings: Settings, status: LaneStatus, lifecycle: Lifecycle) -> Health:
    """What /actuator/health tells. The readiness state is not in it: a pod must not be killed because its broker is away."""
    components = {
        "binders": Health(components={"kafka": binder(settings, status)}),
        "diskSpace": disk_space(),
        "livenessState": liveness(status, lifecycle),
        "ping": Health(),
    }
    if not settings.health_probes_enabled:
        del components["livenessState"]
    return Health(components=components)


def binder(settings: Settings, status: LaneStatus) -> Health:
    """The Kafka binder: its lane's state, and every trouble with what it is about and since when."""
    details: dict[str, Any] = {
        "topicsInUse": [settings.output_destination, *settings.input_destinations],
        "listenerContainers": [
            {
                "isPaused": status.state is LaneState.PAUSED,
                "listenerId": f"{destination_text(status, topic)}.container",
                "isRunning": status.state in _MEMBER,
                "groupId": settings.input_group,
                "isStoppedAbnormally": status.state is LaneState.FAILED,
            }
            for topic in settings.input_destinations
        ],
    }
    if status.troubles:
        details["troubles"] = [{"what": each.what, "since": media.iso_time(each.since)} for each in status.troubles]
    return Health(_binder_status(status), details)


def liveness(status: LaneStatus, lifecycle: Lifecycle) -> Health:
    """DOWN only when a restart would help: the lane has ended although nobody asked it to."""
    dead = status.state in (LaneState.FAILED, LaneState.ENDED) and not lifecycle.stopping
    return Health(DOWN if dead else UP)


def readiness(status: LaneStatus, lifecycle: Lifecycle) -> Health:
    """UP while the lane does what it was told, which includes paused and stopped, as in Spring; OUT_OF_SERVICE while it cannot."""
    able = status.state in (LaneState.RUNNING, LaneState.PAUSED, LaneState.STOPPED) and not _broker_away(status)
    return Health(UP if able and not lifecycle.stopping else OUT_OF_SERVICE)


def disk_space() -> Health:
    """The disk of the working directory, in bytes, as Spring Boot's indicator of that name."""
    usage = shutil.disk_usage(".")
    details = {"total": usage.total, "free": usage.free, "threshold": DISK_THRESHOLD, "path": f"{Path.cwd()}/.", "exists": True}
    return Health(UP if usage.free >= DISK_THRESHOLD else DOWN, details)


def _groups(settings: Settings, status: LaneStatus, lifecycle: Lifecycle) -> dict[str, Health]:
    if not settings.health_probes_enabled:
        return {}
    return {
        "liveness": Health(components={"livenessState": liveness(status, lifecycle)}),
        "readiness": Health(components={"readinessState": readiness(status, lifecycle)}),
    }


def _body(health: Health, *, components: bool, details: bool) -> dict[str, Any]:
    body: dict[str, Any] = {"status": health.status}
    if components and health.components:
        body["components"] = {name: _body(each, components=True, details=details) for name, each in health.components.items()}
    if details and health.details:
        body["details"] = health.details
    return body


def _binder_status(status: LaneStatus) -> str:
    if status.state is LaneState.FAILED:
        return DOWN
    if _broker_away(status) or status.state in (LaneState.STARTING, LaneState.BINDING, LaneState.ENDED):
        return UNKNOWN
    return UP


def _broker_away(status: LaneStatus) -> bool:
    return any(each.broker_away for each in status.troubles)
