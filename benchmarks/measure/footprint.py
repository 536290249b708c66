"""From exec to the first record out, what it costs to wait, and from SIGTERM to the end."""

import time
from contextlib import ExitStack
from dataclasses import dataclass

from benchmarks.measure.throughput import START_SECONDS
from benchmarks.records import A
from benchmarks.rig.broker import PARTITIONS, Broker
from benchmarks.rig.checking import reader
from benchmarks.rig.running import Running
from benchmarks.rig.systems import System, job
from tests.support.waiting import let_pass, wait_for

WAITING = 1000  # records that wait for the system


@dataclass(frozen=True)
class Footprint:
    start: float  # seconds from exec to the first record that can be read
    idle_cpu: float  # percent of one processor
    idle_memory: float  # MiB
    stop: float  # seconds


def run(
    broker: Broker,
    systems: list[System],
    settle: float,
    seconds: float,
    partitions: int = PARTITIONS,
) -> dict[str, Footprint]:
    """Start one system after the other, let all idle together, stop one after the other."""
    with ExitStack() as stack:
        source = stack.enter_context(
            broker.filled(f"waiting-{time.monotonic_ns()}", A, WAITING, partitions)
        ).topic
        running, starts = [], []
        for number, system in enumerate(systems):
            target = stack.enter_context(broker.topic(f"{source}-out-{number}", partitions))
            output = reader(broker.bootstrap, target, partitions)
            running.append(
                stack.enter_context(Running(system, job(broker.systems_bootstrap, source, target)))
            )
            wait_for(
                lambda output=output: output.poll(0.5),  # type: ignore[misc]
                START_SECONDS,
                f"first output of {system.name}",
            )
            starts.append(time.monotonic() - running[-1].began)
            output.close()
        let_pass(settle)
        before = [(time.monotonic(), each.cpu_seconds()) for each in running]
        let_pass(seconds)
        idle = [
            (each.cpu_seconds() - cpu) / (time.monotonic() - at)
            for each, (at, cpu) in zip(running, before, strict=True)
        ]
        for each in running:
            each.check()
        memory = [each.memory() for each in running]
        stops = [each.stop() for each in running]
    figures = zip(systems, starts, idle, memory, stops, strict=True)
    return {
        system.name: Footprint(start, 100 * cpu, mib, stop)
        for system, start, cpu, mib, stop in figures
    }
