"""The systems that are measured: a name, a command line and settings."""

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

import config
import config.librdkafka.client_config
from benchmarks.rig.job import COMMIT_SECONDS, Client, Job
from tests.support import children

ROOT = Path(__file__).parents[2]
BUILT = ROOT / ".bench"  # what `make bench` makes: environments, jars and programs of the peers
RIG_JAR = "transform-processor.jar"
TRANSACTIONS = "spring.cloud.stream.kafka.binder.transaction.transaction-id-prefix"
BINDER = "spring.cloud.stream.kafka.binder"


@dataclass(frozen=True)
class System:
    """How to start a system for a job; it must stop at SIGTERM."""

    name: str
    command: Callable[[Job], list[str]]
    # In Spring's words, for those that know them.
    properties: dict[str, str] = field(default_factory=dict)
    needs: Path = ROOT  # is not there where the system cannot be run
    # Seconds of work before the figures count; a Java machine compiles while it works.
    warm: float = 0.0

    def environment(self, job: Job) -> dict[str, str]:
        return {"SPRING_APPLICATION_JSON": json.dumps(properties(job) | self.properties)}


def properties(job: Job) -> dict[str, str]:
    """The job in Spring's words, as Data Flow would hand it over."""
    return {
        "reversestring": "true",
        "server.port": str(job.port),
        f"{BINDER}.brokers": job.bootstrap,
        "spring.cloud.stream.bindings.input.destination": job.source,
        "spring.cloud.stream.bindings.input.group": job.group,
        "spring.cloud.stream.bindings.output.destination": job.target,
        "management.endpoints.web.exposure.include": "health,info,bindings,metrics,prometheus",
    }


def job(
    bootstrap: str, source: str, target: str, more: Mapping[str, str] = MappingProxyType({})
) -> Job:
    """A job with the settings that the processor gives its own clients.

    `more`: of the processor's properties.
    """
    plain = Job(bootstrap, source, target, f"group-{target}", children.free_port(), {}, {})
    given = [f"--{name}={value}" for name, value in {**properties(plain), **more}.items()]
    settings = config.load(given, {})
    # A loop by hand takes the end of a partition, which comes as a message, for a record.
    consumer = config.librdkafka.client_config.consumer_config(settings) | {
        "enable.partition.eof": False
    }
    producer = config.librdkafka.client_config.producer_config(settings)
    return Job(bootstrap, source, target, plain.group, plain.port, consumer, producer)


def _python(module: str) -> Callable[[Job], list[str]]:
    return lambda job: [sys.executable, "-m", f"benchmarks.peers.{module}", job.argument()]


def _peer(module: str) -> Callable[[Job], list[str]]:
    return lambda job: [
        str(BUILT / "venv/bin/python"),
        "-m",
        f"benchmarks.peers.{module}",
        job.argument(),
    ]


def _processor(_: Job) -> list[str]:
    return [sys.executable, str(ROOT / "dataflow.py")]


def _page_of_steps(_: Job) -> list[str]:
    return [sys.executable, "-m", "benchmarks.peers.page_of_steps"]


def _own_best(
    command: Callable[[Job], list[str]], more: Mapping[str, int] = MappingProxyType({})
) -> Callable[[Job], list[str]]:
    """Return the command with the client settings that a loop without our guarantees would have."""
    return lambda job: command(replace(job, producer={**_own_best_producer(job.producer), **more}))


def _own_best_producer(ours: Client) -> Client:
    kept = {name: value for name, value in ours.items() if name != "enable.gapless.guarantee"}
    return kept | {"linger.ms": 5, "max.in.flight.requests.per.connection": 5}


def _c_loop(job: Job) -> list[str]:
    consumer = job.consumer | {"enable.auto.offset.store": True}
    clients = {f"c.{name}": value for name, value in consumer.items()} | {
        f"p.{name}": value for name, value in job.producer.items()
    }
    return [
        str(BUILT / "c_loop"),
        job.source,
        job.target,
        *(f"{name}={_text(value)}" for name, value in clients.items()),
    ]


def _kafka_streams(job: Job) -> list[str]:
    return _streams(job, {})


def _kafka_streams_tuned(job: Job) -> list[str]:
    consumer = {
        "isolation.level": "read_committed",
        "fetch.max.wait.ms": job.consumer["fetch.wait.max.ms"],
    }
    clients: dict[str, dict[str, object]] = {
        "main.consumer": dict(consumer),
        "producer": _java_producer(job),
    }
    settings = {
        f"{client}.{name}": value for client, own in clients.items() for name, value in own.items()
    }
    return _streams(job, {"commit.interval.ms": int(1000 * COMMIT_SECONDS), **settings})


def _streams(job: Job, settings: dict[str, object]) -> list[str]:
    settings = {
        "bootstrap.servers": job.bootstrap,
        "application.id": job.group,
        "state.dir": BUILT / "streams-state",
        **settings,
    }
    quiet = "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"
    command = [
        "java",
        quiet,
        "-cp",
        f"{BUILT}/streams/*:{BUILT}/streams",
        "ReverseStream",
        job.source,
        job.target,
    ]
    return [*command, *(f"{name}={value}" for name, value in settings.items())]


def _spring(job: Job) -> list[str]:
    clients = {
        f"{BINDER}.required-acks": "all",
        f"{BINDER}.auto-create-topics": "false",
        f"{BINDER}.consumer-properties.isolation.level": "read_committed",
        f"{BINDER}.consumer-properties.fetch.max.wait.ms": job.consumer["fetch.wait.max.ms"],
        **{
            f"{BINDER}.producer-properties.{name}": value
            for name, value in _java_producer(job).items()
        },
        "spel.function.expression": "new StringBuilder(payload).reverse().toString()",
    }
    app = "org.springframework.cloud.stream.app.processor.transform.kafka.App"
    command = ["java", "-cp", f"{BUILT}/spring/{RIG_JAR}:{BUILT}/spring/transform-processor/*", app]
    return [*command, *(f"--{name}={value}" for name, value in clients.items())]


def _java_producer(job: Job) -> dict[str, object]:
    """Return the processor's properties with librdkafka's batch size: Java's 16 KB is slower."""
    return {"acks": "all", "linger.ms": job.producer["linger.ms"], "batch.size": 1_000_000}


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _exactly_once(milliseconds: int) -> System:
    settings = {TRANSACTIONS: "bench-", "python-processor.commit-interval": f"{milliseconds}ms"}
    return System(f"python-processor, exactly once {milliseconds} ms", _processor, settings)


# What plain Python can do with our client settings. It gives none of the guarantees at a rebalance
# or a failure.
TUNED = System("bare loop, tuned", _python("bare_tuned"))
# What the processor is measured by: the same without our client settings, reversal and header rule.
BARE_BEST = System("bare loop, own best", _own_best(_python("bare_best")))
# What our rule of one request under way costs that loop.
BARE_ONE_REQUEST = System(
    "bare loop, one request",
    _own_best(_python("bare_best"), {"max.in.flight.requests.per.connection": 1}),
)
C_BEST = System("C loop, own best", _own_best(_c_loop), needs=BUILT / "c_loop")
PROCESSOR = System("python-processor", _processor)
EXACTLY_ONCE = _exactly_once(100)
BY_STEP = System("python-processor, reverse as a step", _page_of_steps)


def quix(name: str, module: str) -> System:
    """Return Quix Streams with the function of a module in benchmarks/peers."""
    return System(name, _peer(module), needs=BUILT / "venv")


SYSTEMS = (
    C_BEST,
    BARE_BEST,
    BARE_ONE_REQUEST,
    TUNED,
    System("bare loop, naive", _python("bare_naive")),
    PROCESSOR,
    BY_STEP,
    EXACTLY_ONCE,
    _exactly_once(500),
    System("C loop", _c_loop, needs=BUILT / "c_loop"),
    System("Bytewax connectors", _python("bytewax_connectors")),
    quix("Quix Streams", "quix_streams"),
    System("FastStream", _peer("faststream_app"), needs=BUILT / "venv"),
    System("kafka-python", _peer("kafka_python"), needs=BUILT / "venv"),
    System("Kafka Streams", _kafka_streams, needs=BUILT / "streams"),
    System("Kafka Streams, tuned and warm", _kafka_streams_tuned, needs=BUILT / "streams", warm=3),
    System("Spring transform", _spring, needs=BUILT / "spring" / RIG_JAR, warm=20),
)
