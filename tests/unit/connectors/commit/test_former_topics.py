"""Partitions that come back when their topic may have been created again."""

import pytest

from tests.fakes.committers.exactly_once import A, B, Behind, ExactlyOnceTask


@pytest.mark.parametrize(("topic_id", "sought"), [("known", [(A, 20)]), (None, [])])
def test_lost_offsets_of_a_group(topic_id: str | None, sought: list[object]) -> None:
    """Without topic ids the topic may have been created again, so that there is no offset."""
    task = ExactlyOnceTask()
    if topic_id:
        task.committer.tracker.set_topic_id("in", topic_id)
    task.move(0, 9)
    task.committer.commit()
    task.move(10, 19)
    task.committer.commit()
    task.committer.drop([A])
    task.group.offsets.clear()
    task.group.sought.clear()
    task.committer.on_assigned([A])
    while not task.committer.commit():
        pass
    assert task.group.sought == sought


def test_recreated_topic_is_read_from_start(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """With a topic go the group's offsets."""
    task = Behind(reported=None)
    assert not task.committer.commit()
    assert task.committer.commit()
    assert task.group.sought == [(B, 10)], "and the consumer begins where it was to"
    assert (
        "in-0: the broker has no offset; reading from there, although this process committed 10"
        in caplog.text
    )


@pytest.mark.parametrize("client_learns", [True, False])
def test_own_offset_of_former_topic(*, client_learns: bool) -> None:
    """The topic was created again while another member had the partition, and committed 10."""
    task = ExactlyOnceTask()
    tracker = task.committer.tracker
    tracker.set_topic_id("in", "old")
    tracker.assign([A])
    for first in (0, 990):
        task.move(first, first + 9)
        assert task.committer.commit()
    task.committer.drop([A])
    tracker.remove([A])
    task.group.offsets = {A: 10}
    tracker.note_committed(A, "new")  # a broker has told the new topic's id
    tracker.assign([A])
    task.committer.on_assigned([A])
    if client_learns:
        assert tracker.set_topic_id("in", "new") == []
        task.committer.on_replaced("in", {A})
    assert task.committer.commit()
    assert (A, 1000) not in task.group.sought
    task.take(10, 14)
    task.committer.discard_batch()
    assert task.committer.commit()
    assert dict(task.group.sought)[A] == 10
    assert task.group.offsets[A] == 10


def test_offset_of_told_topic_has_its_id() -> None:
    """The client may have the former id still. The next owner would begin again."""
    tracker = ExactlyOnceTask().committer.tracker
    tracker.set_topic_id("in", "old")
    tracker.note_committed(A, "new")
    assert tracker.metadata(A) == '{"topicId":"new"}'
    assert tracker.is_of_topic(A, tracker.metadata(A))
    assert tracker.metadata(B) == '{"topicId":"old"}'
