"""The base of all formats of log lines. It masks secrets before a format escapes their text."""

import json
import logging
from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any

from config.errors import SHORTEST_SECRET, hide, one_line


def written_forms(secrets: Iterable[str]) -> tuple[str, ...]:
    """Return the secrets, and how Python and JSON write them. A message may quote a secret.

    Shorter secrets than SHORTEST_SECRET are left out: masking them would reveal them.

    Args:
        secrets: The secrets as they are.
    """
    forms = dict.fromkeys(
        form
        for secret in secrets
        if len(secret) >= SHORTEST_SECRET
        for form in (
            secret,
            one_line(secret),
            repr(secret)[1:-1],
            json.dumps(secret)[1:-1],
            json.dumps(secret, ensure_ascii=False)[1:-1],
        )
    )
    return tuple(sorted(forms, key=len, reverse=True))


class LineFormatter(logging.Formatter, ABC):
    """Makes fields of a record, masks secrets in them, and makes a line of them.

    An escaped secret differs from the secret, so a search in the line would miss it.
    """

    def __init__(self, application: str, secrets: Iterable[str] = ()) -> None:
        """Make a formatter.

        Args:
            application: The name in each line.
            secrets: Texts that no line shows.
        """
        super().__init__()
        self._application = application
        self._secrets = written_forms(secrets)

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, with secrets masked."""
        return self._line(self._masked(self._fields(record)))

    @abstractmethod
    def _fields(self, record: logging.LogRecord) -> dict[str, Any]:
        """Return the fields of the line. Their texts are not escaped."""

    @abstractmethod
    def _line(self, fields: dict[str, Any]) -> str:
        """Return the fields as a line, and escape their texts."""

    def _masked(self, fields: dict[str, Any]) -> dict[str, Any]:
        """Return the fields with asterisks in place of secrets. Numbers stay."""
        return {name: self._masked_value(value) for name, value in fields.items()}

    def _masked_value(self, value: Any) -> Any:
        if isinstance(value, dict):
            return self._masked(value)
        if value in (None, "") or isinstance(value, int | float):
            return value
        return hide(str(value), self._secrets)
