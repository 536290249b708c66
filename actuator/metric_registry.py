"""Collects all samples for a scrape, with the tags of management.metrics.tags."""

import time
from collections.abc import Iterable, Iterator
from functools import cache

from config import Settings
from config.sanitizing import Sanitizer
from runtime.control.status import TaskHandle, TaskState, TaskStatus
from runtime.metrics.meter import Meter, Sample, Statistic
from runtime.metrics.meters import METERS
from runtime.metrics.process import ProcessMetrics

# Spring wraps every exception of a function in this class. So the tag has no other value.
_FAILURE = "MessageHandlingException"

# A meter's name, all tags, and the statistic.
Key = tuple[str, tuple[tuple[str, str], ...], Statistic]


class Registry:
    """The samples for the two metrics endpoints."""

    def __init__(self, settings: Settings, handle: TaskHandle) -> None:
        """Prepare. No sample is taken yet.

        Args:
            settings: Has the common tags.
            handle: Has the status of the tasks.
        """
        self._handle = handle
        self._sanitizer = Sanitizer(settings)
        self._common = self._sanitizer.metric_tags()
        self._process = ProcessMetrics()

    def samples(self) -> list[Sample]:
        """Return the present samples, with sorted tags. A meter's own tag wins, as in Micrometer.

        Several tasks run in processes of their own. Their figures with equal tags are added up.
        """
        found: dict[Key, float] = {}
        # A cache for this call. Many samples have equal values, such as a client's id.
        clean = cache(self._sanitizer.clean_text)
        for sample in (*task_samples(self._handle.status), *self._process.samples()):
            own = {name: clean(value) for name, value in sample.tags}
            key = sample.meter, tuple(sorted((self._common | own).items())), sample.statistic
            found[key] = found.get(key, 0) + sample.value
        return [
            Sample(meter, value, tags, statistic)
            for (meter, tags, statistic), value in found.items()
        ]

    def by_meter(self) -> dict[Meter, list[Sample]]:
        """Return the meters that have samples, in the order of their names."""
        found: dict[str, list[Sample]] = {}
        for sample in self.samples():
            found.setdefault(sample.meter, []).append(sample)
        return {METERS[name]: found[name] for name in sorted(found)}


def task_samples(status: TaskStatus) -> Iterator[Sample]:
    """Yield the samples of a task.

    Args:
        status: The status that the task has published.
    """
    counters = status.counters
    both = counters.step_seconds + counters.write_seconds
    yield from _sends(
        "channel", "input", counters.processed, both, status.longest_step + status.longest_write
    )
    yield from _sends("channel", "input", counters.failed, 0, 0, failed=True)
    yield from _sends(
        "channel", "output", counters.sent, counters.write_seconds, status.longest_write
    )
    yield from _sends("channel", "errorChannel", counters.given_up, 0, 0)
    yield from _sends(
        "handler", "function", counters.processed, counters.step_seconds, status.longest_step
    )
    yield Sample("spring.integration.channels", 3)
    yield Sample("spring.integration.handlers", 1)
    yield Sample("spring.integration.sources", 0)
    yield Sample("python.processor.batches", counters.batches)
    yield Sample("python.processor.records.dropped", counters.dropped)
    if status.last_commit:
        yield Sample("python.processor.last.commit.age", max(0.0, time.time() - status.last_commit))
    yield Sample(
        "python.processor.broker.away", any(trouble.broker_away for trouble in status.troubles)
    )
    for state in TaskState:
        yield Sample("python.processor.state", state is status.state, (("state", state.value),))
    yield Sample("kafka.consumer.coordinator.commit.total", counters.commits)
    yield from status.samples


def _sends(
    kind: str, name: str, count: int, seconds: float, longest: float, *, failed: bool = False
) -> Iterable[Sample]:
    """Yield the samples of one channel. Before the first record there are none, as in Spring.

    A dashboard divides by the count, and 0/0 would spoil its sums.
    """
    if not count:
        return
    tags = (
        ("type", kind),
        ("name", name),
        ("result", "failure" if failed else "success"),
        ("exception", _FAILURE if failed else "none"),
    )
    meter = "spring.integration.send"
    yield Sample(meter, count, tags, Statistic.COUNT)
    yield Sample(meter, seconds, tags, Statistic.TOTAL_TIME)
    yield Sample(meter, longest, tags, Statistic.MAX)
