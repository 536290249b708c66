"""Health in every state of a task."""

from runtime.control.status import Issue, TaskState

AWAY = Issue("broker kafka:9092 cannot be reached", since=1_700_000_000.5, broker_away=True)


# health

# of health, its liveness and its readiness group
HEALTH = {
    TaskState.STARTING: ("UNKNOWN", "UP", "OUT_OF_SERVICE"),
    TaskState.BINDING: ("UNKNOWN", "UP", "OUT_OF_SERVICE"),
    TaskState.JOINING: ("UNKNOWN", "UP", "OUT_OF_SERVICE"),
    TaskState.RUNNING: ("UP", "UP", "UP"),
    TaskState.PAUSED: ("UP", "UP", "UP"),
    TaskState.STOPPED: ("UP", "UP", "UP"),
    TaskState.DRAINING: ("UP", "UP", "OUT_OF_SERVICE"),
    TaskState.ENDED: ("DOWN", "DOWN", "OUT_OF_SERVICE"),
    TaskState.FAILED: ("DOWN", "DOWN", "OUT_OF_SERVICE"),
}
