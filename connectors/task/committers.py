"""The committer of the delivery guarantee that the settings ask for."""

import config.librdkafka.client_config
from config import Settings
from connectors.cluster.broker_status import BrokerStatus
from connectors.cluster.replaceable_consumer import ReplaceableConsumer
from connectors.commit.at_least_once import AtLeastOnceCommitter
from connectors.commit.committer import Committer
from connectors.commit.exactly_once import ExactlyOnceCommitter
from connectors.produce.record_producer import RecordProducer
from runtime.lifecycle import Lifecycle

# Between commits under load. At least once flushes before each commit, which costs a round trip.
# Readers see the records of a transaction only when it ends, so its interval is shorter.
AT_LEAST_ONCE_INTERVAL_S = 0.5
EXACTLY_ONCE_INTERVAL_S = 0.1


def build_committer(
    settings: Settings,
    consumer: ReplaceableConsumer,
    output: RecordProducer,
    brokers: BrokerStatus,
    lifecycle: Lifecycle,
) -> Committer:
    """Make the committer: exactly once with a transaction-id-prefix, otherwise at least once.

    Args:
        settings: All of them.
        consumer: The task's consumer.
        output: The task's producer.
        brokers: Says whether any broker answers.
        lifecycle: Watches calls that may hang.
    """
    if settings.transactional_id is None:
        interval = settings.commit_interval or AT_LEAST_ONCE_INTERVAL_S
        return AtLeastOnceCommitter(
            consumer,
            output,
            brokers,
            interval=interval,
            answer_timeout=settings.client_call_timeout,
        )
    timeout = (
        int(config.librdkafka.client_config.producer_config(settings)["transaction.timeout.ms"])
        / 1000
    )
    interval = settings.commit_interval or EXACTLY_ONCE_INTERVAL_S
    return ExactlyOnceCommitter(
        consumer, output, brokers, lifecycle, interval=interval, transaction_timeout=timeout
    )
