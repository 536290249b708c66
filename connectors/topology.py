"""Refuses a flow whose structure would break the delivery guarantees.

A commit is safe because each batch goes from the source through every step to the sink, at once and
alone. So the flow is one chain. Each stream has one reader, and only steps that know batches get
one.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from typing import Any, NoReturn

import bytewax.operators as op
from bytewax.dataflow import Dataflow, Operator

from connectors.errors.exceptions import UnsafeStepError
from connectors.kafka import KafkaSink, KafkaSource


def kind_of(operator: Any) -> type[Operator]:
    """Return the class of the steps that an operator adds to a flow.

    Args:
        operator: A function with Bytewax's decorator `operator`.
    """
    kind: type[Operator] = operator._op_cls  # noqa: SLF001 - Bytewax offers no other access
    return kind


_INPUT, _OUTPUT = kind_of(op.input), kind_of(op.output)

# Bytewax's two kinds of step that hold items back or move them to another worker. Every such
# operator (collect, join, ...) is made of these.
_UNSAFE = {
    "stateful_batch": "holds records back",
    "redistribute": "moves records to another worker",
}

# What to write instead of some of Bytewax's operators. All others are refused, too.
_INSTEAD = {
    "filter": "write filter_value({name!r}, records, function)",
    "filter_value": "import filter_value from connectors.operators",
    "flat_map": "write flat_map_value({name!r}, records, function)",
    "flat_map_value": "import flat_map_value from connectors.operators",
    "map": "write map_value({name!r}, records, function)",
    "map_value": "import map_value from connectors.operators",
    "filter_map": (
        "write map_value({name!r}, records, function), whose function returns None to drop a record"
    ),
    "inspect": (
        "write map_value({name!r}, records, function), whose function looks at a value and "
        "returns it"
    ),
    "inspect_debug": (
        "write map_value({name!r}, records, function), whose function looks at a "
        "value and returns it"
    ),
    "branch": "decide in the function of map_value({name!r}, records, function)",
    "merge": "a record can go one way only; flat_map_value gives several records for one",
}
_OURS_ONLY = (
    "only map_value, filter_value and flat_map_value of connectors.operators may stand "
    "between the input and the output"
)


def check_topology(flow: Dataflow, ours: Collection[type[Operator]]) -> KafkaSource:
    """Check that the flow is one chain from a KafkaSource to its KafkaSink.

    Args:
        flow: The user's dataflow.
        ours: The operators that handle a whole batch.

    Returns:
        The source.

    Raises:
        UnsafeStepError: It is not. The text is one line that names the step.
    """
    for step in flow.substeps:
        _refuse_unsafe(step)
    steps = list(_steps(flow.substeps, ours))
    for step in steps:
        if type(step) not in {_INPUT, _OUTPUT, *ours}:
            _refuse_batches(step)
    source = _check_ends(steps)
    _check_streams(steps)
    return source


def step_names(flow: Dataflow, ours: Collection[type[Operator]]) -> tuple[str, ...]:
    """Return the names of the steps between source and sink, in the flow's order.

    Args:
        flow: The user's dataflow.
        ours: The operators that handle a whole batch.
    """
    return tuple(step.step_name for step in _steps(flow.substeps, ours) if type(step) in ours)


def _steps(steps: Iterable[Operator], ours: Collection[type[Operator]]) -> Iterator[Operator]:
    """Yield the steps that do the work, also inside an operator that a user has made."""
    for step in steps:
        kind = type(step)
        if kind in ours or kind.__module__.partition(".")[0] == "bytewax":
            yield step
        else:
            yield from _steps(step.substeps, ours)


def _refuse_unsafe(step: Operator) -> None:
    for part in _parts(step):
        if reason := _UNSAFE.get(type(part).__name__):
            raise UnsafeStepError(
                f"step {step.step_name!r}: {type(step).__name__} {reason}, so they would be "
                f"committed before they are out; {_OURS_ONLY}"
            )


def _parts(step: Operator) -> Iterator[Operator]:
    yield step
    for inner in step.substeps:
        yield from _parts(inner)


def _refuse_batches(step: Operator) -> NoReturn:
    kind = type(step)
    instead = (
        _INSTEAD.get(kind.__name__, "").format(name=step.step_name)
        if kind.__module__ == "bytewax.operators"
        else ""
    )
    raise UnsafeStepError(
        f"step {step.step_name!r}: {kind.__module__}.{kind.__name__} would see batches of "
        f"records, not values; {instead or _OURS_ONLY}"
    )


def _check_ends(steps: list[Operator]) -> KafkaSource:
    source = _only(steps, _INPUT, "input", "op.input('input', dataflow, source)").source  # type: ignore[attr-defined]  # a field of this operator
    sink = _only(steps, _OUTPUT, "output", "op.output('output', records, KafkaSink(source))").sink  # type: ignore[attr-defined]  # a field of this operator
    if not isinstance(source, KafkaSource):
        raise UnsafeStepError(
            f"the input is a {type(source).__name__}; the one input of the flow is a KafkaSource"
        )
    if not isinstance(sink, KafkaSink):
        raise UnsafeStepError(
            f"the output is a {type(sink).__name__}; the one output of the flow is "
            f"KafkaSink(source)"
        )
    if sink.source is not source:
        raise UnsafeStepError(
            "the KafkaSink belongs to another KafkaSource; give it the source of this flow's input"
        )
    return source


def _only(steps: list[Operator], kind: type[Operator], end: str, example: str) -> Operator:
    found = [step for step in steps if type(step) is kind]
    if not found:
        raise UnsafeStepError(f"the flow has no {end}; write {example}")
    if len(found) > 1:
        names = " and ".join(repr(step.step_name) for step in found)
        raise UnsafeStepError(
            f"the flow has {len(found)} {end}s, {names}; it reads one KafkaSource and writes one "
            f"KafkaSink"
        )
    return found[0]


def _check_streams(steps: list[Operator]) -> None:
    readers = defaultdict[str, list[str]](list)
    for step in steps:
        for stream in _streams(step, step.ups_names):
            readers[stream].append(step.step_name)
    written = [
        (step.step_name, readers[stream])
        for step in steps
        for stream in _streams(step, step.dwn_names)
    ]
    for name, found in written:
        if not found:
            raise UnsafeStepError(
                f"step {name!r}: no step reads its records; give them to the next step, or take "
                f"it out"
            )
    for name, found in written:
        if len(found) > 1:
            raise UnsafeStepError(
                f"step {name!r}: its records go to {len(found)} steps, "
                f"{' and '.join(map(repr, found))}. "
                "Put them one after the other: a record can go one way only, and flat_map_value "
                "gives several records for one"
            )


def _streams(step: Operator, ports: Iterable[str]) -> Iterator[str]:
    for port in ports:
        yield from getattr(step, port).stream_ids.values()
