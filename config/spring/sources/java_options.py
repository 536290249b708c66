"""Options of a Java virtual machine. They count before `-jar`, and not in variables."""

import re
from collections.abc import Mapping, Sequence

from config.errors import SettingsError
from config.spring.names import is_critical, uniform
from config.spring.sources.source import Source

_VARIABLES = ("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "JAVA_OPTS")
_PREFIXES = ("spring.", "server.", "management.", "logging.", "pythonprocessor.", "function")


def java_options(argv: Sequence[str]) -> tuple[Source, Sequence[str]]:
    """Return the properties of `-Dname=value` as a source, and the program's arguments.

    Data Flow's local deployer starts `<options> -jar <file> <arguments>`.

    Args:
        argv: All arguments.
    """
    at = list(argv).index("-jar") if "-jar" in argv else -1
    options = (
        option.removeprefix("-D").partition("=")
        for option in argv[: max(at, 0)]
        if option.startswith("-D")
    )
    return Source(
        "systemProperties", "the command line", {name: value for name, _, value in options if name}
    ), argv[at + 2 if at >= 0 else 0 :]


def java_variables(environ: Mapping[str, str]) -> list[str]:
    """Return a warning for each property of Spring's that a variable with Java's options sets.

    Args:
        environ: The environment.

    Raises:
        SettingsError: The property is about security, an address or a place of settings.
    """
    warnings: list[str] = []
    for variable in _VARIABLES:
        for name in re.findall(
            r"(?:^|\s)['\"]?-D([A-Za-z0-9_.\[\]-]{1,150})=", environ.get(variable, "")
        ):
            if uniform(name).startswith(_PREFIXES):
                line = f"environment variable {variable}: -D{name}"
                if is_critical(name):
                    raise SettingsError(
                        f"{line} is not allowed: there is no Java here; write --{name}=..."
                    )
                warnings.append(f"{line} is ignored: there is no Java here; write --{name}=...")
    return warnings
