"""The image as its users run it.

Process 1, no root, no capabilities, nothing writable, 256 MB, on a real Kafka.
"""

import json
import random
import signal
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from config.reference.image_label import metadata
from tests.support import children
from tests.support.load.records import Record
from tests.support.processor import REPOSITORY, deployment
from tests.support.stream import QUICK_GROUP, Stream
from tests.support.verify.ledger import count
from tests.support.waiting import wait_for
from tests.system.image.container import (
    SECONDS,
    Container,
    config_map,
    engine,
    image,
    image_settings,
    in_image,
)

BUILD = REPOSITORY / "build"  # what `make image` leaves
# Of cgroups 2 and 1.
PEAK = ("/sys/fs/cgroup/memory.peak", "/sys/fs/cgroup/memory/memory.max_usage_in_bytes")
METADATA = "org.springframework.cloud.dataflow.spring-configuration-metadata.json"


def properties(stream: Stream, port: int, *without: str) -> dict[str, str]:
    reported = (
        deployment(stream.kafka.bootstrap, stream.source, stream.target, stream.group, port)
        | QUICK_GROUP
    )
    return {name: value for name, value in reported.items() if name not in without}


def since(began: float) -> str:
    return f"stopped in {time.monotonic() - began:.2f} s, with the engine's own share"


def passed(moment: float) -> bool:
    return time.monotonic() >= moment


def health_check() -> list[str]:
    """What the engine runs every 30 seconds."""
    test: list[str] = image_settings()["Healthcheck"]["Test"]
    assert test[0] == "CMD"
    return test[1:]


def test_label_lists_the_settings() -> None:
    """Without placeholders, in ASCII and in one line, as `metadata` promises.

    The image may be of an older state of the sources.
    """
    assert image_settings()["Labels"][METADATA] == metadata()


def test_sbom_lists_installed_packages() -> None:
    program = (
        "import importlib.metadata as m; print(*sorted(d.name + '==' + d.version for d in "
        "m.distributions()), sep='\\n')"
    )
    installed = in_image("python", "-c", program).stdout.split()
    bill = json.loads((BUILD / "sbom.json").read_text())
    assert bill["bomFormat"] == "CycloneDX"
    assert sorted(f"{each['name']}=={each['version']}" for each in bill["components"]) == installed
    licences = (BUILD / "licences.txt").read_text()
    assert all("\n".join(each.split("==")) in licences for each in installed)


def test_image_holds_the_program_only() -> None:
    program = """if True:
        import importlib.util, json, os, pathlib, sys
        code = pathlib.Path("/opt/python-processor")
        files = [path for path in pathlib.Path("/opt").rglob("*") if not path.is_symlink()]
        print(json.dumps({
            "top": sorted(path.name for path in code.iterdir()),
            "no bytecode": [str(p) for p in code.rglob("*.py") if not os.path.exists(importlib.util.cache_from_source(str(p)))],
            "writable": [str(path) for path in files if os.access(path, os.W_OK)],
            "unreadable": [str(path) for path in files if not os.access(path, os.R_OK)],
            "python": sys.executable,
            "pip": importlib.util.find_spec("pip") is not None,
        }))"""  # noqa: E501 - lines of a page
    assert json.loads(in_image("python", "-c", program).stdout) == {
        "top": sorted(
            [
                "__pycache__",
                "actuator",
                "bootstrap.py",
                "catalog",
                "config",
                "connectors",
                "dataflow.py",
                "dead_letters",
                "formats",
                "functions",
                "python_processor",
                "runtime",
                "text.py",
            ]
        ),
        "no bytecode": [],
        "writable": [],
        "unreadable": [],
        "python": "/opt/venv/bin/python",
        "pip": False,
    }


def test_dead_letters_command_works() -> None:
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
    stream: Stream, tmp_path: Path, tell: Callable[[str], None]
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
            tell(f"{in_flight} records in flight shortly before the stop; {since(began)}")
    sent = numbers.finish()
    port = children.free_port()
    with Container(properties(stream, port, "reversestring"), mounts=mounts) as container:
        wait_for(lambda: stream.behind() == 0, SECONDS, "everything committed")
        began = time.monotonic()
        assert container.stop() == 0, container.output()
        tell(f"idle; {since(began)}")
    books = count(sent, stream.arrived(), become=lambda value: value[::-1])
    tell(str(books))
    assert books.nothing_lost


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


def test_sigterm_works_from_the_start(
    stream: Stream, chance: random.Random, tell: Callable[[str], None]
) -> None:
    """As process 1 it would not be, if the program did not see to it.

    The kernel ignores signals process 1 has no handler for.
    """
    stream.create()
    codes = []
    for _ in range(20):
        with Container(properties(stream, children.free_port())) as container:
            # Most of them early, where the program has to be quick to listen.
            moment = time.monotonic() + chance.random() ** 3
            wait_for(partial(passed, moment), 2, "a random moment of the first second")
            container.signal(signal.SIGTERM)
            codes.append(container.exit_code())
            assert codes[-1] in {0, 128 + signal.SIGTERM}, container.output()
    tell(f"exit codes {codes}")


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
    stream: Stream, size: int, total: int, tell: Callable[[str], None]
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
    tell(
        f"{total / 1e9:g} GB in records of {size} bytes: {seconds:.0f} s; at most "
        f"{peak / 1e6:.0f} MB of memory, file cache included"
    )


FUNCTION = """
from python_processor import Properties, option


class Options(Properties):
    limit: int = option(80, "Longest text in characters.")


def cut(text: str, options: Options) -> str:
    return text[: options.limit]
"""


def test_function_in_a_config_map(stream: Stream, tmp_path: Path) -> None:
    stream.create()
    functions = config_map(tmp_path / "functions", {"short.py": FUNCTION})
    port = children.free_port()
    settings = properties(stream, port, "reversestring") | {"function": "short:cut", "limit": "5"}
    with Container(settings, mounts={functions: "/functions"}) as container:
        container.answering(port)
        stream.send(Record(b"hello world"))
        wait_for(
            lambda: [record.value for record in stream.arrived()] == [b"hello"],
            SECONDS,
            "the text, cut",
        )
        assert container.stop() == 0, container.output()


def test_image_made_from_this_one(tmp_path: Path) -> None:
    """Its function is found, and its options are in --help, which needs no broker."""
    (tmp_path / "short.py").write_text(FUNCTION)
    (tmp_path / "Dockerfile").write_text(
        f"FROM {image()}\nCOPY short.py /functions/\nENV FUNCTION=short:cut\n"
    )
    name = "localhost/test-image-extended"
    built = engine("build", "--tag", name, str(tmp_path), timeout=10 * SECONDS)
    assert built.returncode == 0, built.stderr
    try:
        reported = engine("run", "--rm", name, "--help")
        assert "--limit" in reported.stdout, reported.stderr
        assert "--reversestring" not in reported.stdout
    finally:
        engine("rmi", "--force", name)
