"""The command line: options, times, and what is refused."""

import time

import pytest

from dead_letters.__main__ import find_topic
from dead_letters.arguments import letter_filter, parse
from dead_letters.errors import CommandError
from dead_letters.letters.filter import LetterFilter
from tests.support.dead_letters.letters import TOPIC


def test_properties_are_passed_on() -> None:
    options, further = parse(
        [
            "replay",
            TOPIC,
            "--rate",
            "50",
            "--spring.cloud.stream.kafka.binder.brokers=kafka:9092",
            "--dry-run",
        ]
    )
    assert (options.topic, options.rate, options.dry_run, options.max_rounds) == (
        TOPIC,
        50,
        True,
        3,
    )
    assert further == ["--spring.cloud.stream.kafka.binder.brokers=kafka:9092"]
    assert letter_filter(options) == LetterFilter()


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("2026-11-29T09:30:19.812", 1_795_944_619_812),
        ("2026-11-29T10:30:19.812+01:00", 1_795_944_619_812),
        ("2026-11-29T09:30:19.812Z", 1_795_944_619_812),
        ("2026-11-29", 1_795_910_400_000),
    ],
)
def test_times_are_absolute(text: str, milliseconds: int) -> None:
    assert letter_filter(parse(["list", "--since", text])[0]) == LetterFilter(since_ms=milliseconds)


@pytest.mark.parametrize(
    ("text", "seconds"), [("2h", 7200), ("90s", 90), ("7d", 604_800), ("PT5M", 300)]
)
def test_durations_are_before_now(text: str, seconds: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 1_000_000.0)
    assert letter_filter(parse(["list", "--until", text])[0]) == LetterFilter(
        until_ms=(1_000_000 - seconds) * 1000
    )


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["delete", TOPIC],
        ["list", TOPIC, "--since", "yesterday"],
        ["list", TOPIC, "--since", "-1h"],
        ["list", TOPIC, "--exception", ""],
        ["list", TOPIC, "--exception", "x" * 201],
        ["list", TOPIC, "--rate", "5"],
        ["list", TOPIC, "another"],
        ["replay", TOPIC, "--rate", "0"],
        ["replay", TOPIC, "--rate", "nan"],
        ["replay", TOPIC, "--max", "0"],
        ["replay", TOPIC, "--max-rounds", "-1"],
        ["replay", TOPIC, "--dry"],
        ["show", TOPIC, "--pay"],
    ],
    ids=" ".join,
)
def test_wrong_arguments_fail(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(arguments)
    assert ended.value.code == 2
    assert "Traceback" not in capsys.readouterr().err


def test_topic_of_the_settings() -> None:
    import config  # noqa: PLC0415 - the settings of a test

    bindings = "--spring.cloud.stream.bindings.input"
    settings = config.load([f"{bindings}.destination=orders", f"{bindings}.group=billing"], {})
    assert find_topic(settings) == TOPIC
    for other in (
        [f"{bindings}.destination=a,b", f"{bindings}.group=billing"],
        [f"{bindings}.destination=orders"],
    ):
        with pytest.raises(CommandError, match="give the topic"):
            find_topic(config.load(other, {}))
