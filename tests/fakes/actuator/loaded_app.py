"""The actuator of a processor with given settings."""

from typing import Any

import config
from tests.fakes.actuator.actuator_app import App

SECRET = "pl4nted-s3cret"  # noqa: S105 - planted


def loaded(*arguments: str, environ: dict[str, str] | None = None, **settings: Any) -> App:
    """An app whose settings were really read from somewhere."""
    return App(
        **dict(config.load(arguments, environ or {})) | {"security_enabled": False} | settings
    )
