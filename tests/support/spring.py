"""Spring's own programs in the tests: their generations, and the jars that make fetches for
them.
"""

from pathlib import Path

from tests.support.processor import REPOSITORY

# Of Spring Boot, and of Boot Admin; with them go Spring Cloud Stream 4.3 and 5.0.
GENERATIONS = ("3.5", "4.1")
JAVA = ("java", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dfile.encoding=UTF-8")


def find_jars(program: str, generation: str) -> Path:
    """Return the folder of a program's jars.

    Args:
        program: `oracle`, `spring` or `boot-admin`, as the Makefile's targets have it.
        generation: One of GENERATIONS.

    Raises:
        RuntimeError: They have not been fetched; the message says by which command.
    """
    target = f".kafka/{program}-{generation}/ready"
    if not (REPOSITORY / target).exists():
        raise RuntimeError(
            f"Spring's jars are not there: run `make {target}` (`make test` and `make test-ops` "
            f"do it)"
        )
    return (REPOSITORY / target).parent
