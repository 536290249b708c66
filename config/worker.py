"""The slot of this process among several. The parent's environment variable has it."""

import secrets
from collections.abc import Mapping
from typing import NamedTuple, Self

from config.errors import SettingsError

VARIABLE = "PYTHON_PROCESSOR_PLACE"
# The seed of ${random.*}. It makes the values equal in all processes, and nobody can guess them.
SEED = secrets.token_hex(16)
NOT_FROM_PARENT = (
    "is what this program tells the processes it starts itself, and nobody else: unset it"
)


class WorkerSlot(NamedTuple):
    """One of the processes that read in parallel."""

    number: int  # from 0; part of the clients' ids, also after a restart
    socket: int  # file descriptor of the connection to the parent
    instance_id: str  # the parent's, so that all processes share an anonymous group
    seed: str = SEED  # the parent's

    @property
    def name(self) -> str:
        """The name of the process and its thread in the log."""
        return f"worker-{self.number}"

    def variable(self) -> dict[str, str]:
        """Return the environment variable for the worker process."""
        return {VARIABLE: " ".join(map(str, self))}

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Self | None:
        """Return the slot of this process, or None if no parent process started it.

        Args:
            environ: The environment.

        Raises:
            SettingsError: The variable is not from a parent process.
        """
        if VARIABLE not in environ:
            return None
        try:
            number, socket, instance_id, seed = environ[VARIABLE].split()
            return cls(int(number), int(socket), instance_id, f"{int(seed, 16):032x}")
        except ValueError:
            raise SettingsError(f"{VARIABLE} (environment) {NOT_FROM_PARENT}") from None
