"""The levels of loggers in settings."""

from config.spring.types import PropertyType, choice

_LEVELS = ("trace", "debug", "info", "warn", "warning", "error", "fatal", "off")


def _level(text: str) -> str:
    """Parse a level. YAML reads `off` as false."""
    word = text.strip().lower()
    return choice(*_LEVELS).parse("off" if word == "false" else word)


LOG_LEVEL = PropertyType(_level, "one of " + ", ".join(_LEVELS), "java.lang.String")
