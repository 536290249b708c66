"""docs/spring-names.md: every name of Spring's metadata, and how it is supported here."""

from collections import defaultdict

from config.loading.known_names import entry_below, is_read, unused_at
from config.reference.markdown import code_span, markdown_table
from config.spring.names import uniform
from config.unsupported import spring_names

_NAMES_INTRODUCTION = """\
Made by `python -m config.reference names` (config/unsupported/spring-names.txt) from the configuration metadata of Spring's projects. They
are Spring Boot 3.5 and 4.1, Spring Cloud Stream 4.3 and 5.0, its Kafka binder and Spring Boot Admin's client.
(3.5) and (4.1): only in that generation."""  # noqa: E501 - lines of a page
_NAMES_ANSWERS = """\
`ignored` is reported by one warning, `needless` at DEBUG. With `refused` the processor does not start, unless the value asks for
what is done in any case, or `enabled=false` switches the part off. Another name under `spring.`, `server.`, `management.`, `logging.` or `endpoints.` is reported by a
warning, with the nearest known name."""  # noqa: E501 - lines of a page


def answer_of(name: str) -> tuple[str, str]:
    """Return how a name of Spring's is supported, and why."""
    form = uniform(name)
    unused = unused_at(form) or unused_at(f"{form}.")  # the second for the name of a map
    if is_read(form) or (not unused and entry_below(form)):
        return "honoured", ""
    unused = unused or spring_names.rule(form)
    return (unused.verdict, unused.why) if unused else ("honoured", "")


def names_page() -> str:
    """Return the page of every name in Spring's metadata."""
    grouped: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    counts: dict[str, int] = defaultdict(int)
    for name, mark in spring_names.known_names():
        prefix, _, last = name.rpartition(".")
        verdict, why = answer_of(name)
        counts[verdict] += 1
        grouped[prefix, verdict, why].append(last + {"": "", "<": " (3.5)", ">": " (4.1)"}[mark])
    lines = (
        (code_span(prefix), ", ".join(lasts), verdict, why)
        for (prefix, verdict, why), lasts in sorted(grouped.items())
    )
    total = ", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items()))
    return "\n\n".join(
        [
            "# Every name that Spring knows",
            _NAMES_INTRODUCTION,
            f"{sum(counts.values())} names: {total}. {_NAMES_ANSWERS}",
            markdown_table(("prefix", "names", "", "why"), lines),
        ]
    )
