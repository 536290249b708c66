"""Which of several processes this is, from the parent's environment variable."""

import secrets
from collections.abc import Mapping
from typing import NamedTuple, Self

from config.errors import SettingsError

VARIABLE = "PYTHON_PROCESSOR_PLACE"
# Seed of ${random.*}: the values are equal in all processes and cannot be guessed.
SEED = secrets.token_hex(16)
NOT_FROM_PARENT = (
    "is what this program tells the processes it starts itself, and nobody else: unset it"
)


class WorkerSlot(NamedTuple):
    """One of the processes that read in parallel."""

    number: int  # from 0; names its clients, also after a restart
    socket: int  # file descriptor: where the parent listens
    instance_id: str  # the parent's, so that all processes share an anonymous group
    seed: str = SEED  # the parent's too

    @property
    def name(self) -> str:
        """The thread's and process's name in the log."""
        return f"worker-{self.number}"

    def variable(self) -> dict[str, str]:
        """Return the environment variable for the worker process."""
        return {VARIABLE: " ".join(map(str, self))}

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Self | None:
        """Return None if no parent process started this one. Raises SettingsError if forged."""
        if VARIABLE not in environ:
            return None
        try:
            number, socket, instance_id, seed = environ[VARIABLE].split()
            return cls(int(number), int(socket), instance_id, f"{int(seed, 16):032x}")
        except ValueError:
            raise SettingsError(f"{VARIABLE} (environment) {NOT_FROM_PARENT}") from None
