"""`--check` says what works, in one line each, and ends."""

from tests.support.children import free_port
from tests.support.processor import DATAFLOW
from tests.support.stream import Stream

CHECK = (str(DATAFLOW), "--check")
BROKERS = "spring.cloud.stream.kafka.binder.brokers"


def tried(stream: Stream, settings: dict[str, str] | None = None) -> tuple[int, list[str]]:
    """The exit code, and the lines after `Tried`, which warnings come before and what differs from
    the defaults after.
    """
    checked = stream.processor(settings, CHECK).start()
    code = checked.exit_code()
    warnings, _, rest = f"\n{checked.output}".partition("\nTried\n")
    lines, _, changed = rest.partition("\nSettings that differ from the defaults")
    assert warnings.strip() == "" or warnings.startswith("\nWarnings\n")
    assert "  spring.cloud.stream.bindings.input.destination = " in changed
    assert "(default)" not in changed
    assert "Traceback" not in checked.output
    return code, lines.splitlines()


def test_all_that_is_needed_is_there(stream: Stream) -> None:
    stream.create(2)
    code, lines = tried(stream)
    assert lines == [
        (
            f"  ok     broker {stream.kafka.bootstrap}: answers over PLAINTEXT; the cluster has 1 "
            f"broker(s)"
        ),
        f"  ok     input {stream.source}: 2 partition(s)",
        f"  ok     output {stream.target}: 2 partition(s)",
        f"  ok     dead letters {stream.dead_letters}: is not there; the processor will create it",
        f"  ok     group {stream.group}: 0 member(s)",
    ]
    assert code == 0
    assert stream.topics.partitions(stream.dead_letters) == 0  # nothing is changed


def test_a_group_with_members(stream: Stream) -> None:
    stream.create()
    stream.processor().start().running()
    stream.members(1)
    code, lines = tried(stream)
    assert (code, lines[-1]) == (0, f"  ok     group {stream.group}: 1 member(s)")


def test_a_topic_that_is_missing_and_may_not_be_created(stream: Stream) -> None:
    stream.topics.create(stream.source, 1)
    code, lines = tried(stream, {"spring.cloud.stream.kafka.binder.auto-create-topics": "false"})
    assert code == 1
    assert [line for line in lines if "FAILED" in line] == [
        f"  FAILED output {stream.target}: Broker: Unknown topic or partition",
    ]


def test_a_broker_that_is_away_beside_one_that_answers(stream: Stream) -> None:
    stream.create()
    away = f"127.0.0.1:{free_port()}"
    code, lines = tried(stream, {BROKERS: f"{away},{stream.kafka.bootstrap}"})
    assert code == 1
    assert lines[0].startswith(
        f"  FAILED broker {away}: Connect to ipv4#{away} failed: Connection refused"
    )
    assert all(line.startswith("  ok ") for line in lines[1:])


def test_first_thing_on_a_new_cluster(own_stream: Stream) -> None:
    """Which has no coordinator of groups yet."""
    own_stream.create()
    code, lines = tried(own_stream)
    assert (code, lines[-1]) == (0, f"  ok     group {own_stream.group}: 0 member(s)")


def test_a_broker_that_does_not_answer(own_stream: Stream) -> None:
    with own_stream.kafka.frozen():
        code, lines = tried(own_stream)
    assert (code, lines) == (
        1,
        [f"  FAILED broker {own_stream.kafka.bootstrap}: no answer within 5 s"],
    )
