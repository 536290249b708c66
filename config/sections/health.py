"""The properties of /actuator/health."""

from pydantic import BaseModel

from config.sections.management import SHOW
from config.spring.property import prop, prop_map
from config.spring.types import FLAG, LIST, bounded_integer, choice

_DEFAULTS = "management.health.defaults.enabled"


class Health(BaseModel):
    """The fields of Settings for /actuator/health."""

    health_show_details: str = prop(
        "management.endpoint.health.show-details",
        SHOW,
        "Whether /actuator/health shows details.",
        default="never",
    )
    health_show_components: str | None = prop(
        "management.endpoint.health.show-components",
        SHOW,
        "Whether /actuator/health shows components; unset: as it shows details.",
        default=None,
    )
    health_probes_enabled: bool = prop(
        "management.endpoint.health.probes.enabled",
        FLAG,
        "Whether /actuator/health has the groups liveness and readiness, as Spring Boot 4 has by "
        "default.",
        "management.health.probes.enabled",
        default=True,
    )
    health_additional_paths: bool = prop(
        "management.endpoint.health.probes.add-additional-paths",
        FLAG,
        "Whether /livez and /readyz on server.port answer as the groups do.",
        default=False,
    )
    health_groups: dict[str, str] = prop_map(
        "management.endpoint.health.group",
        "Groups of health components: readiness.include=readinessState,binders; also exclude, "
        "show-details, show-components.",
        lists=True,
    )
    health_status_order: tuple[str, ...] = prop(
        "management.endpoint.health.status.order",
        LIST,
        "Statuses from the worst on; the worst is that of the whole.",
        default=("DOWN", "OUT_OF_SERVICE", "UNKNOWN", "UP"),
    )
    health_http_mapping: dict[str, int] = prop_map(
        "management.endpoint.health.status.http-mapping",
        "HTTP status of a health status; unset: 503 for DOWN and OUT_OF_SERVICE. 200 for those "
        "not named.",
        kind=bounded_integer(100, 599),
    )
    health_broker_away: str = prop(
        "python-processor.health.broker-away",
        choice("unknown", "down"),
        "Health while the broker is away: UNKNOWN (HTTP 200), or DOWN as in Spring Boot, so that "
        "Kubernetes restarts the pod.",
        default="unknown",
    )
    health_binders_enabled: bool = prop(
        "management.health.binders.enabled",
        FLAG,
        "Whether health has the component binders.",
        _DEFAULTS,
        default=True,
    )
    health_disk_space_enabled: bool = prop(
        "management.health.diskspace.enabled",
        FLAG,
        "Whether health has the component diskSpace.",
        _DEFAULTS,
        default=True,
    )
    health_ping_enabled: bool = prop(
        "management.health.ping.enabled",
        FLAG,
        "Whether health has the component ping.",
        _DEFAULTS,
        default=True,
    )
