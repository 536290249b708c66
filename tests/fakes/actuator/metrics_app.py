"""The actuator of a processor that has counted something."""

from connectors.monitoring.statistics import Statistics, read_consumer_stats, read_producer_stats
from runtime.control.status import Counters, TaskState, TaskStatus
from tests.fakes.actuator.actuator_app import App
from tests.fakes.statistics_documents import document

TAGS = {
    "application": "s-label-processor",
    "application.guid": "g-0",
    "application.name": "label",
    "application.type": "processor",
    "instance.index": "0",
    "stream.name": "s",
}
COUNTERS = Counters(
    received=12,
    sent=9,
    dropped=1,
    failed=3,
    commits=4,
    batches=5,
    processed=10,
    given_up=2,
    step_seconds=2,
    write_seconds=1,
)


def status(state: TaskState = TaskState.RUNNING) -> TaskStatus:
    """The status of a task, with every part filled in."""
    samples = Statistics(lambda each: read_consumer_stats(each, "g")).observe(document("consumer"))
    samples += Statistics(lambda each: read_producer_stats(each, 0)).observe(document("producer"))
    return TaskStatus(state, (("in", 0),), (), COUNTERS, 100.0, 0.5, 0.25, samples, published=103.0)


def app() -> App:
    made = App(exposure_include=("metrics", "prometheus"), metric_tags=TAGS)
    made.handle.publish(status())
    return made
