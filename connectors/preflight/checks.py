"""--check: tries the settings on the brokers, and prints one line for each check."""

import sys
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from confluent_kafka import KafkaError
from confluent_kafka.admin import AclOperation  # type: ignore[attr-defined]  # untyped exports

import config.librdkafka.client_config
import config.report
from config import Settings
from connectors.cluster.clients import UNKNOWN_TOPIC
from connectors.cluster.topic_provisioner import TopicProvisioner
from connectors.errors.exceptions import ConnectorError
from connectors.errors.lookup import cause
from connectors.failures.dead_letters import DeadLetterQueue
from connectors.preflight.broker_probe import ANSWER_TIMEOUT_S, BrokerProbe, NoAnswerError
from connectors.preflight.join import describe, find_obstacle
from connectors.preflight.transactions import try_transactional_id


class CheckResult(NamedTuple):
    """The result of one check."""

    works: bool
    what: str

    def __str__(self) -> str:
        """Return the line to print."""
        return f"  {'ok' if self.works else 'FAILED':6} {self.what}"


def check(settings: Settings, steps: Sequence[str], *, everything: bool = False) -> bool:
    """Print the warnings, each check as it ends, and the settings that differ from the defaults.

    Blocks for some seconds for each broker that does not answer.

    Args:
        settings: The settings.
        steps: The names of the flow's steps, which could be built.
        everything: Whether to print all settings, and the properties of Kafka's clients.

    Returns:
        Whether all checks passed.
    """
    works = True
    for line in (*config.report.warning_lines(settings), "Tried"):
        sys.stdout.write(f"{line}\n")
    built = CheckResult(works=True, what=f"steps: {', '.join(steps) or 'none'}")
    for finding in chain([built], run_checks(settings)):
        sys.stdout.write(f"{finding}\n")
        sys.stdout.flush()
        works &= finding.works
    for line in (
        config.report.lines(settings) if everything else config.report.changed_lines(settings)
    ):
        sys.stdout.write(f"{line}\n")
    return works


def run_checks(settings: Settings) -> Iterator[CheckResult]:
    """Check every broker on its own. Check topics and group if a broker answers. Always ends."""
    answering = None
    for broker in settings.brokers:
        try:
            asked = BrokerProbe(settings, broker)
            cluster = asked.describe_cluster()
        except NoAnswerError as error:
            yield CheckResult(works=False, what=f"broker {broker}: {error}")
        else:
            yield CheckResult(
                works=True,
                what=f"broker {broker}: answers{_connection_summary(settings)}; the cluster has "
                f"{len(cluster.nodes)} broker(s)",
            )
            answering = answering or asked
    if answering:
        yield from _topics(settings, answering)
        yield from _group(settings, answering)
        if settings.transactional_id is not None:
            yield _transactions(settings, settings.transactional_id)


def _connection_summary(settings: Settings) -> str:
    """Return how the broker has accepted this client."""
    client = config.librdkafka.client_config.admin_config(settings)
    protocol, mechanism = (
        str(client.get("security.protocol", "plaintext")).upper(),
        client.get("sasl.mechanism"),
    )
    return f" over {protocol}" + (f", accepts the credentials ({mechanism})" if mechanism else "")


def _topics(settings: Settings, asked: "BrokerProbe") -> Iterator[CheckResult]:
    """Check that each topic exists or will be created, and that it is permitted."""
    inputs = () if settings.destination_is_pattern else settings.input_destinations
    dead_letters = DeadLetterQueue(settings)
    wanted = [("input", name, AclOperation.READ) for name in inputs]
    wanted.append(("output", settings.output_destination, AclOperation.WRITE))
    if dead_letters.wanted:
        wanted += [
            ("dead letters", name, AclOperation.WRITE)
            for name in dict.fromkeys(map(dead_letters.topic, inputs))
        ]
    try:
        topics = TopicProvisioner(
            settings,
            asked,
            dead_letters,
            lambda: asked.client,
            validate_only=True,
            timeout=ANSWER_TIMEOUT_S,
        )
        obstacles = {name: topics.find_obstacle(name) for _, name, _ in wanted}
    except ConnectorError as error:
        yield CheckResult(works=False, what=str(error))
        return
    for role, name, operation in wanted:
        # The processor runs without dead letters, unless the user has asked for them.
        dispensable = role == "dead letters" and not dead_letters.required
        try:
            topic = asked.describe_topic(name)
        except NoAnswerError as error:
            missing = settings.auto_create_topics and error.code in UNKNOWN_TOPIC
            plan = f"does not exist; {obstacles[name] or 'the processor will create it'}"
            yield CheckResult(
                works=dispensable or (missing and not obstacles[name]),
                what=f"{role} {name}: {plan if missing else error}",
            )
        else:
            what = f"{role} {name}: {len(topic.partitions)} partition(s)"
            found = _allowed(what, operation, topic.authorized_operations)
            if found.works and obstacles[name]:
                found = CheckResult(works=dispensable, what=f"{what}; {obstacles[name]}")
            yield found


def _group(settings: Settings, asked: "BrokerProbe") -> Iterator[CheckResult]:
    name = settings.input_group
    try:
        group = asked.describe_group(name)
        topics = asked.topics()
    except NoAnswerError as error:
        yield CheckResult(works=False, what=f"group {name}: {error}")
        return
    finding = _allowed(
        f"group {name}: {len(group.members)} member(s)",
        AclOperation.READ,
        group.authorized_operations,
    )
    topic = next(
        (each for each in settings.input_destinations if each in topics), next(iter(topics), "")
    )
    joins = not settings.has_fixed_partitions
    if finding.works and joins and topic:
        # A group with running members is not joined, because their partitions would move. A group
        # with another name shows the same.
        obstacle = find_obstacle(
            settings,
            f"{name}.check" if group.members else name,
            topic,
            is_substitute=bool(group.members),
        )
        if obstacle:
            finding = CheckResult(works=False, what=f"group {name}: {obstacle}")
    if not (settings.input_anonymous and finding.works):
        yield finding


def _transactions(settings: Settings, name: str) -> CheckResult:
    """Check that the brokers accept a transactional producer with these settings."""
    error = try_transactional_id(settings, f"{name}.check")
    if error and cause(error) == KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
        return CheckResult(
            works=True, what=f"transactional.id {name}: not tried, {name}.check is not allowed"
        )
    return CheckResult(
        works=not error,
        what=f"transactional.id {name}: {describe(error) if error else 'transactions work'}",
    )


def _allowed(
    what: str, operation: AclOperation, operations: list[AclOperation] | None
) -> CheckResult:
    """Check a permission. Operations are None if the broker does not return them."""
    if operations is None or operation in operations:
        return CheckResult(works=True, what=what)
    return CheckResult(
        works=False, what=f"{what}, but the operation {operation.name} is not allowed"
    )
