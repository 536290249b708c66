"""Which of several processes this is: what a parent tells each process it starts for `concurrency`,
in one environment variable.
"""

import secrets
from collections.abc import Mapping
from typing import NamedTuple, Self

from config.errors import SettingsError

VARIABLE = "PYTHON_PROCESSOR_PLACE"
# Of ${random.*}: the values are the same in all processes, and nobody can guess them.
SEED = secrets.token_hex(16)
NOT_FROM_PARENT = (
    "is what this program tells the processes it starts itself, and nobody else: unset it"
)


class WorkerSlot(NamedTuple):
    """One of the processes that read in parallel."""

    number: int  # from 0; what tells its clients from those of the others, the same after a restart
    socket: int  # file descriptor: where the parent listens
    instance_id: str  # the parent's: also an anonymous group is one for all
    seed: str = SEED  # the parent's too

    @property
    def name(self) -> str:
        return f"worker-{self.number}"

    def variable(self) -> dict[str, str]:
        return {VARIABLE: " ".join(map(str, self))}

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Self | None:
        """None for a process that nobody of ours has started. Raises SettingsError for what no
        parent of ours has said.
        """
        if VARIABLE not in environ:
            return None
        try:
            number, socket, instance_id, seed = environ[VARIABLE].split()
            return cls(int(number), int(socket), instance_id, f"{int(seed, 16):032x}")
        except ValueError:
            raise SettingsError(f"{VARIABLE} (environment) {NOT_FROM_PARENT}") from None
