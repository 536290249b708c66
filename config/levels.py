"""Levels of loggers, as settings name them."""

from config.convert import Kind, choice

_LEVELS = ("trace", "debug", "info", "warn", "warning", "error", "fatal", "off")


def _level(text: str) -> str:
    """As YAML has it, `off` is false."""
    word = text.strip().lower()
    return choice(*_LEVELS).parse("off" if word == "false" else word)


_LEVEL = Kind(_level, "one of " + ", ".join(_LEVELS), "java.lang.String")
