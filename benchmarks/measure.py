"""One run of one system over a preloaded topic: records per second, CPU per record, memory."""

import os
import signal
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from confluent_kafka import KafkaException, Producer

from benchmarks.systems import ROOT, Job, System
from tests.support import children
from tests.support.topics import Topics
from tests.support.waiting import wait_for

PARTITIONS = 4
RUN_SECONDS = 300
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Figures:
    """Of one run, from the first look that saw output to the last record; the start is left out."""

    rate: float  # records per second
    cpu: float  # microseconds of processor time per record, user and system, all threads
    memory: float  # MiB, peak


def preload(bootstrap: str, topic: str, records: int) -> None:
    """Fill `topic` with numbered values of 40 bytes, without key and headers."""
    Topics(bootstrap).create(topic, PARTITIONS)
    producer = Producer({"bootstrap.servers": bootstrap, "linger.ms": 20, "queue.buffering.max.messages": 1_000_000})
    for number in range(records):
        while True:
            try:
                producer.produce(topic, b"%040d" % number, partition=number % PARTITIONS)
                break
            except BufferError:
                producer.poll(0.1)
    if producer.flush(60):
        raise RuntimeError(f"{topic} could not be filled")


def run(system: System, job: Job, records: int) -> Figures:
    """Start the system, let it copy all `records`, stop it."""
    topics = Topics(job.bootstrap)
    topics.create(job.target, PARTITIONS)
    output = Path(tempfile.gettempdir()) / f"bench-{job.group}.log"
    child = children.start(system.command(job), output, env=os.environ | system.environment(job), cwd=ROOT)

    def copied() -> int:
        if child.poll() is not None:
            raise RuntimeError(f"{system.name} ended with code {child.returncode}:\n{output.read_text()[-2000:]}")
        try:
            return sum(topics.ends(job.target).values())
        except KafkaException:  # the new topic's leaders are being elected
            return 0

    try:
        first = wait_for(copied, 60, f"first output of {system.name}")
        began, cpu = time.monotonic(), _cpu_seconds(child.pid)
        wait_for(lambda: copied() >= records, RUN_SECONDS, f"{records} records from {system.name}")
        seconds, cpu = time.monotonic() - began, _cpu_seconds(child.pid) - cpu
        memory = _peak_memory(child.pid)
        child.send_signal(signal.SIGTERM)
        child.wait(30)
    finally:
        children.end(child)
        output.unlink(missing_ok=True)
    moved = records - first
    return Figures(rate=moved / seconds, cpu=cpu / moved * 1e6, memory=memory)


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _peak_memory(pid: int) -> float:
    """VmHWM, in MiB; ru_maxrss is inherited from the parent and would tell its peak."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024
