"""The properties of HTTP and the actuator: where it listens, what it shows, to whom."""

from pydantic import BaseModel, SecretStr

from config.errors import SettingsError
from config.sections.passwords import PASSWORD
from config.sections.paths import MAPPED, PATH
from config.spring.property import prop, prop_map
from config.spring.types import FLAG, LIST, TEXT, bounded_integer, choice

ENDPOINTS = (
    "bindings",
    "configprops",
    "env",
    "health",
    "info",
    "loggers",
    "metrics",
    "prometheus",
    "shutdown",
    "threaddump",
)
_PORT = bounded_integer(0, 65535)
_ACCESS = choice("none", "read-only", "unrestricted")
SHOW = choice("never", "when-authorized", "always")


def endpoint_id(text: str) -> str:
    """Return an endpoint's id for comparison. `thread-dump` and `threadDump` are equal.

    Args:
        text: The id in any spelling.
    """
    return "".join(filter(str.isalnum, text)).lower()


class Management(BaseModel):
    """The fields of Settings for HTTP and the actuator."""

    # where
    server_port: int = prop(
        "server.port", _PORT, "Port of the actuator; 0 picks a free one.", "PORT", default=8080
    )
    server_address: str | None = prop(
        "server.address", TEXT, "Address the actuator listens on; unset is every one.", default=None
    )
    context_path: str = prop(
        "server.servlet.context-path", PATH, "What all paths on server.port begin with.", default=""
    )
    management_port: int | None = prop(
        "management.server.port",
        bounded_integer(-1, 65535),
        "Port of the actuator, if it is to have one of its own; 0 picks a free one, -1 is no "
        "actuator.",
        default=None,
    )
    management_address: str | None = prop(
        "management.server.address",
        TEXT,
        "Address the actuator's own port listens on; unset is every one.",
        default=None,
    )
    management_context_path: str = prop(
        "management.server.base-path",
        PATH,
        "What all paths on the actuator's own port begin with.",
        default="",
    )
    actuator_base_path: str = prop(
        "management.endpoints.web.base-path",
        PATH,
        "Path of the actuator; / puts the endpoints at the root.",
        default="/actuator",
    )
    path_mapping: dict[str, str] = prop_map(
        "management.endpoints.web.path-mapping",
        "Path of an endpoint, instead of its name.",
        kind=MAPPED,
    )

    # which endpoints
    discovery_enabled: bool = prop(
        "management.endpoints.web.discovery.enabled",
        FLAG,
        "Whether /actuator lists the endpoints.",
        default=True,
    )
    exposure_include: tuple[str, ...] = prop(
        "management.endpoints.web.exposure.include",
        LIST,
        "Endpoints that are exposed; * is all.",
        default=("health", "info", "bindings"),
    )
    exposure_exclude: tuple[str, ...] = prop(
        "management.endpoints.web.exposure.exclude",
        LIST,
        "Endpoints that are not exposed, whatever is included.",
        default=(),
    )
    endpoint_accesses: dict[str, str] = prop_map(
        "management.endpoint",
        "What may be done with an endpoint, as in Spring Boot 3.4: shutdown.access=unrestricted, "
        "loggers.access=read-only.",
        *(f"{name}.access" for name in ENDPOINTS),
        kind=_ACCESS,
    )
    endpoints_enabled: dict[str, bool] = prop_map(
        "management.endpoint",
        "Whether an endpoint exists, as in Spring Boot 3.3: shutdown.enabled=true.",
        *(f"{name}.enabled" for name in ENDPOINTS),
        kind=FLAG,
    )
    default_access: str | None = prop(
        "management.endpoints.access.default",
        _ACCESS,
        "Access to endpoints of which nothing is said.",
        default=None,
    )
    max_permitted_access: str = prop(
        "management.endpoints.access.max-permitted",
        _ACCESS,
        "Most that may be done with an endpoint, whatever is said of it.",
        default="unrestricted",
    )
    enabled_by_default: bool | None = prop(
        "management.endpoints.enabled-by-default",
        FLAG,
        "Whether endpoints of which nothing is said exist.",
        default=None,
    )
    endpoints_shutdown_enabled: bool = prop(
        "endpoints.shutdown.enabled",
        FLAG,
        "Whether POST /shutdown ends the processor, as Data Flow's local deployer asks it to.",
        default=False,
    )

    # what is shown
    info: dict[str, str] = prop_map(
        "info",
        "What /actuator/info answers, once management.info.env.enabled is true; values of secret "
        "names are masked.",
    )
    info_env_enabled: bool = prop(
        "management.info.env.enabled",
        FLAG,
        "Whether /actuator/info answers info.*; false as in Spring Boot: any variable INFO_* "
        "would be public.",
        default=False,
    )
    env_show_values: str = prop(
        "management.endpoint.env.show-values",
        SHOW,
        "Whether /actuator/env shows values.",
        default="never",
    )
    configprops_show_values: str = prop(
        "management.endpoint.configprops.show-values",
        SHOW,
        "Whether /actuator/configprops shows values.",
        default="never",
    )

    # to whom
    security_enabled: bool = prop(
        "spring.cloud.streamapp.security.enabled",
        FLAG,
        "Whether users, if any are set, are asked for by every POST and by all endpoints but "
        "health, info and bindings.",
        default=True,
    )
    admin_user: str | None = prop(
        "spring.cloud.streamapp.security.admin-user", TEXT, "Name of a user.", default=None
    )
    admin_password: SecretStr | None = prop(
        "spring.cloud.streamapp.security.admin-password",
        PASSWORD,
        "Password of that user.",
        default=None,
    )
    user_name: str = prop(
        "spring.security.user.name", TEXT, "Name of another user.", default="user"
    )
    user_password: SecretStr | None = prop(
        "spring.security.user.password", PASSWORD, "Password of that user.", default=None
    )

    @property
    def own_management_port(self) -> int | None:
        """The actuator's port if it is not server.port. -1 switches the actuator off."""
        return (
            None
            if self.management_port and self.management_port == self.server_port
            else self.management_port
        )

    def check_paths(self) -> None:
        """Check that path-mapping gives each endpoint a path of its own.

        Raises:
            SettingsError: Two endpoints have one path.
        """
        paths: dict[str, str] = {}
        for endpoint in ENDPOINTS:
            path = self.path_of(endpoint)
            other = paths.setdefault(path, endpoint)
            if other != endpoint:
                raise SettingsError(
                    f"management.endpoints.web.path-mapping: {other} and {endpoint} have the same "
                    f"path, {path}"
                )

    def access(self, endpoint: str) -> str:
        """Return `none`, `read-only` or `unrestricted`, as Spring Boot does.

        Args:
            endpoint: One of ENDPOINTS. The default of shutdown is `none`.
        """
        named = self.endpoint_accesses.get(f"{endpoint}.access")
        enabled = self.endpoints_enabled.get(f"{endpoint}.enabled", self.enabled_by_default)
        if named is None and enabled is not None:
            named = "unrestricted" if enabled else "none"
        named = (
            named or self.default_access or ("none" if endpoint == "shutdown" else "unrestricted")
        )
        return min(named, self.max_permitted_access, key=_ACCESS.words.index)

    def path_of(self, endpoint: str) -> str:
        """Return the path of an endpoint below the actuator's path, without / at both ends.

        Args:
            endpoint: One of ENDPOINTS.
        """
        return next(
            (path for key, path in self.path_mapping.items() if endpoint_id(key) == endpoint),
            endpoint,
        ).strip("/")
