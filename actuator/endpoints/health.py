"""/actuator/health: components, groups, the details shown, and the HTTP status.

The rules are Spring Boot's with three differences, so that no probe kills a healthy pod:

- An absent broker is UNKNOWN (HTTP 200).
- UNKNOWN outweighs UP, so that it is visible in the whole.
- The readiness state is 503 while the broker is away. It is in its group only, not in the whole.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, Flask, Response

from actuator.endpoints.indicators import UNKNOWN, Component, components
from actuator.http import responses, security
from config import Settings
from config.librdkafka.client_config import consumer_config
from config.sections.management import SHOW
from runtime.control.status import TaskHandle
from runtime.lifecycle import Lifecycle

_MAX_POLL_INTERVAL = 300_000  # ms; Kafka's default
_HTTP_STATUS = {"down": 503, "outofservice": 503}


@dataclass(frozen=True, slots=True)
class Group:
    """The components of a group, and who sees them: never, when-authorized or always."""

    include: tuple[str, ...]
    exclude: tuple[str, ...]
    show_components: str
    show_details: str

    def members(
        self, components: Mapping[str, Component], prefix: str = ""
    ) -> dict[str, Component]:
        """Return the components that belong to the group. `binders/kafka` names a part of one.

        Args:
            components: All components by name.
            prefix: The path of the composite that they are parts of, with a `/` at its end.
        """
        found: dict[str, Component] = {}
        for name, each in components.items():
            path = prefix + name
            if {"*", path} & set(self.exclude):
                continue
            if {"*", path, *([prefix[:-1]] if prefix else [])} & set(self.include):
                parts = Group(("*",), self.exclude, "", "").members(each.components, f"{path}/")
            elif any(included.startswith(f"{path}/") for included in self.include):
                parts = self.members(each.components, f"{path}/")
            else:
                continue
            if parts or not each.components:
                found[name] = replace(each, components=parts)
        return found


class HealthEndpoint:
    """Answers from the status of the tasks and the lifecycle, by the rules of the settings."""

    def __init__(self, settings: Settings, handle: TaskHandle, lifecycle: Lifecycle) -> None:
        """Prepare the groups of components.

        Args:
            settings: Has the groups and the rules.
            handle: Has the status of the tasks.
            lifecycle: Says whether the process is stopping.
        """
        self._settings, self._handle, self._lifecycle = settings, handle, lifecycle
        self._rank = _by_status(
            (status, rank) for rank, status in enumerate(settings.health_status_order)
        )
        self._http_status = _by_status(settings.health_http_mapping.items()) or _HTTP_STATUS
        self._whole = _group(settings, {"include": "*", "exclude": "readinessState"})
        self._groups = groups(settings)
        self._longest_silence = (
            float(consumer_config(settings).get("max.poll.interval.ms", _MAX_POLL_INTERVAL)) / 1000
        )

    def blueprint(self) -> Blueprint:
        """Return the endpoint. A path names a group, or a component of one or of the whole.

        Any other path answers 404 without a body.
        """
        blueprint = Blueprint("health", __name__)
        blueprint.add_url_rule("", view_func=self.answer)
        blueprint.add_url_rule("/<path:path>", view_func=self.answer)
        return blueprint

    def add_probe_paths(self, app: Flask, context_path: str) -> None:
        """Add /livez and /readyz, which are Kubernetes' names for the two probe groups.

        Args:
            app: The app on server.port.
            context_path: Goes before both paths.
        """
        for path, group in (("/livez", "liveness"), ("/readyz", "readiness")):
            if group in self._groups:
                app.add_url_rule(context_path + path, path, self.answer, defaults={"path": group})

    def answer(self, path: str = "") -> Response:
        """Answer for the whole, a group, or a component.

        Args:
            path: The group and the component with `/` between them; "" for the whole.
        """
        names = path.split("/") if path else []
        group = self._groups.get(names[0]) if names else None
        rest = names[1:] if group else names
        group = group or self._whole
        if rest and not security.may_see(group.show_components):
            return responses.empty_response(404)
        all_components = components(
            self._settings, self._handle.status, self._lifecycle, self._longest_silence
        )
        members = group.members(all_components)
        # A group without members is UNKNOWN.
        found: Component | None = Component(UNKNOWN, components=members)
        for name in rest:
            found = found.components.get(name) if found else None
        if found is None:
            return responses.empty_response(404)
        response = responses.json_response(
            self._body(found, group)
            | ({} if names or not self._groups else {"groups": sorted(self._groups)})
        )
        response.status_code = self._http_status.get(_uniform(self._status(found)), 200)
        return response

    def _status(self, component: Component) -> str:
        """Return the worst status of a composite. A status without a rank is the best."""
        if not component.components:
            return component.status
        return min(
            map(self._status, component.components.values()),
            key=lambda status: self._rank.get(_uniform(status), len(self._rank)),
        )

    def _body(self, component: Component, group: Group) -> dict[str, Any]:
        body: dict[str, Any] = {"status": self._status(component)}
        if component.components and security.may_see(group.show_components):
            key = (
                "details"
                if responses.negotiate(responses.JSON_TYPES) == responses.V2
                else "components"
            )
            body[key] = {
                name: self._body(each, group) for name, each in component.components.items()
            }
        if component.details and security.may_see(group.show_details):
            body["details"] = component.details
        return body


def groups(settings: Settings) -> dict[str, Group]:
    """Return the probe groups, if they are on, and those of management.endpoint.health.group.

    Args:
        settings: Has the options of each group.
    """
    probes: dict[str, dict[str, str]] = {}
    if settings.health_probes_enabled:
        probes = {
            "liveness": {"include": "livenessState"},
            "readiness": {"include": "readinessState"},
        }
    options: dict[str, dict[str, str]] = {}
    for key, value in settings.health_groups.items():
        name, _, option = key.partition(".")
        # The highest source comes first. It wins if two sources spell an option differently.
        options.setdefault(name, {}).setdefault(_uniform(option), value)
    return {
        name: _group(settings, probes.get(name, {}) | options.get(name, {}))
        for name in probes | options
    }


def _group(settings: Settings, options: Mapping[str, str]) -> Group:
    show_details = SHOW.parse(
        options.get("showdetails", "").strip() or settings.health_show_details
    )
    show_components = SHOW.parse(
        options.get("showcomponents", "").strip() or settings.health_show_components or show_details
    )
    return Group(
        _names(options.get("include", "")) or ("*",),  # as in Spring Boot, nothing is all
        _names(options.get("exclude", "")),
        show_components,
        show_details,
    )


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _by_status(values: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Return the values by status. Of two spellings of a status the first wins."""
    return {_uniform(status): value for status, value in reversed(list(values))}


def _uniform(word: str) -> str:
    """Return the letters and digits. To Spring Boot OUT_OF_SERVICE and out-of-service are equal."""
    return "".join(filter(str.isalnum, word)).lower()
