"""The names in Spring's metadata, and the answer to each."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from config.spring.names import uniform
from config.spring.types import FALSE
from config.unsupported.spring_rules import RULES
from config.unsupported.table import Unsupported

FILE = Path(__file__).with_name("spring-names.txt")
MARKS = "<>"  # only in the older generation, only in the newer
# The values that ask for nothing where a part is absent, by the last element of the name.
_SWITCHES = {"enabled": tuple(FALSE), "access": ("none",)}

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
    rules, maps = _rules()
    if form in rules:
        return rules[form]
    prefix, _, last = form.rpartition(".")
    while prefix:
        if prefix in maps:
            return maps[prefix]
        if prefix in rules:
            accepted = _SWITCHES.get(last, ()) if rules[prefix].is_absent else ()
            return rules[prefix]._replace(accepted_values=accepted)
        prefix = prefix.rpartition(".")[0]
    return None


@cache
def _rules() -> tuple[dict[str, Unsupported], dict[str, Unsupported]]:
    """Return the rows by uniform name, and the rows of maps by the uniform name of the map."""
    names = {uniform(name): row for name, row in RULES.items() if not name.endswith(".*")}
    return names, {
        uniform(name.removesuffix(".*")): row for name, row in RULES.items() if name.endswith(".*")
    }
