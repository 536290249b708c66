"""Spring Boot's relaxed names: which spellings are one property.

Elements of a name are separated by `.`, or are an index `[n]`. Two names are equal if their
elements are equal. Elements are compared in lower case, by letters and digits only. `uniform`
returns one string for all equal names.
"""

import re
from functools import lru_cache

_ELEMENT = re.compile(r"\[([^\]]*)\]|([^.\[\]]+)")
_NOISE = re.compile(r"[^a-z0-9]")
# Parts of names about the protection of connections, access, addresses, places of settings, and
# exactly once.
_CRITICAL = re.compile(
    r"(?:^|[.-])(?:ssl|sasl|jaas|security|password|credentials?|username|brokers|servers|address|port|urls?|exposure|access)(?:[.-]|$)"
    r"|^spring\.config\.|[.-]url$|\.transaction-id-prefix$"
    r"|^spring\.cloud\.stream\.(?:bindings\.(?:in|out)put|default)\.(?:destination|group)$|\.dlq-name$"
)
_CANONICAL = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+|\[\d+\])*")


@lru_cache(maxsize=32_768)  # the same names are looked up in every source and for every map
def uniform(name: str) -> str:
    """Return `spring.kafka.clientid` for `spring.kafka.clientId`, and `a.bc.0` for `a.b-c[0]`.

    Args:
        name: A property's name in any spelling.
    """
    return ".".join(
        _NOISE.sub("", (m[1] if m[2] is None else m[2]).lower()) for m in _ELEMENT.finditer(name)
    )


def canonical(name: str) -> bool:
    """Return whether the name is lower-case kebab. Only such placeholders are looked up relaxed."""
    return _CANONICAL.fullmatch(name) is not None


def map_key(name: str, prefix: str) -> str | None:
    """Return the key of a name in a map, in its own spelling, or None if it is not in the map.

    `configuration.security.protocol` and `configuration[security.protocol]` both have the key
    `security.protocol`.

    Args:
        name: A property's name in any spelling.
        prefix: The uniform name of the map.
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
    """Return whether a misspelling is refused: of security, addresses, files and exactly once.

    Args:
        name: A property's name.
    """
    return _CRITICAL.search(name) is not None
