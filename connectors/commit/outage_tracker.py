"""Why a producer was fenced: an outage, a standstill of this process, or another process."""

from time import monotonic

from confluent_kafka import KafkaError

from connectors.cluster.broker_status import BrokerStatus, boot_time
from connectors.commit.committer import REQUEST_TIMEOUT_S
from connectors.commit.transaction import Transaction

SLOW_CALL_S = REQUEST_TIMEOUT_S / 2  # a failed call that took longer counts as an outage
# A longer time between two calls of an open transaction is a standstill of this process.
STANDSTILL_MIN_S = 2 * REQUEST_TIMEOUT_S
# How long to wait for a sign of an outage: error callbacks come after the failed call.
OUTAGE_GRACE_S = 2.0

# Without a broker, librdkafka does not mark these as retriable or abortable. The same call
# continues later.
_WAIT = {
    KafkaError._TIMED_OUT,
    KafkaError._TRANSPORT,
    KafkaError._ALL_BROKERS_DOWN,
    KafkaError._WAIT_COORD,
    KafkaError.NOT_COORDINATOR,  # of the consumer, which marks no error retriable
    KafkaError.COORDINATOR_NOT_AVAILABLE,
    KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
    KafkaError.UNSTABLE_OFFSET_COMMIT,
}


def passes(error: KafkaError) -> bool:
    """Whether the same call may succeed later.

    Args:
        error: What the call raised.
    """
    return not error.fatal() and (error.retriable() or error.code() in _WAIT)


class OutageTracker:
    """Notes when one producer's calls are answered: call(), then answered() or failed().

    All methods run on the task's thread.
    """

    def __init__(
        self, transaction: Transaction, brokers: BrokerStatus, transaction_timeout: float
    ) -> None:
        """Start without calls.

        Args:
            transaction: Its calls are tracked.
            brokers: Says when no broker answered.
            transaction_timeout: Seconds after which the broker aborts a transaction.
        """
        self._transaction = transaction
        self._brokers = brokers
        self._timeout = transaction_timeout
        self._called = 0.0  # when the latest call began; boot time
        # Start of the transaction that an outage or a standstill has hit last.
        self._in_vain = -1.0
        # When the first unanswered call began, or 0; boot time.
        self._silent_since = 0.0
        # Monotonic seconds. No callback comes while the machine is suspended.
        self._doubt_until = 0.0

    def call(self) -> None:
        """Note that a call begins.

        A long time since the last call means that this process stood still.
        """
        before, self._called = self._called, boot_time()
        if self._transaction.open and self._called - before >= max(
            STANDSTILL_MIN_S, self._timeout / 2
        ):
            self._in_vain = self._transaction.began

    def answered(self) -> None:
        """Note that the call was answered."""
        self._silent_since = 0.0

    def failed(self) -> None:
        """Note that the call failed. If it took SLOW_CALL_S, that is an outage."""
        if boot_time() - self._called >= SLOW_CALL_S:
            self._in_vain = self._transaction.began

    def should_retry(self) -> bool:
        """Whether to repeat the failed call. False after a transaction timeout without an answer.

        librdkafka 2.16 can wait for ever for a coordinator whose address it has lost. A commit is
        repeated for as long as no broker answers: only its answer shows whether it took effect.
        """
        self._silent_since = self._silent_since or self._called
        commits = self._transaction.offsets_sent or not self._transaction.open
        return boot_time() - self._silent_since < self._timeout or bool(
            commits and self._brokers.trouble
        )

    def reset(self) -> None:
        """Forget the unanswered calls: another producer makes the next ones."""
        self._doubt_until = self._silent_since = 0.0

    @property
    def timed_out(self) -> bool:
        """Whether the broker has aborted the latest transaction, by its age."""
        return self._transaction.age >= self._timeout

    @property
    def expired_by_outage(self) -> bool:
        """Whether an outage or a standstill explains that the broker aborted the transaction.

        Where packets are dropped, connections can outlive the transaction. Then no broker is
        reported down, and a call only waits in vain. A frozen process (SIGSTOP, a paused machine)
        makes no calls.
        """
        began = self._transaction.began
        return self.timed_out and (self._brokers.away_since(began) > 0 or self._in_vain == began)

    def may_be_outage(self) -> bool:
        """Whether a sign of an outage may still come.

        True for OUTAGE_GRACE_S after the first call of this method.
        """
        if not self.timed_out:
            return False
        self._doubt_until = self._doubt_until or monotonic() + OUTAGE_GRACE_S
        return monotonic() < self._doubt_until
