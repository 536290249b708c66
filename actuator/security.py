"""Who may do what, as in the stock stream apps: HTTP Basic, once a user is set, for every POST and all but a few endpoints."""

import hmac

from flask import Flask, g, request
from werkzeug.exceptions import Unauthorized

from config import Settings

# Blueprints that anyone may read; None: the links page, the probe paths and unknown ones.
_PUBLIC = (None, "bindings", "health", "info")
# Data Flow's local deployer sends no credentials; this one is there only where it was asked for.
_OPEN = "legacy-shutdown"
_READING = ("GET", "HEAD", "OPTIONS")


def install(app: Flask, settings: Settings) -> None:
    """Ask for a user where one is needed (401). Wrong credentials where none are needed are no error: probes must not die of them."""
    users = _users(settings)

    @app.before_request
    def check() -> None:
        g.authorized = _known(users)
        public = request.blueprint == _OPEN or (request.blueprint in _PUBLIC and request.method in _READING)
        if users and not g.authorized and not public:
            raise Unauthorized


def shown(show: str) -> bool:
    """Whether to show this client something of which Spring's setting says never, when-authorized or always."""
    return show == "always" or (show == "when-authorized" and g.authorized)


def _users(settings: Settings) -> list[bytes]:
    """Credentials that are valid, as `name:password`; none at all means that nobody is asked."""
    pairs = [(settings.admin_user, settings.admin_password), (settings.user_name, settings.user_password)]
    return [
        f"{name}:{password.get_secret_value()}".encode()
        for name, password in pairs
        if settings.security_enabled and name is not None and password is not None
    ]


def _known(users: list[bytes]) -> bool:
    given = request.authorization
    if given is None or given.type != "basic":
        return False
    credentials = f"{given.username}:{given.password}".encode()
    return sum(hmac.compare_digest(credentials, user) for user in users) > 0  # each is compared, however the others went
