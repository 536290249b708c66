"""/actuator/loggers: Python's loggers, with librdkafka's, and Spring's names of levels."""

import logging
from typing import Any

from flask import Blueprint, Response
from werkzeug.exceptions import BadRequest

from actuator.http import responses
from config import Settings
from runtime.control.commands import SetLogLevel
from runtime.control.status import TaskHandle

# Python keeps every logger for ever, and one for each part of its name. So names from requests are
# limited in size and number.
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
    """Return the endpoint. Any name is a logger, as in Logback.

    A new logger has the level of its nearest parent.

    Args:
        settings: Says whether levels can be changed.
        handle: Sets levels in every process.
    """
    blueprint = Blueprint("loggers", __name__)
    made: set[str] = set()  # loggers that did not exist when a request named them

    @blueprint.get("")
    def loggers() -> Response:
        # A copy, as other threads may add loggers meanwhile.
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
                    return responses.empty_response(204)  # a new logger has no level to remove
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
    """Return the logger of that name, if it exists. logging.getLogger would make one."""
    found = logging.root if _is_root(name) else logging.root.manager.loggerDict.get(name)
    return found if isinstance(found, logging.Logger) else None


def _describe(logger: logging.Logger) -> dict[str, Any]:
    configured = {"configuredLevel": _word(logger.level)} if logger.level else {}
    return configured | {"effectiveLevel": _word(logger.getEffectiveLevel())}


def _word(level: int) -> str:
    """Return the most silent of Spring's levels that lets through whatever `level` does."""
    return next((word for word, number in LEVELS.items() if level >= number), "TRACE")


def _level(word: object) -> int:
    """Return the level's number. null is NOTSET, which removes a logger's own level."""
    if word is None:
        return logging.NOTSET
    try:
        return LEVELS[str(word).upper()]
    except KeyError:
        raise BadRequest from None
