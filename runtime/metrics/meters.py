"""Every meter, as Micrometer names it: kind, unit, own tags, help.

A task sends its samples in its TaskStatus. Other samples are read at a scrape. docs/metrics.md is
made from this list.
"""

from runtime.metrics.kafka_meters import CONSUMER, PRODUCER
from runtime.metrics.meter import Kind, Meter

_G, _C, _T = Kind.GAUGE, Kind.COUNTER, Kind.TIMER


_STREAM = [
    Meter(
        "spring.integration.send",
        _T,
        "Records by channel: `input` counts those processed (failure: attempts of the function "
        "that raised), `output` those produced, "
        "`errorChannel` those given up (dead letters, skipped); the handler `function` counts "
        "calls of the steps. Times are taken per "
        "batch; the maximum, of the last one to two minutes, is of the batches' averages per "
        "record.",
        "seconds",
        ("type", "name", "result", "exception"),
    ),
    Meter("spring.integration.channels", _G, "Channels: input, output, errorChannel."),
    Meter("spring.integration.handlers", _G, "Handlers: the steps of the flow are one."),
    Meter("spring.integration.sources", _G, "Sources that are polled: none in a processor."),
    Meter(
        "spring.cloud.stream.binder.kafka.offset",
        _G,
        "Records of this instance's partitions that the group has not committed, as of the last "
        "fetch: it stands still in a pause.",
        tags=("group", "topic"),
    ),
    Meter("python.processor.batches", _C, "Batches that have gone through the flow."),
    Meter("python.processor.records.dropped", _C, "Records a step has dropped on purpose."),
    Meter(
        "python.processor.last.commit.age",
        _G,
        "Time since the broker last confirmed a commit.",
        "seconds",
    ),
    Meter("python.processor.broker.away", _G, "1 while no broker can be reached, else 0."),
    Meter(
        "python.processor.state",
        _G,
        "1 for the state the task is in, 0 for the others.",
        tags=("state",),
    ),
]

_PROCESS = [
    Meter("process.cpu.usage", _G, "Share of all CPUs that this process used, lately (0 to 1)."),
    Meter("process.cpu.time", _C, "CPU time this process has used.", "ns"),
    Meter("process.files.open", _G, "Open file descriptors.", "files"),
    Meter("process.files.max", _G, "Limit of open file descriptors.", "files"),
    Meter("process.start.time", _G, "When the process started, since the epoch.", "seconds"),
    Meter("process.uptime", _G, "Time since the process started.", "seconds"),
    Meter("system.cpu.count", _G, "CPUs this process may use."),
    Meter(
        "system.cpu.usage", _G, "Share of all CPUs that the whole machine used, lately (0 to 1)."
    ),
    Meter("system.load.average.1m", _G, "Load of the machine, averaged over a minute."),
    Meter(
        "jvm.memory.used",
        _G,
        "No JVM: resident memory of the Python process, under the name that dashboards ask for.",
        "bytes",
        ("area", "id"),
    ),
    Meter("jvm.memory.committed", _G, "No JVM: the same.", "bytes", ("area", "id")),
    Meter(
        "jvm.memory.max",
        _G,
        "No JVM: the memory limit of the container, or the memory of the machine.",
        "bytes",
        ("area", "id"),
    ),
    Meter(
        "jvm.threads.live",
        _G,
        "No JVM: threads of the Python process, the Kafka client's among them, under the name "
        "that dashboards ask for.",
        "threads",
    ),
    Meter(
        "jvm.threads.daemon",
        _G,
        "No JVM: threads that do not keep the process alive, which are all but the main one.",
        "threads",
    ),
    Meter("jvm.threads.peak", _G, "No JVM: the most threads that a scrape has seen.", "threads"),
    Meter("python.gc.collections", _C, "Runs of Python's garbage collector.", tags=("generation",)),
    Meter(
        "python.info",
        _G,
        "Versions of Python and of the Kafka client; always 1.",
        tags=("version", "implementation", "librdkafka"),
    ),
    Meter(
        "logback.events",
        _C,
        "Log lines by level, counted where they are written.",
        "events",
        ("level",),
    ),
]

METERS = {meter.name: meter for meter in (*_STREAM, *CONSUMER, *PRODUCER, *_PROCESS)}
# By the section of docs/metrics.md.
SECTIONS = {
    "The stream": _STREAM,
    "The consumer": CONSUMER,
    "The producer": PRODUCER,
    "The process": _PROCESS,
}
