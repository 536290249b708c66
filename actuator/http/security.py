"""HTTP Basic as in the stock stream apps: for POSTs and most endpoints, once a user is set.

No page of another site can make a browser change anything here (403), with or without a user.
"""

import hmac
import re

from flask import Flask, g, request
from werkzeug.exceptions import Forbidden, Unauthorized

from config import Settings

# Blueprints that anyone may read. None stands for the links page, the probe paths and unknown
# paths.
_PUBLIC = (None, "bindings", "health", "info")
# Data Flow's local deployer sends no credentials. This endpoint is off by default.
_OPEN = "legacy-shutdown"
MAX_CREDENTIALS_LENGTH = 4096  # of the Authorization header
_READING = ("GET", "HEAD", "OPTIONS")


def install(app: Flask, settings: Settings) -> None:
    """Ask for a user where one is needed (401).

    Wrong credentials elsewhere are no error, so that probes do not fail because of them.

    Args:
        app: Gets the check.
        settings: Has the users and the passwords.
    """
    users = _users(settings)
    consoles = {_origin(url) for url in settings.boot_admin_urls}

    @app.before_request
    def check() -> None:
        if request.method not in _READING and _is_cross_site(consoles):
            raise Forbidden
        g.authorized = _known(users)
        public = request.blueprint == _OPEN or (
            request.blueprint in _PUBLIC and request.method in _READING
        )
        if users and not g.authorized and not public:
            raise Unauthorized


def may_see(show: str) -> bool:
    """Return whether this request's client may see details.

    Args:
        show: `never`, `when-authorized` or `always`.
    """
    return show == "always" or (show == "when-authorized" and g.authorized)


def _is_cross_site(consoles: set[str]) -> bool:
    """Return whether a browser sends this request for a page of another site.

    Pages of this server and of the `consoles` are no other site. Browsers set Sec-Fetch-Site, and
    no page can forge it. A console passes it on. Older browsers, and pages without TLS, send only
    Origin. Other clients send neither.
    """
    origin = request.headers.get("Origin")
    if origin is not None and _origin(origin) in consoles:
        return False
    if site := request.headers.get("Sec-Fetch-Site"):
        return site.strip().lower() not in ("same-origin", "none")
    return (
        origin is not None
        and _origin(origin).partition("://")[2]
        != _origin(f"http://{request.host}").partition("://")[2]
    )


def _origin(url: str) -> str:
    """Return scheme, host and port of a URL, in lower case, without a default port."""
    found = re.match(r"(https?)://([^/?#]*)", url.strip().lower())
    return f"{found[1]}://{re.sub(':80$|:443$', '', found[2])}" if found else "null"


def _users(settings: Settings) -> list[bytes]:
    """Return the valid credentials as `name:password`. Without any, no endpoint asks for a user."""
    pairs = [
        (settings.admin_user, settings.admin_password),
        (settings.user_name, settings.user_password),
    ]
    return [
        f"{name}:{password.get_secret_value()}".encode()
        for name, password in pairs
        if settings.security_enabled and name is not None and password is not None
    ]


def _known(users: list[bytes]) -> bool:
    header = request.headers.get("Authorization", "")
    # Other schemes are not parsed.
    if not users or len(header) > MAX_CREDENTIALS_LENGTH or header[:5].lower() != "basic":
        return False
    try:
        given = request.authorization
    except ValueError:  # werkzeug raises it for base64 with characters beyond ASCII
        return False
    if given is None or given.type != "basic":
        return False
    credentials = f"{given.username}:{given.password}".encode()
    # Every user is compared, so that the time does not show which user matched.
    return sum(hmac.compare_digest(credentials, user) for user in users) > 0
