"""What becomes of each error of the Kafka client, found out by giving it to the parts of a task.

The clients are stand-ins.

python -m tests.unit.connectors.errors.outcomes        prints docs/errors.md; `make docs` writes it
"""

import logging

from confluent_kafka import KafkaError

from tests.fakes.error_parties import CODES, LATER, NO_ERRORS, PARTIES, Outcome

_INTRODUCTION = """\
# Errors of the Kafka client

Made by `python -m tests.unit.connectors.errors.outcomes`; a test fails when this page is not what that prints.

Each error of the client is given to the parts of the processor, and this page shows what they do. The input topic is `in`, the output
topic is `out`. Errors arrive in these ways:
"""  # noqa: E501 - lines of a page
_ENDS = """\
The log has one ERROR line, and nothing is committed past the error. "Second" means that a new producer takes the place of the first one.
The process ends when the error comes again without a commit in between."""  # noqa: E501 - lines of a page
_PASSES = """\
Health is that of the binder while the error lasts. An error that comes to a member does not stop its reading: health is `UP` while
records move. Once a partition is not fetched for 10 s, or its records do not come for 25 s, health is `UNKNOWN` and readiness 503.
The same holds when deliveries, commits, or calls for a transaction, are not answered or fail for 25 s."""  # noqa: E501 - lines of a page


def outcomes() -> list[tuple[str, int, Outcome]]:
    """Party, code and outcome."""
    logging.disable(logging.CRITICAL)
    try:
        return [
            (party, code, ask(code))
            for party, (_, ask) in PARTIES.items()
            for code in CODES
            if code not in NO_ERRORS
        ]
    finally:
        logging.disable(logging.NOTSET)


def page() -> str:
    """docs/errors.md."""
    found = outcomes()
    ways = [f"| {party} | {way} |" for party, (way, _) in PARTIES.items()]
    parts = [_INTRODUCTION + "\n" + "\n".join(["| party | the error comes |", "|---|---|", *ways])]
    parts += ["## Errors that end the process", _ENDS, _ending_rows(found)]
    parts += ["## Errors that pass", _PASSES, _passing_rows(found)]
    return "\n\n".join(parts)


def _ending_rows(found: list[tuple[str, int, Outcome]]) -> str:
    parties: dict[tuple[str, str, int | None], list[str]] = {}
    for party, code, outcome in sorted(
        found, key=lambda each: KafkaError(each[1]).name().lstrip("_")
    ):
        if outcome.line:
            second = " (second)" if outcome.what == LATER else ""
            parties.setdefault(
                (KafkaError(code).name(), outcome.line, outcome.exit_code), []
            ).append(f"{party}{second}")
    rows = [
        f"| `{name}` | {'; '.join(who)} | {line} | {exit_code} |"
        for (name, line, exit_code), who in parties.items()
    ]
    return "\n".join(["| error | party | line | exit code |", "|---|---|---|---|", *rows])


def _passing_rows(found: list[tuple[str, int, Outcome]]) -> str:
    names: dict[tuple[str, str, str], list[str]] = {}
    for party, code, outcome in found:
        if outcome.what not in ("ends", LATER):
            names.setdefault((party, outcome.what, outcome.health), []).append(
                f"`{KafkaError(code).name()}`"
            )
    rows = [
        f"| {party} | {what} | {health} | {', '.join(each)} |"
        for (party, what, health), each in names.items()
    ]
    return "\n".join(["| party | the processor | health | errors |", "|---|---|---|---|", *rows])


if __name__ == "__main__":
    print(page())  # noqa: T201 - a command
