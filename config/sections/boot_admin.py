"""The properties of Spring Boot Admin's client: the servers and the registration."""

import re

from pydantic import BaseModel, SecretStr

from config.sections.paths import PATH
from config.spring.property import prop, prop_map
from config.spring.types import FLAG, LIST, TEXT, PropertyType, choice, duration

_CLIENT = "spring.boot.admin.client"
_INSTANCE = f"{_CLIENT}.instance"


# No password can hide in it: neither before an @, nor in a query.
_ADDRESS = re.compile(
    r"https?://(?:\[[0-9A-Fa-f:.%]+\]|[^\s/@:?#\[\]]+)(?::[0-9]{1,5})?(?:/[^\s@?#]*)?"
)


def _url(text: str) -> str:
    text = text.strip()
    if not _ADDRESS.fullmatch(text):
        raise ValueError(text)
    return text.rstrip("/")


def _urls(text: str) -> tuple[str, ...]:
    return tuple(map(_url, LIST.parse(text)))


_URL = PropertyType(
    _url, "a URL such as http://host:8080, without user, password and query", "java.lang.String"
)
_URLS = PropertyType(
    _urls,
    "a comma-separated list of URLs such as http://host:8080, without user, password and query",
    "java.util.List<java.lang.String>",
)


class AdminClient(BaseModel):
    """The fields of Settings for Spring Boot Admin. Without a URL nothing is registered."""

    @property
    def registers_at_boot_admin(self) -> bool:
        """Whether this instance registers itself at a server."""
        return (
            self.boot_admin_enabled
            and self.boot_admin_auto_registration
            and bool(self.boot_admin_urls)
        )

    boot_admin_urls: tuple[str, ...] = prop(
        f"{_CLIENT}.url",
        _URLS,
        "Spring Boot Admin servers to register at; the first that answers counts.",
        default=(),
    )
    boot_admin_enabled: bool = prop(
        f"{_CLIENT}.enabled", FLAG, "Whether to register at Spring Boot Admin.", default=True
    )
    boot_admin_auto_registration: bool = prop(
        f"{_CLIENT}.auto-registration",
        FLAG,
        "Whether to register by itself; false is the same as enabled=false.",
        default=True,
    )
    boot_admin_api_path: str = prop(
        f"{_CLIENT}.api-path", TEXT, "Path of registration at the server.", default="instances"
    )
    boot_admin_user: str | None = prop(
        f"{_CLIENT}.username", TEXT, "Name of a user of the server.", default=None
    )
    boot_admin_password: SecretStr | None = prop(
        f"{_CLIENT}.password",
        PropertyType(SecretStr, "any text", "java.lang.String"),
        "Password of that user.",
        default=None,
    )
    boot_admin_period: float = prop(
        f"{_CLIENT}.period", duration(0.1, 3600), "How often to register again.", default=10.0
    )
    boot_admin_timeout: float = prop(
        f"{_CLIENT}.read-timeout",
        duration(0.1, 60),
        "How long an answer of the server is waited for.",
        default=5.0,
    )
    boot_admin_deregisters: bool | None = prop(
        f"{_CLIENT}.auto-deregistration",
        FLAG,
        "Whether to deregister at the end; unset: on Kubernetes and Cloud Foundry only.",
        default=None,
    )
    boot_admin_name: str | None = prop(
        f"{_INSTANCE}.name", TEXT, "Name to register with; unset: the application's.", default=None
    )
    boot_admin_service_url: str | None = prop(
        f"{_INSTANCE}.service-url",
        _URL,
        "URL of this processor, as it is to be registered.",
        default=None,
    )
    boot_admin_management_url: str | None = prop(
        f"{_INSTANCE}.management-url",
        _URL,
        "URL of the actuator, as it is to be registered.",
        default=None,
    )
    boot_admin_health_url: str | None = prop(
        f"{_INSTANCE}.health-url",
        _URL,
        "URL of the actuator's health, as it is to be registered.",
        default=None,
    )
    boot_admin_service_path: str = prop(
        f"{_INSTANCE}.service-path", PATH, "Path that service-base-url is followed by.", default=""
    )
    boot_admin_prefer_ip: bool = prop(
        f"{_INSTANCE}.prefer-ip",
        FLAG,
        "Whether URLs that are not set have the IP of the host, whatever service-host-type says.",
        default=False,
    )
    boot_admin_service_base_url: str | None = prop(
        f"{_INSTANCE}.service-base-url",
        _URL,
        "URL at which the server reaches server.port.",
        default=None,
    )
    boot_admin_management_base_url: str | None = prop(
        f"{_INSTANCE}.management-base-url",
        _URL,
        "URL at which the server reaches the port of the actuator.",
        default=None,
    )
    boot_admin_host_type: str = prop(
        f"{_INSTANCE}.service-host-type",
        choice("canonical", "host_name", "ip"),
        "How the host is named in URLs that are not set.",
        default="canonical",
    )
    boot_admin_metadata: dict[str, str] = prop_map(
        f"{_INSTANCE}.metadata",
        "Metadata of the instance; user.name and user.password are for asking the actuator.",
    )
