"""HTTP Basic as in the stock stream apps: for POSTs and most endpoints, once a user is set.

No page of another site may have a browser change anything here (403), with or without a user.
"""

import hmac
import re

from flask import Flask, g, request
from werkzeug.exceptions import Forbidden, Unauthorized

from config import Settings

# Blueprints that anyone may read; None: the links page, the probe paths and unknown ones.
_PUBLIC = (None, "bindings", "health", "info")
# Data Flow's local deployer sends no credentials. This endpoint is off by default.
_OPEN = "legacy-shutdown"
MAX_CREDENTIALS_LENGTH = 4096  # characters of the header
_READING = ("GET", "HEAD", "OPTIONS")


def install(app: Flask, settings: Settings) -> None:
    """Ask for a user where one is needed (401).

    Wrong credentials elsewhere are no error: probes must not fail because of them.

    Args:
        app: Gets the check.
        settings: Has the user and the password.
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
    """Whether to show this client details by never, when-authorized or always."""
    return show == "always" or (show == "when-authorized" and g.authorized)


def _is_cross_site(consoles: set[str]) -> bool:
    """Whether a browser sends this for a page of neither this server nor one of the `consoles`.

    Sec-Fetch-Site is the browser's own word, which no page can forge; a console passes it on. Older
    browsers, and pages without TLS, have Origin only. Other clients send neither.
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
    """Scheme, host and port of `url`, in small letters, without a default port."""
    found = re.match(r"(https?)://([^/?#]*)", url.strip().lower())
    return f"{found[1]}://{re.sub(':80$|:443$', '', found[2])}" if found else "null"


def _users(settings: Settings) -> list[bytes]:
    """Credentials that are valid, as `name:password`; none at all means that nobody is asked."""
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
    # Others are not parsed.
    if not users or len(header) > MAX_CREDENTIALS_LENGTH or header[:5].lower() != "basic":
        return False
    try:
        given = request.authorization
    except ValueError:  # werkzeug's, of base64 with characters beyond ASCII
        return False
    if given is None or given.type != "basic":
        return False
    credentials = f"{given.username}:{given.password}".encode()
    # Every user is compared, so that the time does not tell which one matched.
    return sum(hmac.compare_digest(credentials, user) for user in users) > 0
