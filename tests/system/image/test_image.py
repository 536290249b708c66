"""The image as its users run it.

Process 1, no root, no capabilities, nothing writable, 256 MB, on a real Kafka.
"""

import random
import signal
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.support import children
from tests.support.load.records import Record
from tests.support.pods import config_map
from tests.support.processor import REPOSITORY
from tests.support.stream import Stream
from tests.support.verify.delivery_count import count
from tests.support.waiting import wait_for
from tests.system.image.container import (
    SECONDS,
    Container,
    image_settings,
    in_image,
    properties,
)

# Of cgroups 2 and 1.
PEAK = ("/sys/fs/cgroup/memory.peak", "/sys/fs/cgroup/memory/memory.max_usage_in_bytes")


def since(began: float) -> str:
    return f"stopped in {time.monotonic() - began:.2f} s, with the engine's own share"


def passed(moment: float) -> bool:
    return time.monotonic() >= moment


def health_check() -> list[str]:
    """What the engine runs every 30 seconds."""
    test: list[str] = image_settings()["Healthcheck"]["Test"]
    assert test[0] == "CMD"
    return test[1:]


def test_dead_letters_command_runs() -> None:
    """It reads the settings as the processor does; there is no broker here."""
    done = in_image(
        "python",
        "-m",
        "dead_letters",
        "list",
        options=["--env=SPRING_CLOUD_STREAM_KAFKA_BINDER_REPLICATIONFACTOR=many"],
    )
    assert done.returncode == 1
    assert "replication-factor" in done.stderr


def test_read_only_container_loses_nothing(
    stream: Stream, tmp_path: Path, report_figure: Callable[[str], None]
) -> None:
    """ConfigMaps are mounted at /config and must not hide our package of that name."""
    stream.create(partitions=2)
    settings = config_map(
        tmp_path / "settings",
        {"application.properties": "reversestring=true\nspring.cloud.stream.instanceIndex=0\n"},
    )
    # The bytecode made with the image must not win over a function of the user's own.
    own = (REPOSITORY / "text.py").read_text() + "\n\ndef reverse(value):\n    return value[::-1]\n"
    code = config_map(tmp_path / "code", {"text.py": own})
    mounts = {settings: "/config", code / "text.py": "/opt/python-processor/text.py"}
    numbers = stream.numbers(rate=2000)
    for _ in range(2):
        port = children.free_port()
        with Container(properties(stream, port, "reversestring"), mounts=mounts) as container:
            container.answering(port)
            wait_for(
                lambda: stream.topics.settled(stream.group, 1),
                SECONDS,
                "the container's partitions",
            )
            numbers.advance(2000)
            status = container.run("cat", "/proc/1/status").stdout
            assert "CapEff:\t0000000000000000" in status
            assert "Uid:\t10001\t10001" in status
            in_flight, began = stream.behind(), time.monotonic()
            assert container.stop() == 0, container.output()
            report_figure(f"{in_flight} records in flight shortly before the stop; {since(began)}")
    sent = numbers.finish()
    port = children.free_port()
    with Container(properties(stream, port, "reversestring"), mounts=mounts) as container:
        wait_for(lambda: stream.behind() == 0, SECONDS, "everything committed")
        began = time.monotonic()
        assert container.stop() == 0, container.output()
        report_figure(f"idle; {since(began)}")
    delivery_count = count(sent, stream.arrived(), become=lambda value: value[::-1])
    report_figure(str(delivery_count))
    assert delivery_count.nothing_lost


@pytest.mark.parametrize("way", ["SPRING_APPLICATION_JSON", "arguments"])
def test_health_check_finds_port(stream: Stream, way: str) -> None:
    stream.create()
    port = children.free_port()
    settings = properties(stream, port)
    arguments = [f"--server.port={settings.pop('server.port')}"] if way == "arguments" else []
    with Container(settings, arguments) as container:
        container.answering(port)
        checked = container.run(*health_check())
        assert (checked.returncode, checked.stdout) == (
            0,
            f"healthcheck: liveness answers 200 on port {port}\n",
        ), checked.stderr
        assert container.run(
            "env",
            "SERVER_PORT=1",
            "SPRING_APPLICATION_JSON=",
            "python",
            "-m",
            "actuator.healthcheck",
        ).returncode == (0 if way == "arguments" else 1)


def test_sigterm_works_from_start(
    stream: Stream, rng: random.Random, report_figure: Callable[[str], None]
) -> None:
    """As process 1 it would not be, if the program did not see to it.

    The kernel ignores signals process 1 has no handler for.
    """
    stream.create()
    codes = []
    for _ in range(20):
        with Container(properties(stream, children.free_port())) as container:
            # Most of them early, where the program has to be quick to listen.
            moment = time.monotonic() + rng.random() ** 3
            wait_for(partial(passed, moment), 2, "a random moment of the first second")
            container.signal(signal.SIGTERM)
            codes.append(container.exit_code())
            assert codes[-1] in {0, 128 + signal.SIGTERM}, container.output()
    report_figure(f"exit codes {codes}")


def test_wrong_setting_is_one_line() -> None:
    with Container({}, ["--server.port=many"]) as container:
        assert container.exit_code() == 1
        (line,) = container.output().splitlines()
        assert "server.port" in line


@pytest.mark.parametrize("size", [1_000, 100_000])
@pytest.mark.parametrize(
    "total", [512_000_000, pytest.param(5_000_000_000, marks=pytest.mark.long)]
)
def test_backlog_costs_no_memory(
    stream: Stream, size: int, total: int, report_figure: Callable[[str], None]
) -> None:
    """More waits in Kafka than the container's 256 MB could hold.

    A process that takes all of it at once is killed (exit code 137).
    """
    stream.create(partitions=4)
    value = b"0123456789" * (size // 10)
    numbers = range(total // size)
    at_once = 50_000_000 // size  # of 1 GB that the sending client can hold
    for portion in range(0, len(numbers), at_once):
        stream.send(
            *(
                Record(value, partition=number % 4)
                for number in numbers[portion : portion + at_once]
            )
        )
    port = children.free_port()
    with Container(properties(stream, port)) as container:
        began = time.monotonic()
        container.answering(port)
        wait_for(lambda: stream.behind() == 0, total / 1e6, "everything processed")
        seconds = time.monotonic() - began
        peak = int(container.run("cat", *PEAK).stdout.split()[0])
        assert container.stop() == 0, container.output()
        said = container.output()
    assert sum(stream.topics.ends(stream.target).values()) == len(numbers), said
    report_figure(
        f"{total / 1e9:g} GB in records of {size} bytes: {seconds:.0f} s; at most "
        f"{peak / 1e6:.0f} MB of memory, file cache included"
    )
