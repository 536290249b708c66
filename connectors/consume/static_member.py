"""A consumer that is a static member of its group by default:
`config.librdkafka.client_config.member_config` gives it a group.instance.id.

A static member takes the place of the former member with its id at once, and the group keeps its
assignment. So a consumer that was killed, or that was without a broker for longer than its session,
does not wait for the end of a session. This module pays the prices:

- A consumer that closes as a static member stays in the group. It unsubscribes first.
- The group does not look at its topics. Partitions that were added meanwhile would belong to no
  member. The consumer joins once more.
- A late commit of the former member is answered as if another process had the id. The consumer
  takes its id back.
"""

import logging
from math import inf
from time import monotonic

from confluent_kafka import Consumer, KafkaException

from config import Settings
from config.librdkafka.client_config import member_config

log = logging.getLogger("processor.group")

# A rebalance takes as long as a heartbeat of the other members, 3 s by default.
LEAVE_TIMEOUT_S = 5.0
LEAVE_POLL_S = 0.01
TAKE_BACK_INTERVAL_S = 60.0  # two processes of one id fence each other sooner, at each heartbeat


class StaticMember:
    """The static membership of one lane, over all its consumers. On the lane's thread."""

    def __init__(self, *, outlives_process: bool) -> None:
        """Prepare for the first consumer.

        Args:
            outlives_process: Whether an earlier process may have left a member of the same id
                behind.

        """
        self._outlives_process = outlives_process
        self._takes_place = outlives_process  # of a former member, at the next assignment
        self._joins_again = False
        self._taken_back_at = -inf

    def on_assigned(self) -> None:
        self._joins_again, self._takes_place = self._joins_again or self._takes_place, False

    def on_lost(self) -> None:
        """Expect to take a former member's place: that of a consumer replaced, or of this one,
        which was away too long.
        """
        self._takes_place = True

    def joins_again(self) -> bool:
        """Whether the consumer has to join once more now; true once."""
        due, self._joins_again = self._joins_again, False
        return due

    def leave(self, consumer: Consumer, *, awaits_id: bool) -> None:
        """Leave the group, before the consumer is closed; rebalance callbacks run inside. Blocks
        for LEAVE_TIMEOUT_S at most.

        librdkafka keeps a static member in the group at close() (KIP-345), and takes it out at
        unsubscribe(). The group knows a static member from its request to join on, and the client
        learns the member id only from the answer.

        Args:
            consumer: A consumer that may be a member.
            awaits_id: Whether a request to join may be under way, and a broker is there to answer.

        """
        deadline = monotonic() + LEAVE_TIMEOUT_S
        try:
            while awaits_id and not consumer.memberid() and monotonic() < deadline:
                consumer.poll(LEAVE_POLL_S)
            if consumer.memberid():
                consumer.unsubscribe()
            # The client drops the id when it asks to leave.
            while consumer.memberid() and monotonic() < deadline:
                consumer.poll(LEAVE_POLL_S)
        except KafkaException as error:  # a consumer that has failed is a member no more
            log.debug("not left before close: %s", error.args[0].str())

    def may_take_back(self) -> bool:
        """Whether a consumer that was fenced may join again.

        No other process has an id that was made at this start. An id that outlives the process is
        taken back once in TAKE_BACK_INTERVAL_S: then another process has it.
        """
        now = monotonic()
        if self._outlives_process and now - self._taken_back_at < TAKE_BACK_INTERVAL_S:
            return False
        self._taken_back_at = now
        return True


def static_member(settings: Settings) -> StaticMember | None:
    """The static membership that the settings give; None for a dynamic member, fixed partitions,
    and a group.instance.id of the user's.
    """
    return (
        StaticMember(outlives_process=settings.stable_member_id is not None)
        if member_config(settings)
        else None
    )
