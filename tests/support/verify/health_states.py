"""Health in every state of a task."""

from runtime.status import LaneState, Trouble

AWAY = Trouble("broker kafka:9092 cannot be reached", since=1_700_000_000.5, broker_away=True)


# health

# of health, its liveness and its readiness group
HEALTH = {
    LaneState.STARTING: ("UNKNOWN", "UP", "OUT_OF_SERVICE"),
    LaneState.BINDING: ("UNKNOWN", "UP", "OUT_OF_SERVICE"),
    LaneState.JOINING: ("UNKNOWN", "UP", "OUT_OF_SERVICE"),
    LaneState.RUNNING: ("UP", "UP", "UP"),
    LaneState.PAUSED: ("UP", "UP", "UP"),
    LaneState.STOPPED: ("UP", "UP", "UP"),
    LaneState.DRAINING: ("UP", "UP", "OUT_OF_SERVICE"),
    LaneState.ENDED: ("DOWN", "DOWN", "OUT_OF_SERVICE"),
    LaneState.FAILED: ("DOWN", "DOWN", "OUT_OF_SERVICE"),
}
