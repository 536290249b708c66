"""--check: what works of these settings, tried on the brokers; one line each."""

import logging
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from time import monotonic
from typing import Any, NamedTuple

from confluent_kafka import KafkaError, KafkaException, TopicCollection
from confluent_kafka.admin import AclOperation, AdminClient  # type: ignore[attr-defined]  # untyped exports

import config.librdkafka.client_config
import config.report
from config import Settings
from connectors.cluster.clients import UNKNOWN_TOPIC
from connectors.cluster.topic_provisioner import TopicProvisioner
from connectors.errors.connection_errors import explain, short_reason, speaks_tls
from connectors.errors.exceptions import ConnectorError
from connectors.errors.lookup import cause, reason, remedy
from connectors.errors.table import Client, Remedy
from connectors.failures.dead_letters import DeadLetterQueue
from connectors.preflight.join import describe, find_obstacle
from connectors.preflight.transactions import try_transactional_id

ANSWER_TIMEOUT_S = 5.0  # for one answer
# For a state of the cluster that passes: a new one has no coordinator yet.
TRANSIENT_TIMEOUT_S = 15.0
PAUSE_S = 0.25
_silent = logging.getLogger("librdkafka.check")
_silent.disabled = True  # what librdkafka has to say is in our lines


class CheckResult(NamedTuple):
    """One thing that was tried."""

    works: bool
    what: str

    def __str__(self) -> str:
        return f"  {'ok' if self.works else 'FAILED':6} {self.what}"


def check(settings: Settings, *, everything: bool = False) -> bool:
    """Print warnings, what works, line by line as it is found out, and what differs from the
    defaults; whether all of it works.

    With `everything` also the settings at their defaults and what Kafka's clients are given.
    """
    works = True
    for line in (*config.report.warning_lines(settings), "Tried"):
        sys.stdout.write(f"{line}\n")
    for finding in run_checks(settings):
        sys.stdout.write(f"{finding}\n")
        sys.stdout.flush()
        works &= finding.works
    for line in (
        config.report.lines(settings) if everything else config.report.changed_lines(settings)
    ):
        sys.stdout.write(f"{line}\n")
    return works


def run_checks(settings: Settings) -> Iterator[CheckResult]:
    """Every broker by itself, with the credentials; then topics and group, if a broker answers.
    Ends, whatever the brokers do.
    """
    answering = None
    for broker in settings.brokers:
        asked = _BrokerProbe(settings, broker)
        try:
            cluster = asked.describe_cluster()
        except _NoAnswerError as error:
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
    """How the broker has let us in."""
    client = config.librdkafka.client_config.admin_config(settings)
    protocol, mechanism = (
        str(client.get("security.protocol", "plaintext")).upper(),
        client.get("sasl.mechanism"),
    )
    return f" over {protocol}" + (f", accepts the credentials ({mechanism})" if mechanism else "")


def _topics(settings: Settings, asked: "_BrokerProbe") -> Iterator[CheckResult]:
    """Whether each topic is there, or will be, and whether we may do there what we have to."""
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
        # without its dead letters the processor still runs, unless they were asked for
        dispensable = role == "dead letters" and not dead_letters.required
        try:
            topic = asked.describe_topic(name)
        except _NoAnswerError as error:
            missing = settings.auto_create_topics and error.code in UNKNOWN_TOPIC
            plan = f"is not there; {obstacles[name] or 'the processor will create it'}"
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


def _group(settings: Settings, asked: "_BrokerProbe") -> Iterator[CheckResult]:
    name = settings.input_group
    try:
        group = asked.describe_group(name)
        topics = asked.topics()
    except _NoAnswerError as error:
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
        # beside members that run, a group of its own tells as much and moves nobody's partitions
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
    """Whether the brokers take a transactional producer with these settings."""
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
    """Operations are None where the broker does not tell."""
    if operations is None or operation in operations:
        return CheckResult(works=True, what=what)
    return CheckResult(
        works=False, what=f"{what}, but the operation {operation.name} is not allowed"
    )


class _NoAnswerError(Exception):
    """Why there is no answer; `code` is Kafka's, if the broker has sent one."""

    def __init__(self, what: str, code: int | None = None) -> None:
        super().__init__(what)
        self.code = code


class _BrokerProbe:
    """One broker, and what goes wrong with it while it is asked."""

    def __init__(self, settings: Settings, broker: str) -> None:
        self._client = config.librdkafka.client_config.admin_config(settings)
        self._broker = broker
        self._tls = "ssl" in str(self._client.get("security.protocol", "")).lower()
        self._last = ""
        self._refusal: str | None = None
        properties: dict[str, Any] = self._client | {
            "bootstrap.servers": broker,
            "error_cb": self._on_error,
        }
        self.client = AdminClient(properties, logger=_silent)

    def describe_cluster(self) -> Any:
        return self.answer(lambda: self.client.describe_cluster(request_timeout=ANSWER_TIMEOUT_S))

    def describe_topic(self, name: str) -> Any:
        topics, options = (
            TopicCollection([name]),
            {"include_authorized_operations": True, "request_timeout": ANSWER_TIMEOUT_S},
        )
        return self.answer(lambda: self.client.describe_topics(topics, **options)[name])

    def describe_group(self, name: str) -> Any:
        options: dict[str, Any] = {
            "include_authorized_operations": True,
            "request_timeout": ANSWER_TIMEOUT_S,
        }
        return self.answer(lambda: self.client.describe_consumer_groups([name], **options)[name])

    def topics(self) -> list[str]:
        """All but Kafka's own."""
        try:
            return [
                name
                for name in self.client.list_topics(timeout=ANSWER_TIMEOUT_S).topics
                if not name.startswith("__")
            ]
        except KafkaException as error:
            raise _NoAnswerError(reason(error.args[0])) from error

    def answer(self, ask: "Callable[[], Future[Any]]") -> Any:
        """Asks again while the answer is a state that passes. Raises _NoAnswerError as _answer
        does.
        """
        end = monotonic() + TRANSIENT_TIMEOUT_S
        while True:
            try:
                return self._answer(ask())
            except _NoAnswerError as error:
                code = error.code
                if (
                    code is None
                    or code in UNKNOWN_TOPIC
                    or remedy(code, Client.ADMIN) is not Remedy.WAIT
                    or monotonic() > end
                ):
                    raise
            self.client.poll(PAUSE_S)

    def _answer(self, request: "Future[Any]") -> Any:
        """Raises _NoAnswerError at once when the broker refuses us, else when the time is over."""
        end = monotonic() + ANSWER_TIMEOUT_S
        while not request.done() and not self._refusal and monotonic() < end:
            self.client.poll(0.05)  # serves errors, and the answer
        if self._refusal:
            raise _NoAnswerError(self._refusal)
        try:
            return request.result(0)
        except KafkaException as error:
            if error.args[0].code() in {KafkaError._TIMED_OUT, KafkaError._TRANSPORT}:
                raise _NoAnswerError(self._silence()) from error
            raise _NoAnswerError(reason(error.args[0]), error.args[0].code()) from error
        except NotYet as error:
            raise _NoAnswerError(self._silence()) from error

    def _silence(self) -> str:
        if not self._tls and speaks_tls(self._broker):
            return "it speaks TLS; security.protocol must say so"
        return self._last or f"no answer within {ANSWER_TIMEOUT_S:g} s"

    def _on_error(self, error: KafkaError) -> None:
        self._refusal = self._refusal or explain(error, self._client)
        if error.code() != KafkaError._ALL_BROKERS_DOWN:
            self._last = short_reason(error, self._client)
