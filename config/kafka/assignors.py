"""partition.assignment.strategy: Java's assignors, and those of them that librdkafka can use."""

from config.spring.types import PropertyType, items

_PACKAGE = "org.apache.kafka.clients.consumer."
_EAGER = {"RangeAssignor": "range", "RoundRobinAssignor": "roundrobin"}
_COOPERATIVE = {"CooperativeStickyAssignor": "cooperative-sticky"}
# librdkafka has no counterpart of it.
_EAGER_STICKY = "StickyAssignor"


def _simple(text: str) -> list[str]:
    """Return the assignors without Kafka's package, librdkafka's short names as they are."""
    return [item.removeprefix(_PACKAGE) for item in items(text)]


def _parse(text: str) -> str:
    """Parse Java's class names or librdkafka's short ones.

    librdkafka cannot mix eager and cooperative assignors, so eager ones win: all members of a group
    have them until the last one is cooperative.
    """
    native = _EAGER | _COOPERATIVE
    wanted = list(dict.fromkeys(native.get(name, name.lower()) for name in _simple(text) if name))
    eager = [name for name in wanted if name in _EAGER.values()]
    known = {*native.values(), *([_EAGER_STICKY.lower()] if eager else [])}
    if not wanted or not known.issuperset(wanted):
        raise ValueError(text)
    return ",".join(eager or wanted)


def left_out(text: str) -> list[str]:
    """Return the assignors of a valid list that librdkafka does not use beside the others.

    Args:
        text: The list as it is set.
    """
    used = _parse(text).split(",")
    native = _EAGER | _COOPERATIVE
    return [name for name in _simple(text) if native.get(name, name.lower()) not in used]


ASSIGNORS = PropertyType(
    _parse,
    "RangeAssignor, RoundRobinAssignor or CooperativeStickyAssignor of "
    f"{_PACKAGE[:-1]}; in place of StickyAssignor use CooperativeStickyAssignor in all members of "
    "the group, or write RangeAssignor beside it in all of them",
    "java.util.List",
)
