"""Recognizes Kubernetes' environment variables for each Service by their values."""

import re
from collections.abc import Mapping
from ipaddress import ip_address

_PORT_LINK = re.compile(
    r"\w+?_PORT(?:_(?P<port>[0-9]{1,5})_(?P<protocol>TCP|UDP|SCTP)(?:_(?P<part>PROTO|PORT|ADDR))?)?"
)
_URL = re.compile(
    r"(?P<protocol>tcp|udp|sctp)://(?P<host>\[[0-9a-fA-F:.]+\]|[0-9.]+):(?P<port>[0-9]{1,5})"
)
_HOST, _NUMBER = "_SERVICE_HOST", "_SERVICE_PORT"
_PORTS = range(1, 65536)


def is_service_link(name: str, environ: Mapping[str, str]) -> bool:
    """Return whether the variable comes from a Service, not from a person who sets a property.

    A Service called `server` sets SERVER_PORT to `tcp://10.0.0.1:80`, which is no port. A variable
    of the pod itself replaces the Service's. So a variable with any other value is a setting.

    Args:
        name: The variable.
        environ: The environment.
    """
    if name.endswith(_HOST):
        return _has_service(name.removesuffix(_HOST), environ)
    return _is_port_link(name, environ[name]) or _is_service_port(name, environ)


def _has_service(name: str, environ: Mapping[str, str]) -> bool:
    """Return whether there are an address and a port for the Service."""
    return _is_address(environ.get(f"{name}{_HOST}", "")) and _is_port(
        environ.get(f"{name}{_NUMBER}", "")
    )


def _is_service_port(name: str, environ: Mapping[str, str]) -> bool:
    """Return whether this is X_SERVICE_PORT or X_SERVICE_PORT_NAME.

    X and NAME may contain these words, too.
    """
    ends = (found.start() for found in re.finditer(f"(?={_NUMBER}(_|$))", name))
    return _is_port(environ[name]) and any(_has_service(name[:end], environ) for end in ends)


def _is_port_link(name: str, value: str) -> bool:
    """Return whether this is X_PORT, X_PORT_80_TCP, or a part of it such as X_PORT_80_TCP_ADDR."""
    if not (found := _PORT_LINK.fullmatch(name)):
        return False
    port, protocol = found["port"], (found["protocol"] or "").lower()
    if found["part"]:
        return (
            _is_address(value)
            if found["part"] == "ADDR"
            else value == {"PROTO": protocol, "PORT": port}[found["part"]]
        )
    link = _URL.fullmatch(value)
    if not link or not _is_address(link["host"].strip("[]")):
        return False
    return port is None or (port, protocol) == (link["port"], link["protocol"])


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_port(text: str) -> bool:
    return re.fullmatch("[0-9]{1,5}", text) is not None and int(text) in _PORTS
