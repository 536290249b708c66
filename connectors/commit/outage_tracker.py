"""Tells an outage, or a standstill of this process, from another process's fencing."""

from time import monotonic

from confluent_kafka import KafkaError

from connectors.cluster.broker_status import BrokerStatus
from connectors.commit.committer import REQUEST_TIMEOUT_S
from connectors.commit.transaction import Transaction

SLOW_CALL_S = REQUEST_TIMEOUT_S / 2  # seconds from which a call that fails has waited in vain
# Seconds between two calls of an open transaction, at least, that tell of a process that stood
# still.
STANDSTILL_MIN_S = 2 * REQUEST_TIMEOUT_S
# Seconds to find out whether it was an outage that cost us the transaction: callbacks come after
# what they explain.
OUTAGE_GRACE_S = 2.0

# Neither retriable nor abortable to librdkafka when it says so while no broker is there; the same
# call goes on later.
_WAIT = {
    KafkaError._TIMED_OUT,
    KafkaError._TRANSPORT,
    KafkaError._ALL_BROKERS_DOWN,
    KafkaError._WAIT_COORD,
    KafkaError.NOT_COORDINATOR,  # these of the consumer's, which flags none
    KafkaError.COORDINATOR_NOT_AVAILABLE,
    KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
    KafkaError.UNSTABLE_OFFSET_COMMIT,
}


def passes(error: KafkaError) -> bool:
    """Whether the same call can be made again."""
    return not error.fatal() and (error.retriable() or error.code() in _WAIT)


class OutageTracker:
    """Tracks the answers to one producer's calls: call(), then answered() or failed()."""

    def __init__(
        self, transaction: Transaction, brokers: BrokerStatus, transaction_timeout: float
    ) -> None:
        """Start without calls.

        Args:
            transaction: Whose calls are tracked.
            brokers: Knows of outages.
            transaction_timeout: Seconds after which the broker aborts a transaction.
        """
        self._transaction = transaction
        self._brokers = brokers
        self._timeout = transaction_timeout
        self._called = 0.0  # when the latest call began
        # When the latest transaction began for which a call waited in vain, or no call came for
        # long.
        self._in_vain = -1.0
        # When the first call began that has only been put off since; 0 if none.
        self._silent_since = 0.0
        self._doubt_until = 0.0

    def call(self) -> None:
        """A call starts. A long time since the last one is a standstill of this process."""
        before, self._called = self._called, monotonic()
        if self._transaction.open and self._called - before >= max(
            STANDSTILL_MIN_S, self._timeout / 2
        ):
            self._in_vain = self._transaction.began

    def answered(self) -> None:
        """The call was answered."""
        self._silent_since = 0.0

    def failed(self) -> None:
        """The call failed. After SLOW_CALL_S it counts as an outage."""
        if monotonic() - self._called >= SLOW_CALL_S:
            self._in_vain = self._transaction.began

    def should_retry(self) -> bool:
        """Whether to repeat the failed call. False after no answer for a transaction's life.

        Librdkafka 2.16 can be left with a coordinator that has lost its address, and waits for it
        for ever. Not so a commit while no broker is there: only the answer to it says whether it
        was done.
        """
        self._silent_since = self._silent_since or self._called
        commits = self._transaction.offsets_sent or not self._transaction.open
        return monotonic() - self._silent_since < self._timeout or bool(
            commits and self._brokers.trouble
        )

    def reset(self) -> None:
        """Another producer is about to be asked."""
        self._doubt_until = self._silent_since = 0.0

    @property
    def timed_out(self) -> bool:
        """The latest transaction began so long ago that the broker gives it up."""
        return self._transaction.age >= self._timeout

    @property
    def expired_by_outage(self) -> bool:
        """Whether an outage or a standstill explains that the broker aborted the transaction.

        Where packets are dropped, connections can outlive the transaction: no broker is seen to go,
        a call only waits in vain. A frozen process (SIGSTOP, a paused machine) makes no calls.
        """
        began = self._transaction.began
        return self.timed_out and (self._brokers.away_since(began) > 0 or self._in_vain == began)

    def may_be_outage(self) -> bool:
        """Whether an explanation may still come, for OUTAGE_GRACE_S after the first question."""
        if not self.timed_out:
            return False
        self._doubt_until = self._doubt_until or monotonic() + OUTAGE_GRACE_S
        return monotonic() < self._doubt_until
