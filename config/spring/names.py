"""Spring Boot's relaxed names: which spellings are the same property.

Two names are equal when, element by element (elements are separated by `.` or are an index `[n]`),
they match after lower-casing and dropping everything that is not a letter or a digit. `uniform`
gives the form in which equal names are equal strings.
"""

import re
from functools import lru_cache

_ELEMENT = re.compile(r"\[([^\]]*)\]|([^.\[\]]+)")
_NOISE = re.compile(r"[^a-z0-9]")
# Parts of names that say how a connection is protected, who may come in, which address is used and
# where settings are read.
_CRITICAL = re.compile(
    r"(?:^|[.-])(?:ssl|sasl|jaas|security|password|credentials?|username|brokers|servers|address|port|urls?|exposure|access)(?:[.-]|$)"
    r"|^spring\.config\.|[.-]url$"
    r"|^spring\.cloud\.stream\.(?:bindings\.(?:in|out)put|default)\.(?:destination|group)$|\.dlq-name$"
)
_CANONICAL = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+|\[\d+\])*")


@lru_cache(maxsize=32_768)  # the same names are asked for in every source and for every map
def uniform(name: str) -> str:
    """`spring.kafka.clientId` -> `spring.kafka.clientid`; `a.b-c[0]` -> `a.bc.0`."""
    return ".".join(
        _NOISE.sub("", (m[1] if m[2] is None else m[2]).lower()) for m in _ELEMENT.finditer(name)
    )


def canonical(name: str) -> bool:
    """Whether `name` is lower-case kebab. Placeholders look up only such names relaxed."""
    return _CANONICAL.fullmatch(name) is not None


def map_key(name: str, prefix: str) -> str | None:
    """Return the key of `name` in the map `prefix` (uniform), as spelled; None if not in it.

    `configuration.security.protocol` and `configuration[security.protocol]` both give
    `security.protocol`.
    """
    if not uniform(name).startswith(f"{prefix}."):
        return None
    depth = prefix.count(".") + 1
    elements = list(_ELEMENT.finditer(name))
    rest = name[elements[depth].start() :]
    if len(elements) == depth + 1 and elements[depth][2] is None:
        return elements[depth][1]
    return re.sub(r"[^A-Za-z0-9._\[\]-]", "", rest)


def is_critical(name: str) -> bool:
    """Whether the name is about security, addresses or files: a misspelling is refused."""
    return _CRITICAL.search(name) is not None
