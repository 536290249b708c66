"""Which guarantee the settings ask for."""

import config.kafka
from config import Settings
from connectors.at_least_once import AtLeastOnce
from connectors.brokers import Brokers
from connectors.consumer import CurrentConsumer
from connectors.exactly_once import ExactlyOnce
from connectors.guarantee import Guarantee
from connectors.output import Output
from runtime.lifecycle import Lifecycle

# Seconds between commits under load. A flush costs a round trip, so half a second is free; a transaction hides its records from
# readers until it ends, so a tenth.
INTERVAL_AT_LEAST_ONCE = 0.5
INTERVAL_EXACTLY_ONCE = 0.1


def guarantee(settings: Settings, consumer: CurrentConsumer, output: Output, brokers: Brokers, lifecycle: Lifecycle) -> Guarantee:
    """Exactly once with a transaction-id-prefix, else at least once."""
    if settings.transactional_id is None:
        interval = settings.commit_interval or INTERVAL_AT_LEAST_ONCE
        return AtLeastOnce(consumer, output, brokers, interval=interval, longest=settings.client_call_timeout)
    timeout = int(config.kafka.producer_config(settings)["transaction.timeout.ms"]) / 1000
    interval = settings.commit_interval or INTERVAL_EXACTLY_ONCE
    return ExactlyOnce(consumer, output, brokers, lifecycle, interval=interval, transaction_timeout=timeout)
