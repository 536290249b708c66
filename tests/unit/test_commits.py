"""Commits: what is sent, when, and what an answer changes. The consumer is a stand-in that records what it is asked."""

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from connectors.commits import SYNC_ATTEMPTS, Commits

A, B = ("in", 0), ("in", 1)


class Broker(Consumer):
    """Takes commits; `answers` are what synchronous ones meet, in order."""

    def __init__(self, *answers: KafkaError | None) -> None:
        super().__init__({"bootstrap.servers": "", "group.id": "g"})
        self.sent: list[dict[tuple[str, int], int]] = []
        self.answers = list(answers)

    def commit(self, *, offsets: list[TopicPartition], asynchronous: bool) -> list[TopicPartition] | None:  # type: ignore[override]  # one overload of many
        self.sent.append({(tp.topic, tp.partition): tp.offset for tp in offsets})
        error = self.answers.pop(0) if self.answers else None
        if error is not None:
            raise KafkaException(error)
        return None if asynchronous else offsets


def answer(commits: Commits, positions: dict[tuple[str, int], int], error: KafkaError | None = None) -> None:
    commits.on_commit(error, [TopicPartition(*key, offset) for key, offset in positions.items()])


def test_nothing_is_due_before_something_is_safe() -> None:
    commits = Commits(0)
    assert not commits.pending
    assert not commits.due


def test_a_confirmed_position_is_not_sent_again() -> None:
    commits, broker = Commits(0), Broker()
    commits.safe({A: 5, B: 7})
    commits.send(broker)
    assert commits.pending
    answer(commits, {A: 5, B: 7})
    assert not commits.pending
    commits.safe({A: 6})
    commits.send(broker)
    assert broker.sent == [{A: 5, B: 7}, {A: 6}]


def test_no_second_commit_while_one_is_unanswered() -> None:
    commits, broker = Commits(0), Broker()
    commits.safe({A: 5})
    commits.send(broker)
    commits.safe({A: 6})
    assert not commits.due
    answer(commits, {A: 5})
    assert commits.due


def test_a_failed_commit_is_sent_again() -> None:
    commits, broker = Commits(0), Broker()
    commits.safe({A: 5})
    commits.send(broker)
    answer(commits, {}, KafkaError(KafkaError.REBALANCE_IN_PROGRESS))
    assert commits.due
    commits.send(broker)
    assert broker.sent == [{A: 5}, {A: 5}]


def test_a_partition_that_failed_alone_is_sent_again_alone() -> None:
    commits, broker = Commits(0), Broker()
    commits.safe({A: 5, B: 7})
    commits.send(broker)
    answer(commits, {A: 5})
    commits.send(broker)
    assert broker.sent[1] == {B: 7}


def test_before_a_revoke_a_commit_is_tried_again_when_that_may_help() -> None:
    busy = KafkaError(KafkaError.COORDINATOR_LOAD_IN_PROGRESS, "busy", False, True)  # noqa: FBT003 - the library's signature: fatal, retriable
    commits, broker = Commits(0), Broker(busy, busy)
    commits.safe({A: 5})
    commits.send_and_wait(broker)
    assert not commits.pending
    assert len(broker.sent) == SYNC_ATTEMPTS


def test_before_a_revoke_a_hopeless_commit_is_given_up() -> None:
    commits, broker = Commits(0), Broker(KafkaError(KafkaError.UNKNOWN_MEMBER_ID))
    commits.safe({A: 5})
    commits.send_and_wait(broker)
    assert commits.pending
    assert len(broker.sent) == 1


def test_what_has_been_revoked_is_neither_sent_nor_confirmed() -> None:
    commits, broker = Commits(0), Broker()
    commits.safe({A: 5, B: 7})
    commits.send(broker)
    commits.forget([A])
    answer(commits, {A: 5, B: 7})
    assert not commits.pending
    commits.safe({A: 5})  # it came back: what was committed meanwhile is unknown
    commits.send(broker)
    assert broker.sent[-1] == {A: 5}


def test_under_load_commits_wait_for_the_interval() -> None:
    commits = Commits(3600)
    commits.safe({A: 5})
    assert commits.pending
    assert not commits.due
