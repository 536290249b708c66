"""Makes config/unsupported/spring-names.txt from the jars' configuration metadata: `python -m
tests.compatibility.oracle.springnames 3.5=DIR 4.1=DIR`.

Each folder has the jars of its generation, with what
tests/compatibility/oracle/names-<generation>.xml lists (`mvn dependency:copy-dependencies`).
"""

import json
import sys
import zipfile
from collections import defaultdict
from pathlib import Path

from config.unsupported.spring_names import FILE, MARKS

_ENTRIES = (
    "META-INF/spring-configuration-metadata.json",
    "META-INF/additional-spring-configuration-metadata.json",
)
_HEAD = """\
# Names in the configuration metadata of Spring Boot 3.5 and 4.1, Spring Cloud Stream 4.3 and 5.0, its Kafka binder, Spring Cloud Function's
# context and Spring Boot Admin's client. A line is a prefix and what follows it; < is only in the older generation, > only in the newer.
"""  # noqa: E501 - lines of a page


def names(folder: Path) -> set[str]:
    """The property names of all jars in the folder."""
    found: set[str] = set()
    for jar in sorted(folder.glob("*.jar")):
        with zipfile.ZipFile(jar) as content:
            for entry in set(_ENTRIES) & set(content.namelist()):
                found |= {
                    each["name"] for each in json.loads(content.read(entry)).get("properties", ())
                }
    return found


def text(older: set[str], newer: set[str]) -> str:
    """The content of the file."""
    lines: dict[str, list[str]] = defaultdict(list)
    for name in sorted(older | newer):
        prefix, _, last = name.rpartition(".")
        mark = "" if name in older & newer else MARKS[name in newer]
        lines[prefix].append(last + mark)
    return _HEAD + "".join(
        f"{prefix or '-'} {' '.join(each)}\n" for prefix, each in sorted(lines.items())
    )


if __name__ == "__main__":
    folders = dict(argument.split("=", 1) for argument in sys.argv[1:])
    FILE.write_text(text(names(Path(folders["3.5"])), names(Path(folders["4.1"]))))
