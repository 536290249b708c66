"""Changes of a binding's state."""

from http import HTTPStatus

from tests.support.processor import Processor
from tests.support.waiting import wait_for


def change_state(processor: Processor, state: str, then: str) -> None:
    """POST a state to the input binding, and wait until it is reported as `then`."""
    status, body = processor.request("POST", "/actuator/bindings/input", {"state": state})
    assert status == HTTPStatus.NO_CONTENT, body
    wait_for(lambda: processor.binding()["state"] == then, 10, f"the input {then}")
