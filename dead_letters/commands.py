"""The four commands: what each asks the cluster, and what it prints."""

import argparse
import json
import sys
from collections.abc import Iterator
from time import monotonic
from typing import Any

from config import Settings
from dead_letters.arguments import letter_filter
from dead_letters.cluster import Cluster
from dead_letters.display.overview import Overview, format_time
from dead_letters.display.show import format_letter, letter_to_dict
from dead_letters.display.tables import format_table, terminal_width
from dead_letters.letters.filter import LetterFilter
from dead_letters.letters.letter import Letter
from dead_letters.letters.reader import read_all
from dead_letters.replaying.replay import Replay
from dead_letters.replaying.report import Order, Report
from dead_letters.replaying.routing import MAX_ROUNDS, parked_topic_of
from dead_letters.replaying.stopping import StopRequest

TABLE_MAX_ROWS = 20
PROGRESS_INTERVAL_S = 5.0


def run(options: argparse.Namespace, settings: Settings, topic: str, stop: StopRequest) -> int:
    """Run one command and return the exit code. Blocks until the command has ended.

    Args:
        options: From dead_letters.arguments.parse().
        settings: The processor's settings.
        topic: The dead letter topic.
        stop: Ends the command early.

    Raises:
        CommandError: The command cannot go on.
        SettingsError: A property cannot be used.
    """
    changes = options.command in ("replay", "park")
    cluster = Cluster(settings, topic, commits=changes)
    try:
        if changes:
            return _send(options, cluster, stop)
        (_list if options.command == "list" else _show)(options, cluster, stop)
        return stop.exit_code if stop.is_set else 0
    finally:
        cluster.close()


def _read(
    cluster: Cluster, wanted: LetterFilter, stop: StopRequest
) -> Iterator[tuple[Letter, bool]]:
    """Yield every letter that matches, and whether it is open."""
    begins, ends = cluster.find_ranges()
    progress = cluster.load_progress(begins, ends)
    for message in read_all(cluster, begins, ends, stop):
        letter = Letter.from_message(message)
        if wanted.matches(letter):
            yield letter, not progress.is_done(letter)


def _list(options: argparse.Namespace, cluster: Cluster, stop: StopRequest) -> None:
    overview = Overview()
    for letter, is_open in _read(cluster, letter_filter(options), stop):
        overview.add(letter, is_open=is_open)
    if stop.is_set:
        return  # the counts cover only a part of the topic
    if options.json:
        _print_json(
            {"dead_letter_topic": cluster.topic, "group": cluster.group} | overview.to_dict()
        )
        return
    total, width = overview.total, terminal_width()
    damaged = f", {overview.damaged} damaged" if overview.damaged else ""
    _print(f"{cluster.topic}: {total.letters} letters, {total.is_open} open{damaged}")
    if total.letters:
        _print(
            f"first {format_time(total.first_ms) or '(no time)'}, last "
            f"{format_time(total.last_ms) or '(no time)'}"
        )
    for dimension in overview.rows if total.letters else ():
        rows = overview.sorted_rows(dimension)
        shown = rows[-TABLE_MAX_ROWS:] if dimension == "hour" else rows[:TABLE_MAX_ROWS]
        cells = [
            (key, tally.letters, tally.is_open, _short(tally.first_ms), _short(tally.last_ms))
            for key, tally in shown
        ]
        _print("")
        for line in format_table((dimension, "letters", "open", "first", "last"), cells, width):
            _print(line)
        if len(shown) < len(rows):
            _print(f"({len(rows) - len(shown)} more rows; --json has them)")


def _show(options: argparse.Namespace, cluster: Cluster, stop: StopRequest) -> None:
    for number, (letter, is_open) in enumerate(_read(cluster, letter_filter(options), stop), 1):
        if options.json:
            _print_json(letter_to_dict(letter, is_open=is_open, with_payload=options.payload))
        else:
            for line in format_letter(letter, is_open=is_open, with_payload=options.payload):
                _print(line)
            _print("")
        if number == options.max:
            return


def _send(options: argparse.Namespace, cluster: Cluster, stop: StopRequest) -> int:
    order = Order(
        letter_filter=letter_filter(options),
        parks=options.command == "park",
        rate=options.rate,
        maximum=options.max,
        max_rounds=getattr(options, "max_rounds", MAX_ROUNDS),
        is_dry=options.dry_run,
    )
    guarantee = "exactly once" if cluster.is_exactly_once else "at least once"
    if not options.json:
        _print(
            f"{options.command} {cluster.topic}, {guarantee}; progress: the offsets of group "
            f"{cluster.group}"
        )
    replay = Replay(cluster, order, stop, _Progress(is_quiet=options.json))
    report = replay.run()
    if options.json:
        _print_json(
            {
                "command": options.command,
                "dead_letter_topic": cluster.topic,
                "group": cluster.group,
                "guarantee": guarantee,
            }
            | {
                "dry_run": order.is_dry,
                "complete": replay.is_complete,
                "began_at_first_letter": replay.is_new,
            }
            | {
                "replayed": report.replayed.total(),
                "parked": report.parked.total(),
                "not_matching": report.passed,
            }
            | {
                "done_before": report.done_before,
                "replayed_to": dict(report.replayed),
                "parked_because": dict(report.parked),
            }
        )
    else:
        _print_report(report, cluster, order, is_new=replay.is_new)
        if not replay.is_complete:
            _print("stopped by a signal; the same command goes on from here")
    return 0 if replay.is_complete else stop.exit_code


def _print_report(report: Report, cluster: Cluster, order: Order, *, is_new: bool) -> None:
    if is_new:
        _print("the group had no committed offsets: the run began at the first letter")
    would = "would be " if order.is_dry else ""
    rows: list[tuple[str, int, str]] = [
        (f"{would}replayed", count, f"to {topic}") for topic, count in report.replayed.most_common()
    ]
    parked = parked_topic_of(cluster.topic)
    rows += [
        (f"{would}parked", count, f"to {parked}: {reason}")
        for reason, count in report.parked.most_common()
    ]
    rows += (
        [("passed over", report.passed, "not matching the filter; a later replay finds them")]
        if report.passed
        else []
    )
    rows += (
        [("done before", report.done_before, "by a run with another filter")]
        if report.done_before
        else []
    )
    for line in (
        format_table(("letters", "count", ""), rows, terminal_width())
        if rows
        else ["no letter is open"]
    ):
        _print(line)


class _Progress:
    """Prints a line on stderr every few seconds."""

    def __init__(self, *, is_quiet: bool) -> None:
        self._is_quiet = is_quiet
        self._next_at = monotonic() + PROGRESS_INTERVAL_S

    def __call__(self, report: Report) -> None:
        if not self._is_quiet and monotonic() >= self._next_at:
            self._next_at = monotonic() + PROGRESS_INTERVAL_S
            sys.stderr.write(
                f"{report.replayed.total()} replayed, {report.parked.total()} parked, "
                f"{report.passed} passed over\n"
            )


def _short(milliseconds: int) -> str:
    return (format_time(milliseconds) or "")[: len("2026-11-29T09:13:49")]


def _print_json(document: dict[str, Any]) -> None:
    _print(json.dumps(document, ensure_ascii=True))


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
