"""The answers to names in Spring's metadata: a row for each prefix."""

from config.support import Support
from config.unsupported.table import Unsupported

_I, _N, _R = Support.IGNORED, Support.NO_EFFECT, Support.REJECTED

_PUSHED = Unsupported(
    _I,
    "metrics are read at /actuator/prometheus and /actuator/metrics; nothing is pushed",
    is_absent=True,
)
_SHOWN = Unsupported(_I, "set management.endpoints.web.exposure.exclude=prometheus", ("true",))
_METERS = Unsupported(
    _I,
    "the meters are those of docs/metrics.md; tags are set with management.metrics.tags",
    is_absent=True,
)
_ALL_METERS = Unsupported(_I, "all meters of docs/metrics.md are there", ("true",))
_TRACING = Unsupported(
    _I, "there is no tracing here; tracing headers are passed on", is_absent=True
)
_NO_ENDPOINT = Unsupported(
    _I, "there is no such endpoint here, or no such option of it", is_absent=True
)
_TLS = Unsupported(
    _R,
    "the actuator speaks plain HTTP. Have a sidecar (Envoy, nginx) do TLS in front of it, set "
    "server.address=127.0.0.1 so that nobody else reaches it, and enabled=false beside this name",
    is_absent=True,
)
_BUNDLE = Unsupported(
    _R,
    "there are no SSL bundles here: set trust-store-location and key-store-location of "
    "spring.kafka.ssl",
    ("",),
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
)
_NO_FILE = Unsupported(_N, "log lines go to standard output, and to no file")
_SERVER = Unsupported(_I, "there is no such setting of the HTTP server here", is_absent=True)
_ERROR_BODY = Unsupported(
    _I, "the body of an error has its time, status and path, and nothing of its cause", ("never",)
)
_SOURCES = Unsupported(
    _R,
    "settings are read from the command line, the environment and files: see spring.config.import",
    is_absent=True,
)
_ADMIN = Unsupported(_I, "there is no such setting of the registration here")
_MAIN = Unsupported(_I, "there is no Spring application here")
_STREAM = Unsupported(_I, "there is no such setting here")
_ABSENT = Unsupported(_N, "for a part of Spring that is not here")

# The longest prefix counts. A row covers all names below it. Its accepted values are those of the
# name itself. With `.*` they are those of the names below it, which are the user's.
RULES: dict[str, Unsupported] = {
    "debug": Unsupported(_I, "set logging.level.root=debug", ("false",), is_asked_by_empty=True),
    "trace": Unsupported(_I, "set logging.level.root=trace", ("false",), is_asked_by_empty=True),
    "endpoints": _ABSENT,
    "logging": _LINES,
    "logging.console.enabled": Unsupported(
        _I, "log lines go to standard output; set logging.level.root=off", ("true",)
    ),
    "logging.group": Unsupported(_I, "list the loggers in logging.level.*"),
    "logging.include-application-group": Unsupported(
        _I, "log lines have the application's name, and no group", ("false",)
    ),
    "logging.include-application-name": Unsupported(
        _I, "log lines always have the application's name", ("true",)
    ),
    "logging.register-shutdown-hook": Unsupported(_N, "each log line is written at once"),
    "logging.threshold.console": Unsupported(_I, "set logging.level.root", ("trace", "all")),
    "logging.threshold.file": _NO_FILE,
    "management": _NO_ENDPOINT,
    "management.defaults.metrics.export.enabled": _SHOWN,
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
    "management.health": Unsupported(
        _I, "there is no such component of health here", is_absent=True
    ),
    "management.info": Unsupported(_I, "info has what info.* says", is_absent=True),
    "management.metrics": _METERS,
    "management.metrics.binders.*": _ALL_METERS,
    "management.metrics.enable.*": _ALL_METERS,
    "management.metrics.export": _PUSHED,
    "management.metrics.export.defaults.enabled": _SHOWN,
    "management.metrics.export.prometheus.enabled": _SHOWN,
    "management.prometheus.metrics.export.enabled": _SHOWN,
    "management.security": _LOGIN,
    "management.server.add-application-context-header": Unsupported(
        _I, "responses have no header X-Application-Context", ("false",)
    ),
    "management.server.ssl": _TLS,
    "management.tracing": _TRACING,
    "management.tracing.sampling.probability": _TRACING._replace(accepted_values=("0", "0.0")),
    "management.otlp": _TRACING,
    "management.zipkin": _TRACING,
    "management.opentelemetry": _TRACING,
    "management.brave": _TRACING,
    "management.observations": _TRACING,
    "management.observations.enable.*": _ALL_METERS,
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
    "server.error.include-binding-errors": _ERROR_BODY,
    "server.error.include-exception": _ERROR_BODY._replace(accepted_values=("false",)),
    "server.error.include-message": _ERROR_BODY,
    "server.error.include-path": _ERROR_BODY._replace(accepted_values=("always",)),
    "server.error.include-stacktrace": _ERROR_BODY,
    "server.error.whitelabel.enabled": Unsupported(
        _I, "browsers always get a page with the status and the path", ("true",)
    ),
    "server.forward-headers-strategy": Unsupported(
        _I, "the headers X-Forwarded-* are not used", ("none",)
    ),
    "server.servlet.encoding.enabled": Unsupported(_I, "responses are always UTF-8", ("true",)),
    "server.shutdown": Unsupported(
        _I, "the HTTP server answers until the processor has stopped", ("graceful",)
    ),
    "server.ssl": _TLS,
    "spring": _ABSENT,
    "spring.application.admin": _ABSENT,
    "spring.boot.admin.client": _ADMIN,
    "spring.boot.admin.client.register-once": Unsupported(
        _I, "one registration is kept, at the first server that accepts it", ("true",)
    ),
    "spring.cloud": _ABSENT,
    "spring.cloud.config": _SOURCES,
    "spring.cloud.consul": _SOURCES,
    "spring.cloud.kubernetes": _SOURCES,
    "spring.cloud.vault": _SOURCES,
    "spring.cloud.zookeeper": _SOURCES,
    "spring.cloud.function": Unsupported(
        _I, "the function is the one that the property function names"
    ),
    "spring.cloud.stream": _STREAM,
    "spring.config": _SOURCES,
    "spring.kafka": _STREAM,
    "spring.kafka.admin.ssl.bundle": _BUNDLE,
    "spring.kafka.consumer.ssl.bundle": _BUNDLE,
    "spring.kafka.producer.ssl.bundle": _BUNDLE,
    "spring.main": _MAIN,
    "spring.main.banner-mode": Unsupported(_I, "there is no banner here", ("off", "false")),
    "spring.main.lazy-initialization": _MAIN._replace(accepted_values=("false",)),
    "spring.main.register-shutdown-hook": Unsupported(
        _I, "a signal always stops the processor in order", ("true",)
    ),
    "spring.main.web-application-type": Unsupported(
        _R,
        "the HTTP server is always there: set management.server.port=-1 for no actuator, and "
        "server.address=127.0.0.1 so that nobody else reaches server.port",
        ("servlet", "reactive", ""),
    ),
    "spring.mvc.servlet.path": Unsupported(_I, "set server.servlet.context-path", ("/",)),
    "spring.pid": Unsupported(_I, "no file with the process id is written"),
    "spring.profiles": Unsupported(_I, "there is no such setting of profiles here"),
    "spring.profiles.validate": Unsupported(
        _I, "names of profiles are always validated", ("true",)
    ),
    "spring.security": _LOGIN,
    "spring.security.filter": _ABSENT,
    "spring.security.user.roles": Unsupported(
        _I, "users have no roles here; every user may do everything"
    ),
    "spring.ssl": _BUNDLE,
    "spring.webflux.base-path": Unsupported(_I, "set server.servlet.context-path", ("/",)),
}
