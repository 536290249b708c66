"""Progress: each letter is replayed exactly once, whatever filters run and whenever a run dies."""

import pytest
from confluent_kafka import OFFSET_INVALID, TopicPartition
from hypothesis import given
from hypothesis import strategies as st

from dead_letters.errors import CommandError
from dead_letters.letters.filter import LetterFilter
from dead_letters.letters.letter import Letter
from dead_letters.replaying.progress import NOTE_MAX_BYTES, Progress, group_of
from tests.support.dead_letters.letters import TIME_MS, TOPIC, headers, letter

FILTERS = [
    LetterFilter(),
    LetterFilter(exception="ValueError"),
    LetterFilter(exception="KeyError"),
    LetterFilter(since_ms=TIME_MS + 5),
    LetterFilter(exception="KeyError", until_ms=TIME_MS + 8),
]
LETTERS = [
    letter(headers(fqcn=kind), partition=partition, offset=offset, timestamp_ms=TIME_MS + offset)
    for partition in range(2)
    for offset, kind in enumerate([b"ValueError", b"KeyError", b"TypeError"] * 4)
]
BEGINS, ENDS = {0: 0, 1: 0}, {0: 12, 1: 12}
# A run: its filter, in how many letters' steps it commits, and how many commits it lives for.
RUNS = st.lists(
    st.tuples(st.sampled_from(FILTERS), st.integers(1, 5), st.integers(0, 9)), max_size=8
)


class Group:
    """The committed offsets of a group, as a broker keeps them."""

    def __init__(self) -> None:
        self.offsets = {number: TopicPartition(TOPIC, number, OFFSET_INVALID) for number in BEGINS}

    def load(self) -> Progress:
        return Progress.from_committed(TOPIC, BEGINS, ENDS, self.offsets.values())

    def commit(self, offsets: list[TopicPartition]) -> None:
        self.offsets |= {
            each.partition: TopicPartition(TOPIC, each.partition, each.offset, each.metadata)
            for each in offsets
        }


def run(group: Group, letter_filter: LetterFilter, step: int, commits: int) -> list[Letter]:
    """What a run sends that is killed after so many commits."""
    progress, sent = group.load(), list[Letter]()
    start = progress.start(letter_filter)
    todo = [each for each in LETTERS if each.offset >= start[each.partition]]
    for number in range(commits):
        batch = todo[number * step : (number + 1) * step]
        sent += [
            each for each in batch if letter_filter.matches(each) and not progress.is_done(each)
        ]
        for each in batch:
            progress.advance(letter_filter, each.partition, each.offset + 1)
        group.commit(progress.to_commit({each.partition for each in batch}))
    return sent


@given(RUNS)
def test_each_letter_is_sent_once(runs: list[tuple[LetterFilter, int, int]]) -> None:
    group, sent = Group(), list[Letter]()
    for letter_filter, step, commits in runs:
        sent += run(group, letter_filter, step, commits)
        progress = group.load()
        assert {str(each) for each in LETTERS if progress.is_done(each)} >= {
            str(each) for each in sent
        }
    sent += run(group, LetterFilter(), 3, 100)
    assert sorted(map(str, sent)) == sorted(map(str, LETTERS))
    assert all(group.load().is_done(each) for each in LETTERS)
    assert not any(each.metadata for each in group.offsets.values()), (
        "a replay of all letters needs no note"
    )


def test_new_group_starts_at_first_letter() -> None:
    progress = Group().load()
    assert progress.is_new
    assert progress.start(LetterFilter()) == BEGINS


def test_expired_letter_is_skipped() -> None:
    found = [TopicPartition(TOPIC, 0, 3), TopicPartition(TOPIC, 1, OFFSET_INVALID)]
    progress = Progress.from_committed(TOPIC, {0: 7, 1: 0}, ENDS, found)
    assert progress.start(LetterFilter()) == {0: 7, 1: 0}
    assert not progress.is_new


def test_recreated_topic_restarts() -> None:
    """Offsets beyond the end are those of a topic that is gone."""
    progress = Progress.from_committed(
        TOPIC, BEGINS, ENDS, [TopicPartition(TOPIC, 0, 13), TopicPartition(TOPIC, 1, 12)]
    )
    assert progress.start(LetterFilter()) == {0: 0, 1: 12}


@pytest.mark.parametrize(
    "note",
    [
        "x",
        "dead_letters 1 ",
        "dead_letters 1 {}x",
        'dead_letters 1 [["a"]]',
        "dead_letters 1 [[1,2,3,4,5]]",
        'dead_letters 1 [["","",null,null,Infinity]]',
        "dead_letters 1 " + "[" * 3900,
    ],
)
def test_foreign_note_is_refused(note: str) -> None:
    with pytest.raises(CommandError, match=group_of(TOPIC)):
        Progress.from_committed(TOPIC, BEGINS, ENDS, [TopicPartition(TOPIC, 0, 1, note)])


def test_note_has_a_limit() -> None:
    progress = Progress(TOPIC, BEGINS)
    filters = (LetterFilter(exception=f"Error{number:0190d}") for number in range(100))
    with pytest.raises(CommandError, match="no room"):
        for each in filters:
            progress.require_room(each)
            progress.advance(each, 0, 2**62)
    (offset,) = progress.to_commit([0])
    assert 3000 < len(str(offset.metadata)) <= NOTE_MAX_BYTES
    progress.require_room(LetterFilter())


def test_other_commit_is_noticed() -> None:
    group = Group()
    progress = group.load()
    assert not any(progress.is_outdated(each) for each in group.offsets.values())
    progress.advance(FILTERS[1], 0, 4)
    offsets = progress.to_commit([0])
    group.commit(offsets)
    assert progress.is_outdated(group.offsets[0])
    progress.confirm(offsets)
    assert not any(progress.is_outdated(each) for each in group.offsets.values())
