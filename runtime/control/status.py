"""What tasks and the actuator exchange: a TaskStatus from the task, a TargetState for it.

Both are small, frozen and made of plain values. Counters can be added up. So both can pass between
threads and between processes.
"""

from collections import deque
from dataclasses import dataclass, field, fields
from enum import StrEnum
from time import monotonic

from runtime.control.commands import SetLogLevel
from runtime.metrics.meter import Sample


class TaskState(StrEnum):
    """The states of a task, in the usual order. A task may also be paused or stopped and go on."""

    STARTING = "starting"  # no Kafka call has been made
    BINDING = "binding"  # looking for the topics, until they exist and a broker answers
    # The topics are bound. The group has not assigned partitions yet.
    JOINING = "joining"
    RUNNING = "running"  # member of the consumer group; records move
    PAUSED = "paused"  # member of the group with its partitions; takes no records
    STOPPED = "stopped"  # has committed and left the group; can be started again
    DRAINING = "draining"  # a stop was requested: finishing, flushing, committing
    ENDED = "ended"  # drained and closed
    FAILED = "failed"  # ended by an error; the log says which


class TargetState(StrEnum):
    """What the actuator may ask of a task: Spring's values of POST /actuator/bindings/{name}."""

    STOP = "STOPPED"
    START = "STARTED"
    PAUSE = "PAUSED"
    RESUME = "RESUMED"


@dataclass(frozen=True, slots=True)
class Counters:
    """Totals since the start of the task, in records if not stated otherwise.

    The totals of several tasks can be added.
    """

    received: int = 0
    sent: int = 0
    dropped: int = 0  # by the function, on purpose
    failed: int = 0  # attempts of the function that raised
    commits: int = 0  # offset commits that the broker has confirmed
    batches: int = 0
    processed: int = 0  # went through the flow without being given up
    given_up: int = 0  # dead letters, and records skipped because dead letters are off
    step_seconds: float = 0.0  # spent in the steps
    write_seconds: float = 0.0  # spent in calls of the producer

    def __add__(self, other: "Counters") -> "Counters":
        """Add the totals of two tasks."""
        return Counters(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


@dataclass(frozen=True, slots=True)
class Issue:
    """A problem for the operator, and when it began (epoch seconds)."""

    what: str
    since: float
    broker_away: bool = False  # the task waits for the broker; a restart does not help
    # The broker answers and refuses. Waiting does not help: a person has to change something.
    refused: bool = False
    unread: bool = False  # the input should be read and is not


@dataclass(frozen=True, slots=True)
class TaskStatus:
    """One task as of `published` (monotonic seconds).

    The clock is the same in the parent and its worker processes. A step of the wall clock does not
    change the status's age.

    A task publishes at each turn, and ten times a second while it waits. A task that does not is
    inside a user's function or the client.
    """

    state: TaskState = TaskState.STARTING
    partitions: tuple[tuple[str, int], ...] = ()  # (topic, partition) assigned to this task
    troubles: tuple[Issue, ...] = ()
    counters: Counters = field(default_factory=Counters)
    last_commit: float | None = None  # epoch seconds
    # Seconds per record in the steps, for the slowest batch of the last one to two minutes.
    longest_step: float = 0.0
    longest_write: float = 0.0  # the same, in calls of the producer
    samples: tuple[Sample, ...] = ()  # from the Kafka clients' statistics, once a second
    published: float = field(default_factory=monotonic)

    @property
    def age(self) -> float:
        """Seconds since the task has published the status."""
        return monotonic() - self.published


class TaskHandle:
    """Where a task publishes its status and finds its target state. Any thread may call."""

    def __init__(self) -> None:
        """Start with the status of a task that has not started."""
        self._status = TaskStatus()
        self._commands: deque[TargetState] = deque()

    @property
    def status(self) -> TaskStatus:
        """The latest status. Never blocks."""
        return self._status

    def publish(self, status: TaskStatus) -> None:
        """Replace the status. Readers see the former or the new one, never a mixture.

        Args:
            status: The new status.
        """
        self._status = status

    def send(self, target: TargetState) -> None:
        """Set the target state.

        The task applies it within one turn (0.1 s when idle), after the commands before it.

        Args:
            target: The target state.
        """
        self._commands.append(target)

    def set_level(self, level: SetLogLevel) -> None:
        """Set the level of a logger in every process.

        Args:
            level: The logger and its level.
        """
        level.apply()

    def next_command(self) -> TargetState | None:
        """Return the oldest target state that was not returned before, or None."""
        return self._commands.popleft() if self._commands else None
