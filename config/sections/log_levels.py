"""Levels of loggers, as settings name them."""

from config.spring.types import PropertyType, choice

_LEVELS = ("trace", "debug", "info", "warn", "warning", "error", "fatal", "off")


def _level(text: str) -> str:
    """As YAML has it, `off` is false."""
    word = text.strip().lower()
    return choice(*_LEVELS).parse("off" if word == "false" else word)


LOG_LEVEL = PropertyType(_level, "one of " + ", ".join(_LEVELS), "java.lang.String")
