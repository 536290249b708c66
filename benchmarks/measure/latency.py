"""Latency from the sender's produce() to a reader of committed output, at a steady rate."""

import os
import statistics
import sys
import tempfile
import time
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from confluent_kafka import Consumer

from benchmarks.measure.throughput import START_SECONDS
from benchmarks.records import A
from benchmarks.rig.broker import PARTITIONS, Backlog, Broker, fill
from benchmarks.rig.checking import reader
from benchmarks.rig.running import Running
from benchmarks.rig.systems import ROOT, System, job
from tests.support import children
from tests.support.waiting import wait_for

WARM = 2.0  # seconds left out at the beginning
STRAGGLER_WAIT_S = 2.0  # the reader waits for stragglers; who is later has fallen behind


@dataclass(frozen=True)
class Latency:
    """Milliseconds; `arrived` is the share read in time, `cpu` percent of one processor."""

    p50: float
    p99: float
    most: float
    arrived: float
    cpu: float


def run(
    broker: Broker,
    system: System | None,
    rate: int,
    seconds: float,
    partitions: int = PARTITIONS,
    *,
    keyed: bool = False,
) -> Latency:
    """Of a system; of none (the reader reads what is sent), which is the method's own share."""
    name = f"latency-{rate}-{time.monotonic_ns()}"
    with (
        broker.topic(f"{name}-in", partitions) as source,
        broker.topic(f"{name}-out", partitions) as target,
    ):
        started = (
            Running(system, job(broker.systems_bootstrap, source, target))
            if system
            else nullcontext()
        )
        with started as running:
            output = reader(broker.bootstrap, target if system else source, partitions)
            fill(broker.bootstrap, Backlog(source, A, 1, partitions))
            wait_for(
                lambda: output.poll(0.1),
                START_SECONDS,
                f"first output of {system.name if system else 'the sender'}",
            )
            cpu = running.cpu_seconds() if running else 0.0
            began = time.monotonic()
            sender = [broker.bootstrap, source, str(rate), str(WARM + seconds), str(partitions)]
            taken = _take(sender + ["keyed"] * keyed, output, source, rate * (WARM + seconds))
            share = (running.cpu_seconds() - cpu) / (time.monotonic() - began) if running else 0.0
            output.close()
            if running:
                running.check()
                running.stop()
    return _figures(taken, rate, seconds, share)


def _take(
    arguments: list[str], output: Consumer, source: str, expected: float
) -> list[tuple[int, int]]:
    """When each record was sent and how long it took, in nanoseconds."""
    log = Path(tempfile.gettempdir()) / f"bench-sender-{os.getpid()}.log"
    command = [sys.executable, "-m", "benchmarks.rig.sender", *arguments]
    sender = children.start(command, log, cwd=ROOT)
    taken: list[tuple[int, int]] = []
    try:
        quiet_since = time.monotonic()
        while len(taken) < expected and (
            sender.poll() is None or time.monotonic() < quiet_since + STRAGGLER_WAIT_S
        ):
            if sender.poll() is None:
                quiet_since = time.monotonic()
            message = output.poll(0.01)
            if message is not None:
                sent = (
                    A.number(message.value() or b"")
                    if message.topic() != source
                    else int(message.value() or b"")
                )
                taken.append((sent, time.monotonic_ns() - sent))
    finally:
        children.end(sender)
        log.unlink(missing_ok=True)
    return taken


def _figures(taken: list[tuple[int, int]], rate: int, seconds: float, cpu: float) -> Latency:
    if len(taken) < 100:
        raise RuntimeError(f"only {len(taken)} records came through")
    begin = min(sent for sent, _ in taken) + WARM * 1e9
    took = sorted(nanoseconds / 1e6 for sent, nanoseconds in taken if sent >= begin)
    if not took:
        return Latency(float("inf"), float("inf"), float("inf"), 0.0, 100 * cpu)
    percentiles = statistics.quantiles(took, n=100)
    return Latency(
        percentiles[49], percentiles[98], took[-1], len(took) / (rate * seconds), 100 * cpu
    )
