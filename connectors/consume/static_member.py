"""Static membership, the default.

`config.librdkafka.client_config.member_config` gives the consumer a group.instance.id. A static
member takes the place of the former member with its id at once, and keeps that member's assignment.
After a crash, or an outage longer than the session, nobody waits for the old session to end. This
module handles the drawbacks:

- close() leaves a static member in the group. So the consumer unsubscribes first.
- The group does not look at its topics when a member is replaced. Partitions added meanwhile would
  belong to no member. So the consumer joins once more.
- A late commit of the former member looks as if another process had the id. So the consumer takes
  its id back.
"""

import logging
from math import inf
from time import monotonic

from confluent_kafka import Consumer, KafkaException

from config import Settings
from config.librdkafka.client_config import member_config

log = logging.getLogger("processor.group")

# A rebalance takes one heartbeat interval of the other members, 3 s by default.
LEAVE_TIMEOUT_S = 5.0
LEAVE_POLL_S = 0.01
TAKE_BACK_INTERVAL_S = 60.0  # two processes with one id fence each other at each heartbeat


class StaticMember:
    """The static membership of one task, over all its consumers. On the task's thread."""

    def __init__(self, *, outlives_process: bool) -> None:
        """Prepare for the first consumer.

        Args:
            outlives_process: Whether an earlier process may have left a member with this id in the
                group.
        """
        self._outlives_process = outlives_process
        self._takes_place = outlives_process  # whether the next join replaces a former member
        self._joins_again = False
        self._taken_back_at = -inf

    def on_assigned(self) -> None:
        """Note that the group has assigned partitions.

        If a former member was replaced, `joins_again` is due.
        """
        self._joins_again, self._takes_place = self._joins_again or self._takes_place, False

    def on_lost(self) -> None:
        """Expect that the next join replaces a former member.

        It is an earlier consumer, or this one after a long outage.
        """
        self._takes_place = True

    def joins_again(self) -> bool:
        """Whether to join once more now. True once."""
        due, self._joins_again = self._joins_again, False
        return due

    def leave(self, consumer: Consumer, *, awaits_id: bool) -> None:
        """Leave the group before the consumer is closed. Rebalance callbacks run inside.

        Blocks LEAVE_TIMEOUT_S at most. librdkafka keeps a static member in the group at close()
        (KIP-345), and removes it at unsubscribe(). The group knows a member from its request to
        join. The client learns its member id only from the answer.

        Args:
            consumer: A consumer that may be a member.
            awaits_id: Whether to wait for an answer to a request to join. A broker has to be up.
        """
        deadline = monotonic() + LEAVE_TIMEOUT_S
        try:
            while awaits_id and not consumer.memberid() and monotonic() < deadline:
                consumer.poll(LEAVE_POLL_S)
            if consumer.memberid():
                consumer.unsubscribe()
            # The client drops its member id when it sends the request to leave.
            while consumer.memberid() and monotonic() < deadline:
                consumer.poll(LEAVE_POLL_S)
        except KafkaException as error:  # a consumer that has failed is no member
            log.debug("cannot leave the group before the close: %s", error.args[0].str())

    def may_take_back(self) -> bool:
        """Whether a consumer that was fenced may join again.

        An id made at this start belongs to no other process. An id that outlives the process is
        taken back once in TAKE_BACK_INTERVAL_S. If it is fenced sooner, another process has it.
        """
        now = monotonic()
        if self._outlives_process and now - self._taken_back_at < TAKE_BACK_INTERVAL_S:
            return False
        self._taken_back_at = now
        return True


def static_member(settings: Settings) -> StaticMember | None:
    """Return the static membership that the settings give.

    Args:
        settings: All of them.

    Returns:
        None for fixed partitions, KIP-848, and a group.instance.id that the user has set.
    """
    return (
        StaticMember(outlives_process=settings.stable_member_id is not None)
        if member_config(settings)
        else None
    )
