"""Requests to a single broker, and the reason if it does not answer."""

import logging
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from time import monotonic
from typing import Any

from confluent_kafka import KafkaError, KafkaException, TopicCollection
from confluent_kafka.admin import AdminClient

import config.librdkafka.client_config
import config.report
from config import Settings
from connectors.cluster.clients import UNKNOWN_TOPIC
from connectors.errors.connection_errors import explain, short_reason
from connectors.errors.listener_security import explain_silence
from connectors.errors.lookup import reason, remedy
from connectors.errors.table import Client, Remedy

ANSWER_TIMEOUT_S = 5.0  # for one answer
# For a state that passes, such as a new cluster without a coordinator.
TRANSIENT_TIMEOUT_S = 15.0
PAUSE_S = 0.25
_silent = logging.getLogger("librdkafka.check")
_silent.disabled = True  # the check prints librdkafka's errors itself


class NoAnswerError(Exception):
    """There is no answer. `code` is Kafka's, if the broker has sent one."""

    def __init__(self, what: str, code: int | None = None) -> None:
        """Keep the reason.

        Args:
            what: Why there is no answer.
            code: Kafka's error code, if the broker has sent one.
        """
        super().__init__(what)
        self.code = code


class BrokerProbe:
    """One broker, and the errors that come while a request waits."""

    def __init__(self, settings: Settings, broker: str) -> None:
        """Make the client. The broker is not asked yet.

        Args:
            settings: The settings.
            broker: `host:port`.

        Raises:
            NoAnswerError: The client cannot be made of the settings.
        """
        self._client = config.librdkafka.client_config.admin_config(settings)
        self._broker = broker
        self._last = ""
        self._refusal: str | None = None
        properties: dict[str, Any] = self._client | {
            "bootstrap.servers": broker,
            "error_cb": self._on_error,
        }
        try:
            self.client = AdminClient(properties, logger=_silent)
        except KafkaException as error:
            raise NoAnswerError(reason(error.args[0])) from error

    def describe_cluster(self) -> Any:
        """Describe the cluster. Raises NoAnswerError."""
        return self.answer(lambda: self.client.describe_cluster(request_timeout=ANSWER_TIMEOUT_S))

    def describe_topic(self, name: str) -> Any:
        """Describe a topic and the allowed operations. Raises NoAnswerError."""
        topics, options = (
            TopicCollection([name]),
            {"include_authorized_operations": True, "request_timeout": ANSWER_TIMEOUT_S},
        )
        return self.answer(lambda: self.client.describe_topics(topics, **options)[name])

    def describe_group(self, name: str) -> Any:
        """Describe a consumer group and the allowed operations. Raises NoAnswerError."""
        options: dict[str, Any] = {
            "include_authorized_operations": True,
            "request_timeout": ANSWER_TIMEOUT_S,
        }
        return self.answer(lambda: self.client.describe_consumer_groups([name], **options)[name])

    def topics(self) -> list[str]:
        """Return all topics but Kafka's own. Raises NoAnswerError."""
        try:
            return [
                name
                for name in self.client.list_topics(timeout=ANSWER_TIMEOUT_S).topics
                if not name.startswith("__")
            ]
        except KafkaException as error:
            raise NoAnswerError(reason(error.args[0])) from error

    def answer(self, ask: "Callable[[], Future[Any]]") -> Any:
        """Send a request, and repeat it while its error may pass. Raises NoAnswerError."""
        end = monotonic() + TRANSIENT_TIMEOUT_S
        while True:
            try:
                return self._answer(ask())
            except NoAnswerError as error:
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
        """Wait for an answer.

        Raises NoAnswerError at once if the broker refuses, otherwise when the time is over.
        """
        end = monotonic() + ANSWER_TIMEOUT_S
        while not request.done() and not self._refusal and monotonic() < end:
            self.client.poll(0.05)  # runs callbacks for errors and for the answer
        if self._refusal:
            raise NoAnswerError(self._refusal)
        try:
            return request.result(0)
        except KafkaException as error:
            if error.args[0].code() in {KafkaError._TIMED_OUT, KafkaError._TRANSPORT}:
                raise NoAnswerError(self._silence()) from error
            raise NoAnswerError(reason(error.args[0]), error.args[0].code()) from error
        except NotYet as error:
            raise NoAnswerError(self._silence()) from error

    def _silence(self) -> str:
        wanted = explain_silence([self._broker], self._client)
        return wanted or self._last or f"no answer within {ANSWER_TIMEOUT_S:g} s"

    def _on_error(self, error: KafkaError) -> None:
        self._refusal = self._refusal or explain(error, self._client)
        if error.code() != KafkaError._ALL_BROKERS_DOWN:
            self._last = short_reason(error, self._client)
