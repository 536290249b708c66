"""Puts a stream task together: its clients, and the parts that use them."""

from dataclasses import dataclass
from functools import partial

import config.librdkafka.client_config
from config import Settings
from config.kafka.java_property import Config
from connectors.cluster import clients
from connectors.cluster.broker_status import BrokerStatus
from connectors.cluster.replaceable_consumer import ReplaceableConsumer
from connectors.cluster.tls_stores import TlsStores
from connectors.commit.batch_writer import BatchWriter
from connectors.commit.committer import Committer
from connectors.consume.assignment import PartitionAssignment
from connectors.consume.backpressure import Backpressure
from connectors.consume.group_membership import GroupMembership, is_incremental
from connectors.consume.record_consumer import RecordConsumer
from connectors.consume.stalled_input import StalledInput
from connectors.consume.starts.start_settings import client_properties, start_offsets
from connectors.consume.static_member import static_member
from connectors.consume.subscription import Subscription
from connectors.failures.dead_letters import DeadLetterQueue
from connectors.failures.retries import RetryPolicy
from connectors.functions.calls import StepTimer
from connectors.named_functions.async_calls import AsyncCalls
from connectors.named_functions.overlapping import Overlapping
from connectors.produce.record_producer import RecordProducer
from connectors.records.batch import RecordBatch
from connectors.task.batch_times import BatchSizer, ProcessingStats
from connectors.task.binding import TopicBinding
from connectors.task.committers import build_committer
from connectors.task.lifecycle import TaskLifecycle
from connectors.task.recovery import TaskRecovery
from connectors.task.status import StatusReporter
from connectors.task.stop_search import StopSearch
from runtime.control.status import TaskHandle
from runtime.lifecycle import Lifecycle
from text import charset_of


@dataclass(frozen=True, kw_only=True)
class TaskParts:
    """What a stream task is made of."""

    handle: TaskHandle
    lifecycle: Lifecycle
    brokers: BrokerStatus
    output: RecordProducer
    committer: Committer
    assignment: PartitionAssignment
    membership: GroupMembership
    record_consumer: RecordConsumer
    stalled_input: StalledInput
    backpressure: Backpressure
    retry_policy: RetryPolicy
    async_calls: AsyncCalls
    make_batch: "partial[RecordBatch]"  # of messages and next offsets
    batch_sizer: BatchSizer
    writer: BatchWriter
    stop_search: StopSearch
    stats: ProcessingStats
    task_lifecycle: TaskLifecycle
    status_reporter: StatusReporter
    recovery: TaskRecovery


def build_parts(settings: Settings, handle: TaskHandle, lifecycle: Lifecycle) -> TaskParts:
    """Make the clients and connect the parts. No broker is asked yet.

    Args:
        settings: All of them.
        handle: Gets the status, and has the commands of the actuator.
        lifecycle: Says when the process has to stop.

    Raises:
        ConnectorError: The settings cannot work.
    """
    properties = config.librdkafka.client_config.consumer_config(
        settings
    ) | config.librdkafka.client_config.member_config(settings)
    stores = TlsStores(settings)
    brokers = BrokerStatus(settings.brokers, properties, stores)
    output = RecordProducer(settings, brokers)

    def on_topic_id(topic: str, topic_id: str, had_another: bool) -> None:  # noqa: FBT001 - the client's event
        if assignment.on_topic_id(topic, topic_id, had_another=had_another):
            writer.forget_topic(topic)

    def publish_if_due() -> None:
        status_reporter.publish_if_due()

    consumer = ReplaceableConsumer(
        lambda: clients.make_consumer(
            client_properties(properties) | stores.consumer,
            brokers,
            committer.on_commit,
            on_topic_id,
        ),
        brokers,
    )
    committer = build_committer(settings, consumer, output, brokers, lifecycle)
    brokers.consumer.committed = committer.reported_committed
    assignment, membership = _join_parts(settings, properties, consumer, committer, brokers)
    subscription = Subscription(settings, membership)
    record_consumer = RecordConsumer(
        consumer, assignment, membership, brokers, one_topic=subscription.one_topic
    )
    stalled_input = StalledInput(
        consumer,
        assignment,
        membership,
        brokers,
        missing=subscription.missing,
        patience=settings.client_call_timeout,
    )
    backpressure = Backpressure(record_consumer, assignment, lifecycle, output.poll, publish_if_due)
    dead_letters = DeadLetterQueue(settings)
    retry_policy = RetryPolicy(settings, dead_letters, backpressure.sleep)
    async_calls = AsyncCalls(settings.async_limit, backpressure.until_stop)
    writer = BatchWriter(
        output,
        committer,
        retry_policy,
        backpressure.wait_until,
        lambda key: committer.tracker.is_current(key, record_consumer.epoch),
    )
    stop_search = StopSearch(writer.rejected_search, lifecycle)
    binding = TopicBinding(settings, consumer, brokers, dead_letters)
    stats = ProcessingStats()
    step_timer = StepTimer()
    step_timer.start()
    task_lifecycle = TaskLifecycle(
        binding=binding,
        brokers=brokers,
        subscription=subscription,
        assignment=assignment,
        membership=membership,
        committer=committer,
        backpressure=backpressure,
        output=output,
        lifecycle=lifecycle,
        auto_start=settings.input_auto_startup,
    )
    status_reporter = StatusReporter(
        handle=handle,
        task_lifecycle=task_lifecycle,
        brokers=brokers,
        record_consumer=record_consumer,
        stalled_input=stalled_input,
        output=output,
        committer=committer,
        assignment=assignment,
        retry_policy=retry_policy,
        binding=binding,
        stats=stats,
    )
    _ = consumer.client  # made now: it raises if librdkafka refuses a setting
    return TaskParts(
        handle=handle,
        lifecycle=lifecycle,
        brokers=brokers,
        output=output,
        committer=committer,
        assignment=assignment,
        membership=membership,
        record_consumer=record_consumer,
        stalled_input=stalled_input,
        backpressure=backpressure,
        retry_policy=retry_policy,
        async_calls=async_calls,
        make_batch=partial(
            RecordBatch,
            recover=retry_policy.recover,
            step_timer=step_timer,
            charset=charset_of(settings.input_content_type),
            overlapping=Overlapping(async_calls, retry_policy.recover_all),
        ),
        batch_sizer=BatchSizer(settings.batch_size),
        writer=writer,
        stop_search=stop_search,
        stats=stats,
        task_lifecycle=task_lifecycle,
        status_reporter=status_reporter,
        recovery=TaskRecovery(
            task_lifecycle=task_lifecycle,
            lifecycle=lifecycle,
            committer=committer,
            assignment=assignment,
            membership=membership,
            backpressure=backpressure,
            writer=writer,
            stop_search=stop_search,
            status_reporter=status_reporter,
        ),
    )


def _join_parts(
    settings: Settings,
    properties: Config,
    consumer: ReplaceableConsumer,
    committer: Committer,
    brokers: BrokerStatus,
) -> tuple[PartitionAssignment, GroupMembership]:
    offsets = start_offsets(
        settings,
        properties,
        committer.tracker,
        lambda topic: clients.fetch_topic_id(settings, brokers, topic),
    )
    incremental = is_incremental(properties)
    assigns_topic_ids = properties.get("group.protocol") == "consumer"
    assignment = PartitionAssignment(
        consumer,
        committer,
        offsets,
        incremental=incremental,
        assigns_topic_ids=assigns_topic_ids,
    )
    return assignment, GroupMembership(
        consumer,
        committer,
        offsets,
        assignment,
        incremental=incremental,
        cooperative=incremental and not assigns_topic_ids,
        static_member=static_member(settings),
    )
