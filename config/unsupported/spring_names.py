"""The answers to every other name in Spring's metadata: a rule for each prefix."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from config.spring.names import uniform
from config.support import Support
from config.unsupported.table import Unsupported

FILE = Path(__file__).with_name("spring-names.txt")
MARKS = "<>"  # only in the older generation, only in the newer
_I, _N, _R = Support.IGNORED, Support.NO_EFFECT, Support.REJECTED
_OFF = ("false", "none", "never")

_PUSHED = Unsupported(
    _I, "metrics are read at /actuator/prometheus and /actuator/metrics; nothing is pushed", _OFF
)
_SHOWN = Unsupported(_I, "set management.endpoints.web.exposure.exclude=prometheus", ("true",))
_METERS = Unsupported(
    _I, "the meters are those of docs/metrics.md; tags are set with management.metrics.tags", _OFF
)
_TRACING = Unsupported(
    _I, "there is no tracing here; tracing headers are passed on", (*_OFF, "0", "0.0")
)
_NO_ENDPOINT = Unsupported(_I, "there is no such endpoint here, or no such option of it", _OFF)
_TLS = Unsupported(
    _R, "the actuator speaks plain HTTP: put a sidecar or an ingress with TLS before it", _OFF
)
_BUNDLE = Unsupported(
    _R,
    "there are no SSL bundles here: set trust-store-location and key-store-location of "
    "spring.kafka.ssl",
)
_LOGIN = Unsupported(
    _R,
    "the actuator knows users with a password only: spring.cloud.streamapp.security.* and "
    "spring.security.user.*",
)
_ROLES = Unsupported(
    _R, "users have no roles here: with when-authorized every user with a password sees everything"
)
_LINES = Unsupported(
    _I,
    "log lines go to standard output, in Spring's form or with logging.structured.format.console "
    "as JSON",
    _OFF,
)
_SERVER = Unsupported(_I, "there is no such setting of the HTTP server here", (*_OFF, "graceful"))
_SOURCES = Unsupported(
    _R,
    "settings are read from the command line, the environment and files: see spring.config.import",
    _OFF,
)
_ADMIN = Unsupported(_I, "there is no such setting of the registration here", _OFF)
_MAIN = Unsupported(
    _I,
    "there is no Spring application here",
    (*_OFF, "servlet", "reactive", "off", "console", "log"),
)
_STREAM = Unsupported(_I, "there is no such setting here", _OFF)
_ABSENT = Unsupported(_N, "for a part of Spring that is not here")

# The longest prefix counts. It covers all names below it.
RULES: dict[str, Unsupported] = {
    "debug": Unsupported(_I, "set logging.level.root=debug", _OFF),
    "trace": Unsupported(_I, "set logging.level.root=trace", _OFF),
    "endpoints": _ABSENT,
    "logging": _LINES,
    "logging.console.enabled": Unsupported(
        _I, "log lines go to standard output; set logging.level.root=off", ("true",)
    ),
    "logging.group": Unsupported(_I, "list the loggers in logging.level.*"),
    "logging.threshold": Unsupported(_I, "set logging.level.root", ("trace", *_OFF)),
    "management": _NO_ENDPOINT,
    "management.endpoint.configprops.roles": _ROLES,
    "management.endpoint.env.roles": _ROLES,
    "management.endpoint.health.roles": _ROLES,
    "management.endpoint.health.group": Unsupported(
        _I, "a group has include, exclude, show-details and show-components"
    ),
    "management.endpoint.health.validate-group-membership": Unsupported(
        _I, "members of a group that do not exist are always refused", ("true",)
    ),
    "management.endpoints.web.cors": Unsupported(
        _I,
        "browsers get no CORS headers, and no other site's pages may read the actuator: to let "
        "them, use a proxy of that site",
    ),
    "management.endpoints.jmx": Unsupported(_N, "there is no JMX here"),
    "management.health": Unsupported(_I, "there is no such component of health here", _OFF),
    "management.info": Unsupported(_I, "info has what info.* says", _OFF),
    "management.metrics": _METERS,
    "management.metrics.enable": Unsupported(
        _I, "all meters of docs/metrics.md are there", ("true",)
    ),
    "management.metrics.export": _PUSHED,
    "management.metrics.export.prometheus.enabled": _SHOWN,
    "management.prometheus.metrics.export.enabled": _SHOWN,
    "management.security": _LOGIN,
    "management.server.ssl": _TLS,
    "management.tracing": _TRACING,
    "management.otlp": _TRACING,
    "management.zipkin": _TRACING,
    "management.opentelemetry": _TRACING,
    "management.brave": _TRACING,
    "management.observations": _TRACING,
    "management.wavefront": _PUSHED,
    **{
        f"management.{registry}": _PUSHED
        for registry in (
            *(
                "appoptics",
                "atlas",
                "datadog",
                "dynatrace",
                "elastic",
                "ganglia",
                "graphite",
                "humio",
                "influx",
                "jmx",
                "kairos",
            ),
            *("newrelic", "prometheus", "promethus", "signalfx", "simple", "stackdriver", "statsd"),
        )
    },
    "server": _SERVER,
    "server.ssl": _TLS,
    "spring": _ABSENT,
    "spring.application.admin": _ABSENT,
    "spring.boot.admin.client": _ADMIN,
    "spring.cloud": _ABSENT,
    "spring.cloud.config": _SOURCES,
    "spring.cloud.consul": _SOURCES,
    "spring.cloud.kubernetes": _SOURCES,
    "spring.cloud.vault": _SOURCES,
    "spring.cloud.zookeeper": _SOURCES,
    "spring.cloud.function": Unsupported(
        _I, "the function is the one that the property function names", _OFF
    ),
    "spring.cloud.stream": _STREAM,
    "spring.config": _SOURCES,
    "spring.kafka": _STREAM,
    "spring.kafka.admin.ssl.bundle": _BUNDLE,
    "spring.kafka.consumer.ssl.bundle": _BUNDLE,
    "spring.kafka.producer.ssl.bundle": _BUNDLE,
    "spring.main": _MAIN,
    "spring.main.register-shutdown-hook": Unsupported(
        _I, "a signal always stops the processor in order", ("true",)
    ),
    "spring.main.web-application-type": Unsupported(
        _I,
        "the actuator is always there; management.server.port=-1 switches it off",
        ("servlet", "reactive"),
    ),
    "spring.mvc.servlet.path": Unsupported(_I, "set server.servlet.context-path", ("/",)),
    "spring.pid": Unsupported(_I, "no file with the process id is written"),
    "spring.profiles": Unsupported(_I, "there is no such setting of profiles here", ("true",)),
    "spring.security": _LOGIN,
    "spring.security.filter": _ABSENT,
    "spring.security.user.roles": Unsupported(
        _I, "users have no roles here; every user may do everything"
    ),
    "spring.ssl": _BUNDLE,
    "spring.webflux.base-path": Unsupported(_I, "set server.servlet.context-path", ("/",)),
}
# Other names under these are no mistake: they belong to Data Flow, its deployers and applications.
FREE = (
    "info",
    "spring.cloud.dataflow",
    "spring.cloud.application",
    "spring.cloud.deployer",
    "spring.cloud.task",
    "spring.cloud.scheduler",
    "vcap",
)
PREFIXES = ("spring.", "server.", "management.", "logging.", "endpoints.")  # of Spring's properties


# Set by a stock Data Flow: names of a starter without metadata, and of Spring Boot 1.
_MORE = ("management.metrics.export.prometheus.rsocket", "endpoints.jmx")
# Maps whose keys are all known here.
_CLOSED = (
    "springcloudstreambindings",
    "springcloudstreamkafkabindings",
    "springcloudstreambinders",
)


def known_names() -> Iterator[tuple[str, str]]:
    """Yield every name of the metadata and its mark ("" for both generations)."""
    for line in FILE.read_text("utf-8").splitlines():
        prefix, *lasts = line.split()
        for last in lasts if prefix != "#" else ():
            mark = last[-1] if last[-1] in MARKS else ""
            name = last.removesuffix(mark)
            yield (name if prefix == "-" else f"{prefix}.{name}"), mark


@cache
def known() -> dict[str, str]:
    """Return the names by their letters and digits, as variables may have other dots."""
    return {_letters(name): name for name in (*(name for name, _ in known_names()), *_MORE)}


def is_known(form: str, *, variable: bool = True) -> bool:
    """Return whether the metadata has the uniform name, or a name above it, such as a map.

    Args:
        form: The uniform name.
        variable: Whether an environment variable has it. A dash may have become a dot there.
    """
    names = known()
    while form:
        letters = _letters(form)
        if letters in _CLOSED:
            return False
        if letters in names and (variable or form in _uniform_names()):
            return True
        form = form.rpartition(".")[0]
    return False


@cache
def _uniform_names() -> frozenset[str]:
    return frozenset(uniform(name) for name in (*(name for name, _ in known_names()), *_MORE))


def _letters(name: str) -> str:
    return uniform(name).replace(".", "")


def rule(form: str) -> Unsupported | None:
    """Return the answer to a name; None for a name that is not of Spring.

    Args:
        form: The uniform name.
    """
    rules = _rules()
    while form:
        if form in rules:
            return rules[form]
        form = form.rpartition(".")[0]
    return None


@cache
def _rules() -> dict[str, Unsupported]:
    return {uniform(prefix): unused for prefix, unused in RULES.items()}
