"""Names and values of settings, for random ones."""

import itertools

from config.kafka.java_properties import TABLE
from config.settings import properties
from config.unsupported import spring_names
from config.unsupported.table import UNSUPPORTED

BINDER = "spring.cloud.stream.kafka.binder"


NAMES = [
    *(prop.name for prop in properties().values()),
    *UNSUPPORTED,
    *(f"{BINDER}.configuration.{name}" for name in TABLE),
    "spring.application.json",
    "spring.profiles.active",
    "spring.config.activate.on-profile",
    "spring.config.activate.on-cloud-platform",
    "spring.config.import",
    "spring.config.location",
    "spring.profiles.group.x",
    "spring.cloud.stream.binders.b.type",
    "spring.cloud.stream.binders.b.environment.spring.kafka.bootstrap-servers",
    "spring.cloud.stream.bindings.input.binder",
    *(name for name, _ in itertools.islice(spring_names.known_names(), 0, None, 37)),
]
WORDS = [
    "true",
    "1",
    "0",
    "-1",
    "5s",
    "16KB",
    "",
    '""',
    "${a:b}",
    "${server.port}",
    "a,b",
    "SASL_SSL",
    "SSL",
    "PLAIN",
    "earliest",
    "é",
    "\0",
    "\ud800",
    "${random.int}",
    "${random.int[5,1]}",
    "${x.password}",
    "optional:file:/no/such.yml",
    "optional:configtree:/no/such/",
    "/dev/zero",
    "9" * 5000,
    "(" * 3000,
    "<x>",
    "100%",
    'say "hi"\\',
]


# Where a secret may have got by mistake: under a misspelt or a foreign name, by a placeholder, as a
# word of the command line.
MISSPELT = [
    "pasword",
    "pwd",
    "credentialz",
    "user.info",
    "thing",
    "ssl.key-store-pasword",
    "configuration.foo",
    "url",
]


# A secret inside another value, with {} in its place.
HIDING = [
    "kafka://user:{}@host/topic",
    "https://{}@host",
    "user:{}@host:9092",
    "orders?password={}",
    "Endpoint=sb://host/;SharedAccessKeyName=r;SharedAccessKey={};EntityPath=x",
    "AccountName=a;AccountKey={}",
    "pass:{}",
    "Bearer {}",
    "reverse:reverse?token={}",
    'x.PlainLoginModule required username="u" password="{}";',
    "{{cipher}}{}",
]


# Names of secrets: the last element says so, or another one.
SECRET_NAMES = [
    "db.password",
    "DB_PASS",
    "app.credentials.thing",
    "vcap.services.k.credentials.pass",
    "my.secrets.first",
    "auth.value",
    "info.db.pass",
    "info.auth",
    "info.login",
    "spring.boot.admin.client.instance.metadata.user.pass",
]


# Maps whose keys are the user's own, or the broker's: they are shown, unless the key says that it
# is a secret.
THE_USERS_OWN: tuple[str, ...] = (
    "info",
    "management.metrics.tags",
    "management.endpoints.web.path-mapping",
    "spring.boot.admin.client.instance.metadata",
    "spring.cloud.stream.kafka.binder.configuration.metrics.context",
)
THE_USERS_OWN += tuple(name for name in NAMES if name.endswith("topic.properties"))
