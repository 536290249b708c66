"""The parts that generated documents are made of."""

import re

from tests.compatibility.oracle.scalars import WRITTEN

PROFILES = ("prod", "cloud", "eu")
BASES = ("application", "config/application", "config/extra/application")
IMPORTED = ("more", "sub/more", "config/more")

EXPRESSIONS = (
    "prod",
    "!prod",
    "prod & cloud",
    "prod | eu",
    "(prod | eu) & !cloud",
    "default",
    "cloud, eu",
    "prod & eu | cloud",
    "!(prod)",
)

PLATFORMS = ("kubernetes", "cloud_foundry", "none", "Kubernetes", "heroku")

VALUES = (
    "1",
    "2",
    "x y",
    "a,b",
    "${info.b}",
    "${info.z:d}",
    "${no.such:e}",
    "${no.such}",
    "${ENV_X:y}",
    "",
    "${info.${info.k:b}:f}",
    "é",
)

# Each begins with its kind, so that `without_random_part` knows what to take out.
RANDOM = (
    "value ${random.value}",
    "value ${random.what.ever}",
    "uuid ${random.uuid}",
    "int ${random.int}",
    "below ${random.int(10)}",
    "range ${random.long[5,9]}",
    "long ${random.long}",
    "${random.int[7,8]}",
    "${random.int(1)}",
    "${random.long(2,3)}",
)

FORMS = re.compile(
    r"(?<=value )[0-9a-f]{32}(?![0-9a-f])|(?<=uuid "
    r")[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
    r"|(?<=int )-?\d{1,10}(?!\d)|(?<=below )\d(?!\d)|(?<=range )[5-8](?!\d)|(?<=long "
    r")-?\d{1,19}(?!\d)"
)

BARE = re.compile(r"bare-(\d+)-scalar")

ONE_LINE = tuple(
    each for each in WRITTEN if "\n" not in each and not each.startswith(("&", "*", "<<"))
)

NAMES = (
    "info.a",
    "info.b",
    "info.c.d",
    "info.z",
    "info.k",
    "management.metrics.tags.x",
    "management.metrics.tags.y-z",
)

LISTS = ("spring.kafka.bootstrap-servers", "management.endpoints.web.exposure.include")
TREES = ("tree", "config/tree")
