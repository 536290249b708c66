"""What has to come of a record, one at a time."""

from connectors.named_functions.rows import typed_headers
from connectors.produce.record_sizes import wire_bytes
from connectors.records.forwarding import forward, with_content_type
from tests.fakes.record_model.world import (
    HEADERS,
    JSON,
    LARGE,
    MAX_BYTES,
    WANTS_CODEC,
    Out,
    World,
    made,
    read,
)


class DeadError(Exception):
    """The record is a dead letter."""


def model(world: World, number: int) -> list[Out]:
    """What goes out for a record. Raises DeadError."""
    given_record = world.records[number]
    headers = HEADERS[given_record.headers]
    rows: list[Out] = [
        (given_record.key, None if given_record.is_null else made(number, ""), headers or [])
    ]
    for step, kind in enumerate(() if given_record.is_null else world.flow):
        rows = [made_row for row in rows for made_row in model_step(world, step, kind, number, row)]
    sent = [(key, value, forward(own)) for key, value, own in rows]
    if any(wire_bytes(value, key, own) > MAX_BYTES for key, value, own in sent):
        raise DeadError
    return sent


def model_step(world: World, step: int, kind: str, number: int, row: Out) -> list[Out]:
    key, value, headers = row
    kind = kind.removeprefix("async ")
    _, trail = read(value)
    action = world.action(step, number, trail)
    if (
        kind in WANTS_CODEC and dict(headers).get("contentType") == b"text/plain;charset=klingon"
    ) or action in ("fail", "wrong"):
        raise DeadError
    if action == "drop":
        return []
    if kind in ("keep", "keep json"):
        return [row]
    large = LARGE * (action == "large")
    mark = {"charset": "c", "text": "t", "json with record": "J", "record of json": "j"}.get(
        kind, kind[0]
    )
    if "record" in kind and kind != "json with record":
        ends = ("0", "1") if kind == "split record" else ("",)
        rows = list[Out]()
        for end in ends:
            set_headers = typed_headers(
                model, [*dict(headers).items(), (f"h{step}", large or trail + end)]
            )
            own = with_content_type(set_headers, JSON) if mark == "j" else set_headers
            rows.append(
                ((key or b"") + f"{step}{end}".encode(), made(number, trail + mark + end), own)
            )
        return rows
    if "json" in kind:
        headers = with_content_type(headers, JSON)
    ends = ("0", "1") if "split" in kind else ("",)
    return [(key, made(number, trail + mark + large + end), headers) for end in ends]
