"""list on a real Kafka is fast; credentials and errors are those of the processor."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

from dead_letters.replaying.progress import group_of
from tests.support.brokers.logins import BINDER, PLAIN, plain
from tests.support.brokers.secured import SecuredKafka, login
from tests.support.children import free_port
from tests.support.dead_letters.tool import Tool
from tests.support.dead_letters.topics import create_letters
from tests.support.load.records import read
from tests.support.processor import REPOSITORY
from tests.support.stream import Stream

LETTERS, LIMIT_S = 100_000, 10.0


@pytest.fixture
def secured_stream(secured: SecuredKafka, tmp_path: Path, name: str) -> Iterator[Stream]:
    made = Stream(secured, tmp_path, name)
    yield made
    made.end()


def test_100_000_letters_in_10_s(
    stream: Stream, tmp_path: Path, report_figure: Callable[[str], None]
) -> None:
    """The limit of the issue."""
    create_letters(stream, LETTERS)
    tool = Tool(stream, tmp_path)
    began = time.monotonic()
    overview = tool.report("list")
    took = time.monotonic() - began
    report_figure(f"{LETTERS} letters in {took:.1f} s; load {os.getloadavg()[0]:.1f}")
    assert (overview["letters"], overview["open"]) == (LETTERS, LETTERS)
    assert overview["by_step"] == [
        {"step": "enrich"} | {key: overview[key] for key in ("letters", "open", "first", "last")}
    ]
    assert took < LIMIT_S


def test_list_waits_for_no_transaction(stream: Stream, tmp_path: Path) -> None:
    """A killed replay's transaction holds back the group's offsets for up to a minute."""
    create_letters(stream, 300)
    group = Consumer(
        {"bootstrap.servers": stream.kafka.bootstrap, "group.id": group_of(stream.dead_letters)}
    )
    producer = Producer(
        {"bootstrap.servers": stream.kafka.bootstrap, "transactional.id": f"killed {stream.group}"}
    )
    producer.init_transactions()
    producer.begin_transaction()
    producer.send_offsets_to_transaction(
        [TopicPartition(stream.dead_letters, 0, 50)], group.consumer_group_metadata()
    )
    producer.produce(stream.dead_letters, b"undecided", partition=0)
    producer.flush()
    overview = Tool(stream, tmp_path).report("list")
    assert (overview["letters"], overview["open"]) == (300, 300)
    producer.commit_transaction()
    overview = Tool(stream, tmp_path).report("list")
    assert (overview["letters"], overview["open"]) == (301, 251)


def test_credentials_are_processors(
    secured_stream: Stream, secured: SecuredKafka, tmp_path: Path
) -> None:
    create_letters(secured_stream, 9)
    settings = plain(secured) | {f"{BINDER}.transaction.transaction-id-prefix": "tx-"}
    tool = Tool(secured_stream, tmp_path, settings)
    assert tool.report("list")["letters"] == 9
    assert tool.report("replay", "--max", "5")["replayed"] == 5
    assert tool.report("park")["parked"] == 4
    assert len(read(secured.bootstrap, secured_stream.source)) == 5


def test_bad_password_is_one_line(
    secured_stream: Stream, secured: SecuredKafka, tmp_path: Path
) -> None:
    wrong = {f"{BINDER}.configuration.sasl.jaas.config": login(PLAIN, "password", "wr0ng")}
    for command in ("list", "replay"):
        done = Tool(secured_stream, tmp_path, plain(secured) | wrong).run(command)
        assert done.code == 1
        assert "refuses the credentials of sasl.jaas.config" in done.errors
        assert "wr0ng" not in done.errors
        assert done.errors.count("\n") == 1


def test_wrong_setting_is_one_line(stream: Stream, tmp_path: Path) -> None:
    done = Tool(stream, tmp_path, {f"{BINDER}.replication-factor": "many"}).run("list")
    assert done.code == 1
    assert f"{BINDER}.replication-factor" in done.errors
    assert done.errors.count("\n") == 1


def test_reader_that_has_enough(stream: Stream) -> None:
    """`show ... | head -1` ends without an error."""
    create_letters(stream, 3000)
    show = (
        f"{sys.executable} -m dead_letters show {stream.dead_letters} --max 3000 "
        f"--{BINDER}.brokers={stream.kafka.bootstrap}"
    )
    command = ["bash", "-o", "pipefail", "-c", f"{show} | head -1"]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=REPOSITORY, timeout=120, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(stream.dead_letters)


def test_no_broker_is_one_line(stream: Stream, tmp_path: Path) -> None:
    tool = Tool(stream, tmp_path, {f"{BINDER}.brokers": f"127.0.0.1:{free_port()}"})
    done = tool.run("list")
    assert done.code == 1
    assert "Connection refused" in done.errors
    assert done.errors.count("\n") == 1
