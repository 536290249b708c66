"""How the search finds a record that the broker rejects."""

from confluent_kafka import KafkaError

from connectors.commit.rejected_records import RejectedRecordSearch
from connectors.errors.exceptions import DeliveryError
from tests.fakes.messages import message

TOO_LARGE = DeliveryError("out", KafkaError(KafkaError.MSG_SIZE_TOO_LARGE))


def test_search_lasts_until_suspects_passed() -> None:
    search = RejectedRecordSearch()
    assert not search.active
    search.start({("in", 0): 2, ("in", 1): 5})
    search.mark_done(message(b"", 1, 0))
    search.mark_done(message(b"", 3, 1))
    assert search.active
    search.mark_done(message(b"", 4, 1))
    assert not search.active


def test_found_record_does_not_end_search() -> None:
    search = RejectedRecordSearch()
    search.start({("in", 0): 4})
    search.mark_rejected(message(b"", 1, 0), TOO_LARGE)
    search.start({("in", 0): 2})  # the task reports the record in flight
    search.mark_done(message(b"", 1, 0))
    assert search.active
    search.mark_done(message(b"", 3, 0))
    assert not search.active


def test_handled_rejection_is_forgotten() -> None:
    search = RejectedRecordSearch()
    search.start({("in", 0): 2})
    search.mark_rejected(message(b"", 1, 0), TOO_LARGE)
    assert search.rejection_of(message(b"", 0, 0)) is None
    assert search.rejection_of(message(b"", 1, 0)) is TOO_LARGE
    assert search.rejection_of(message(b"", 1, 0)) is TOO_LARGE
    search.mark_done(message(b"", 1, 0))
    assert search.rejection_of(message(b"", 1, 0)) is None


def test_revoked_partitions_leave_search() -> None:
    search = RejectedRecordSearch()
    search.start({("in", 0): 2, ("in", 1): 2})
    search.forget_others({("in", 1)})
    search.mark_done(message(b"", 1, 1))
    assert not search.active


def test_new_topic_ends_search() -> None:
    search = RejectedRecordSearch()
    search.start({("in", 0): 9, ("other", 0): 9})
    search.mark_rejected(message(b"", 1, 0), TOO_LARGE)
    search.found_letter(message(b"", 1, 0), TOO_LARGE)
    search.forget_topic("in")
    assert search.rejection_of(message(b"", 1, 0)) is None
    assert search.known_letters(message(b"", 1, 0)) == []
    assert search.active
    search.forget_topic("other")
    assert not search.active


def test_only_record_errors_start_search() -> None:
    assert TOO_LARGE.about_the_record
    assert not DeliveryError(
        "out", KafkaError(KafkaError.TOPIC_AUTHORIZATION_FAILED)
    ).about_the_record
