"""Java and Kafka's jars."""

import re
import shutil
import subprocess
from pathlib import Path

LIBS = Path(__file__).parents[3] / ".kafka" / "libs"
# Kafka's classes in the form Java keeps them; tests.support.brokers.classes makes it.
CLASSES = LIBS.parent / "classes.jsa"

# A small, quick-starting JVM: with these a new node is ready in about 2 s and takes some 200 MiB.
JAVA = [
    "java",
    "-Xmx256m",
    "-Xss512k",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Xshare:auto",
    "-XX:MaxMetaspaceSize=192m",
    "-XX:ReservedCodeCacheSize=64m",
    "-Djava.awt.headless=true",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-cp",
    f"{LIBS}/*",
]


def need_java() -> None:
    """RuntimeError unless `java` is version 17 or later."""
    need = "the tests start a real Apache Kafka, which needs Java 17 or later"
    if not shutil.which("java"):
        raise RuntimeError(f"{need}: there is no `java` on PATH")
    told = subprocess.run(["java", "-version"], capture_output=True, text=True, check=True).stderr
    version = re.search(r'version "(\d+)', told)
    if not version or int(version[1]) < 17:
        raise RuntimeError(
            f"the tests start a real Apache Kafka, which needs Java 17 or later; `java` on PATH "
            f"is: {told.splitlines()[0]}"
        )


def need_jars() -> None:
    """RuntimeError unless the jars are there."""
    if not any(LIBS.glob("kafka_2.13-*.jar")):
        raise RuntimeError(
            f"no Kafka jars in {LIBS}: run `make .kafka/libs/ready` (`make test` does it)"
        )
