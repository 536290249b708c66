"""Refusals: how a record that the broker refuses is found."""

from confluent_kafka import KafkaError

from connectors.commit.rejected_records import RejectedRecordSearch
from connectors.errors.exceptions import DeliveryError
from tests.fakes.messages import message

TOO_LARGE = DeliveryError("out", KafkaError(KafkaError.MSG_SIZE_TOO_LARGE))


def test_careful_until_everything_suspect_has_passed() -> None:
    refusals = RejectedRecordSearch()
    assert not refusals.active
    refusals.start({("in", 0): 2, ("in", 1): 5})
    refusals.mark_done(message(b"", 1, 0))
    refusals.mark_done(message(b"", 3, 1))
    assert refusals.active
    refusals.mark_done(message(b"", 4, 1))
    assert not refusals.active


def test_one_that_was_found_does_not_end_the_search_for_its_neighbour() -> None:
    refusals = RejectedRecordSearch()
    refusals.start({("in", 0): 4})
    refusals.mark_rejected(message(b"", 1, 0), TOO_LARGE)
    refusals.start({("in", 0): 2})  # the lane tells of the record in hand
    refusals.mark_done(message(b"", 1, 0))
    assert refusals.active
    refusals.mark_done(message(b"", 3, 0))
    assert not refusals.active


def test_what_was_found_is_known_when_it_comes_round_again_and_forgotten_after_that() -> None:
    refusals = RejectedRecordSearch()
    refusals.start({("in", 0): 2})
    refusals.mark_rejected(message(b"", 1, 0), TOO_LARGE)
    assert refusals.rejection_of(message(b"", 0, 0)) is None
    assert refusals.rejection_of(message(b"", 1, 0)) is TOO_LARGE
    assert refusals.rejection_of(message(b"", 1, 0)) is TOO_LARGE
    refusals.mark_done(message(b"", 1, 0))
    assert refusals.rejection_of(message(b"", 1, 0)) is None


def test_partitions_that_have_gone_are_no_reason_to_be_careful() -> None:
    refusals = RejectedRecordSearch()
    refusals.start({("in", 0): 2, ("in", 1): 2})
    refusals.forget_others({("in", 1)})
    refusals.mark_done(message(b"", 1, 1))
    assert not refusals.active


def test_replaced_topic_has_no_refusals() -> None:
    refusals = RejectedRecordSearch()
    refusals.start({("in", 0): 9, ("other", 0): 9})
    refusals.mark_rejected(message(b"", 1, 0), TOO_LARGE)
    refusals.found_letter(message(b"", 1, 0), TOO_LARGE)
    refusals.forget_topic("in")
    assert refusals.rejection_of(message(b"", 1, 0)) is None
    assert refusals.known_letters(message(b"", 1, 0)) == []
    assert refusals.active
    refusals.forget_topic("other")
    assert not refusals.active


def test_only_the_brokers_word_about_a_record_is_a_reason_to_look_for_one() -> None:
    assert TOO_LARGE.about_the_record
    assert not DeliveryError(
        "out", KafkaError(KafkaError.TOPIC_AUTHORIZATION_FAILED)
    ).about_the_record
