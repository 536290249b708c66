"""One run of one system over a preloaded topic: records per second, CPU per record, memory."""

import dataclasses
import time
from contextlib import ExitStack
from dataclasses import dataclass

from confluent_kafka import KafkaException

from benchmarks.rig.broker import Backlog, Broker
from benchmarks.rig.checking import check
from benchmarks.rig.running import Running
from benchmarks.rig.systems import System, job
from benchmarks.rig.usage import busy_seconds
from tests.support import children
from tests.support.waiting import let_pass, wait_for

START_SECONDS = 120
POLL_INTERVAL_S = 0.05  # between two looks at the output


@dataclass(frozen=True)
class Throughput:
    """The rate from the first look that saw output after the warm-up to the last before the end."""

    rate: float  # records per second
    cpu: float  # microseconds of processor time per record, user and system, all threads
    broker_cpu: float  # of the broker, in the same unit
    memory: float  # MiB, peak
    records: int  # in the window
    # Processors that were busy with neither, on average: this driver, and what else runs on the
    # machine.
    others: float


@dataclass(frozen=True)
class _Sample:
    at: float
    copied: int
    cpu: float
    broker_cpu: float
    busy: float


def run(
    broker: Broker, system: System, backlog: Backlog, seconds: float, members: int = 1
) -> Throughput:
    """Let the system copy the backlog with so many members, check the output, and stop it.

    It runs for `seconds` after its warm-up, if they are given.
    """
    with ExitStack() as stack:
        target = stack.enter_context(
            broker.topic(f"{backlog.topic}-out-{time.monotonic_ns()}", backlog.partitions)
        )
        common = job(broker.systems_bootstrap, backlog.topic, target)
        jobs = [dataclasses.replace(common, port=children.free_port()) for _ in range(members)]
        running = [stack.enter_context(Running(system, each)) for each in jobs]

        def sample() -> _Sample:
            for each in running:
                each.check()
            try:
                copied = sum(broker.topics.ends(target).values())
            except KafkaException:  # the new topic's leaders are being elected
                copied = 0
            return _Sample(
                time.monotonic(),
                copied,
                sum(each.cpu_seconds() for each in running),
                broker.cpu_seconds(),
                busy_seconds(),
            )

        first = wait_for(
            lambda: now if (now := sample()).copied else None,
            START_SECONDS,
            f"first output of {system.name}",
        )
        samples = [first]
        while (
            samples[-1].copied < backlog.count and samples[-1].at < first.at + system.warm + seconds
        ):
            let_pass(POLL_INTERVAL_S)
            samples.append(sample())
        memory = sum(each.memory("VmHWM") for each in running)
        check(broker.bootstrap, target, backlog, min(samples[-1].copied, backlog.count))
        for each in running:
            each.stop()
    return _figures(samples, backlog.count, system.warm, memory)


def _figures(samples: list[_Sample], count: int, warm: float, memory: float) -> Throughput:
    """Return the figures without the last sample: the end came at some time before it."""
    if samples[-1].copied >= count and len(samples) > 2:
        samples = samples[:-1]
    warmed = [sample for sample in samples if sample.at >= samples[0].at + warm]
    first, last = (warmed if len(warmed) > 1 else samples)[0], samples[-1]
    moved, seconds = last.copied - first.copied, last.at - first.at
    if not moved:
        raise RuntimeError(
            "too few records for a figure: the system was done before a second look at it"
        )
    cpu, broker_cpu = last.cpu - first.cpu, last.broker_cpu - first.broker_cpu
    others = max(0.0, (last.busy - first.busy - cpu - broker_cpu) / seconds)
    return Throughput(
        moved / seconds, cpu / moved * 1e6, broker_cpu / moved * 1e6, memory, moved, others
    )
