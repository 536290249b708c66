"""The image's label: Spring's configuration metadata, which Data Flow reads."""

import json

from config.loading.loader import load
from config.reference.rows import rows

_ANY = {"type": "java.util.Map<java.lang.String,java.lang.String>"}


def metadata(*arguments: str) -> str:
    """Return spring-configuration-metadata.json as an image label: ASCII, one line."""
    described, hints = [], []
    for row in rows(*load(arguments, {}).own):
        kind = {"type": row.kind.java} if row.kind else _ANY
        default = {"defaultValue": row.default} if row.default else {}
        described.append(
            {"name": row.name.removesuffix(".*"), **kind, "description": row.description, **default}
        )
        if row.kind and row.kind.words:
            hints.append({"name": row.name, "values": [{"value": word} for word in row.kind.words]})
    return json.dumps(
        {"groups": [], "properties": described, "hints": hints}, separators=(",", ":")
    )
