"""/actuator/loggers: Python's loggers, librdkafka's among them, with Spring's names of levels."""

import logging
from typing import Any

from flask import Blueprint, Response
from werkzeug.exceptions import BadRequest

from actuator.http import responses
from config import Settings
from runtime.control.commands import SetLogLevel
from runtime.control.status import TaskHandle

# Python keeps every logger, and one for each part of its name, for ever. So the names that requests
# make are limited in size and number.
NAME_LENGTH = 200
NAME_PARTS = 20
MADE_BY_REQUESTS = 100

LEVELS = {
    "OFF": logging.CRITICAL + 50,
    "ERROR": logging.ERROR,
    "WARN": logging.WARNING,
    "INFO": logging.INFO,
    "DEBUG": logging.DEBUG,
    "TRACE": 5,
}


def endpoint(settings: Settings, handle: TaskHandle) -> Blueprint:
    """Make the endpoint. Any name is a logger, as in Logback. A new one has the level of its
    nearest parent.

    Args:
        settings: Says what is shown.
        handle: Sets levels in every process.
    """
    blueprint = Blueprint("loggers", __name__)
    made: set[str] = set()  # loggers that nothing had logged to when a request named them

    @blueprint.get("")
    def loggers() -> Response:
        # A copy: other threads may be adding to it.
        found = sorted(dict(logging.root.manager.loggerDict).items())
        described = {
            name: _describe(each) for name, each in found if isinstance(each, logging.Logger)
        }
        return responses.json_response(
            {
                "levels": list(LEVELS),
                "loggers": {"ROOT": _describe(logging.root)} | described,
                "groups": {},
            }
        )

    @blueprint.get("/<name>")
    def logger(name: str) -> Response:
        _check_name(name)
        if found := _existing(name):
            return responses.json_response(_describe(found))
        parents = name.split(".")[:-1]
        nearest = next(
            filter(
                None, (_existing(".".join(parents[:depth])) for depth in range(len(parents), 0, -1))
            ),
            logging.root,
        )
        return responses.json_response({"effectiveLevel": _word(nearest.getEffectiveLevel())})

    if settings.access("loggers") == "unrestricted":

        @blueprint.post("/<name>")
        def change(name: str) -> Response:
            _check_name(name)
            level = _level(responses.json_body().get("configuredLevel"))
            if name not in made and not _existing(name):
                if level == logging.NOTSET:
                    return responses.empty_response(204)  # it has no level of its own
                if len(made) >= MADE_BY_REQUESTS:
                    raise BadRequest
                made.add(name)
            handle.set_level(
                SetLogLevel(None, level or logging.INFO)
                if _is_root(name)
                else SetLogLevel(name, level)
            )
            return responses.empty_response(204)

    return blueprint


def _check_name(name: str) -> None:
    if len(name) > NAME_LENGTH or name.count(".") >= NAME_PARTS or not name.isprintable():
        raise BadRequest


def _is_root(name: str) -> bool:
    return name.upper() == "ROOT"


def _existing(name: str) -> logging.Logger | None:
    """The logger of that name; asking Python itself for it would make one."""
    found = logging.root if _is_root(name) else logging.root.manager.loggerDict.get(name)
    return found if isinstance(found, logging.Logger) else None


def _describe(logger: logging.Logger) -> dict[str, Any]:
    configured = {"configuredLevel": _word(logger.level)} if logger.level else {}
    return configured | {"effectiveLevel": _word(logger.getEffectiveLevel())}


def _word(level: int) -> str:
    """The most silent of Spring's levels that lets everything through that `level` does."""
    return next((word for word, number in LEVELS.items() if level >= number), "TRACE")


def _level(word: object) -> int:
    """NOTSET for null, which takes a logger's own level away."""
    if word is None:
        return logging.NOTSET
    try:
        return LEVELS[str(word).upper()]
    except KeyError:
        raise BadRequest from None
