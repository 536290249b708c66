"""/actuator/bindings: lists the bindings as Spring Cloud Stream does, and changes their states."""

import logging
import threading
import time
from time import monotonic
from typing import Any

from flask import Blueprint, Response, current_app
from werkzeug.exceptions import BadRequest

from actuator.http import responses
from config import Settings
from config.settings import properties
from runtime.control.status import TargetState, TaskHandle, TaskState, TaskStatus

log = logging.getLogger("processor.actuator")

_INPUT_STATES = {TaskState.RUNNING: "running", TaskState.PAUSED: "paused"}
_OUTPUT_STATES = {
    TaskState.JOINING: "running",
    TaskState.RUNNING: "running",
    TaskState.PAUSED: "running",
    TaskState.DRAINING: "running",
}


CHANGE_S = 10.0  # how long a request waits for its change before it is answered
STATE_POLL_S = 0.02
# Requests that wait at a time: half of the server's threads. The other threads serve the probes. A
# further request is answered at once.
WAITERS = 2
# The states from which a change is waited for. A change that needs an absent broker is answered at
# once.
_UNCHANGED = {
    TargetState.STOP: {TaskState.JOINING, TaskState.RUNNING, TaskState.PAUSED},
    TargetState.START: {TaskState.STOPPED, TaskState.JOINING},
    TargetState.PAUSE: {TaskState.RUNNING},
    TargetState.RESUME: {TaskState.PAUSED},
}


def endpoint(settings: Settings, handle: TaskHandle) -> Blueprint:
    """Return the endpoint. A change is answered with 204 once the state has changed.

    After CHANGE_S, and for an unknown binding, the answer is 204, too.

    A task is one consumer and one producer. Neither is of use without the other. So STOPPED and
    STARTED for `output` mean the whole task.

    Args:
        settings: Names the bindings.
        handle: Has the status, and gets the target state.
    """
    blueprint = Blueprint("bindings", __name__)
    waiters = threading.BoundedSemaphore(WAITERS)

    @blueprint.get("")
    def bindings() -> Response:
        return responses.json_response(describe_bindings(settings, handle.status))

    @blueprint.get("/<name>")
    def binding(name: str) -> Response:
        return responses.json_response(
            [
                each
                for each in describe_bindings(settings, handle.status)
                if each["bindingName"] == name
            ]
        )

    if settings.access("bindings") == "unrestricted":

        @blueprint.post("/<name>")
        def change(name: str) -> Response:
            target = _target_state(responses.json_body().get("state"))
            if name == "input" or (
                name == "output" and target in (TargetState.START, TargetState.STOP)
            ):
                handle.send(target)
                if waiters.acquire(blocking=False):
                    try:
                        _wait(handle, target)
                    finally:
                        waiters.release()
            elif name == "output":
                log.warning("the output binding cannot be paused or resumed; do that to the input")
            return responses.empty_response(204)

    return blueprint


def _wait(handle: TaskHandle, target: TargetState) -> None:
    end = monotonic() + CHANGE_S
    while handle.status.state in _UNCHANGED[target] and monotonic() < end:
        time.sleep(STATE_POLL_S)


def describe_bindings(settings: Settings, status: TaskStatus) -> list[dict[str, Any]]:
    """Describe all bindings, inputs first, one for each of input_names().

    Keys are in Spring's order. Nulls are kept. Values are those of this processor.

    `state` is running, paused or stopped. An input is stopped while it takes no records and RESUMED
    alone would not change that. Examples are missing topics, a drain, and a failure. `error` then
    says why, as in Spring's late binding. An output is running as long as records may still be
    sent.

    Args:
        settings: Has the destinations and their properties.
        status: The present status of the tasks.
    """
    bound = status.state in (TaskState.RUNNING, TaskState.PAUSED)
    error = {} if bound or not status.troubles else {"error": status.troubles[0].what}
    inputs = [_input(settings, status, topic) | error for topic in input_names(settings)]
    return [*inputs, _output(settings, status) | error]


def input_names(settings: Settings) -> tuple[str, ...]:
    """Return one name for each destination, or one for all with multiplex, as in Spring.

    All of these bindings have the same consumer.

    Args:
        settings: Has the input's destinations.
    """
    return (
        (",".join(settings.input_destinations),)
        if settings.multiplex
        else settings.input_destinations
    )


def destination_text(settings: Settings, status: TaskStatus, name: str) -> str:
    """Return an input's destination in the form of Spring's Kafka binder.

    Args:
        settings: Has the dead letter topics.
        status: Has the partitions that this process is assigned; they are counted.
        name: The destination; several with commas between them.
    """
    topics = name.split(",")
    partitions = sum(assigned in topics for assigned, _ in status.partitions)
    dead_letters = ",".join(
        dict.fromkeys(settings.dead_letter_topic(topic) or "null" for topic in topics)
    )
    return (
        f"KafkaConsumerDestination{{consumerDestinationName='{name}', partitions={partitions}, "
        f"dlqName='{dead_letters}'}}"
    )


def _input(settings: Settings, status: TaskStatus, name: str) -> dict[str, Any]:
    extension = {
        "startOffset": settings.start_offset,
        "enableDlq": settings.dead_letter_topic(name) is not None,
        "dlqName": settings.dlq_name,
        "dlqPartitions": settings.dlq_partitions,
        "configuration": _describe("input_configuration", settings.input_configuration),
    }
    return {
        "bindingName": "input",
        "name": name,
        "group": None if settings.input_anonymous else settings.input_group,
        "pausable": True,
        "state": _INPUT_STATES.get(status.state, "stopped"),
        "paused": status.state is TaskState.PAUSED,
        "extension": extension,
        "binderType": "kafka",
        "binderName": "kafka",
        "input": True,
        "extendedInfo": {
            "bindingDestination": destination_text(settings, status, name),
            "ExtendedConsumerProperties": {
                "bindingName": "input",
                "autoStartup": settings.input_auto_startup,
                "concurrency": settings.input_concurrency,
                "instanceCount": settings.instance_count,
                "maxAttempts": settings.max_attempts,
                "backOffInitialInterval": round(settings.back_off_initial_interval * 1000),
                "backOffMaxInterval": round(settings.back_off_max_interval * 1000),
                "backOffMultiplier": settings.back_off_multiplier,
                "defaultRetryable": settings.default_retryable,
                "extension": extension,
            },
        },
    }


def _output(settings: Settings, status: TaskStatus) -> dict[str, Any]:
    extension = {"configuration": _describe("output_configuration", settings.output_configuration)}
    return {
        "bindingName": "output",
        "name": settings.output_destination,
        "group": None,
        "pausable": False,
        "state": _OUTPUT_STATES.get(status.state, "stopped"),
        "paused": False,
        "extension": extension,
        "binderType": "kafka",
        "binderName": "kafka",
        "input": False,
        "extendedInfo": {
            "bindingDestination": settings.output_destination,
            "ExtendedProducerProperties": {
                "bindingName": "output",
                "autoStartup": True,
                "partitionCount": settings.output_partition_count,
                "extension": extension,
            },
        },
    }


def _describe(field: str, configuration: dict[str, str]) -> dict[str, str]:
    """Return the client properties. Anyone may read them, so values of unknown names are masked."""
    sanitizer = current_app.extensions[responses.SANITIZER]
    prefix = properties()[field].name
    return {
        name: sanitizer.client_property(prefix, name, value)
        for name, value in configuration.items()
    }


def _target_state(state: object) -> TargetState:
    try:
        return TargetState(str(state).upper())
    except ValueError:
        raise BadRequest from None
