"""Requests of a command to the cluster. A request is repeated until it is answered or refused."""

import logging
from collections.abc import Callable
from time import monotonic
from typing import Any, TypeVar

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient

import config.librdkafka.client_config
from config import Settings
from config.kafka.java_property import Config
from connectors.errors.connection_errors import explain, short_reason
from connectors.errors.lookup import cause, remedy
from connectors.errors.table import Client, Remedy
from dead_letters.errors import CommandError, describe

ANSWER_S = 30.0  # how long a request is repeated
_silent = logging.getLogger("librdkafka.dead_letters")
_silent.disabled = True  # the command prints librdkafka's errors itself

T = TypeVar("T")


class ClusterRequests:
    """Makes Kafka clients and sends their requests. Used by one thread."""

    def __init__(self, settings: Settings) -> None:
        """Make the admin client. No broker is contacted yet.

        Args:
            settings: The processor's settings.

        Raises:
            SettingsError: A property cannot be used.
        """
        self._brokers = ", ".join(settings.brokers)
        self._last_problem, self._refusal = "", ""
        # While a request waits, the admin client's poll() runs the error callback. The consumer's
        # poll() would take letters.
        self._admin: AdminClient = self._make(
            AdminClient, config.librdkafka.client_config.admin_config(settings)
        )

    def ask(self, what: str, request: Callable[[], T]) -> T:
        """Make a request, and repeat it while its error may pass. Blocks ANSWER_S at most.

        Args:
            what: The request's subject, for the error's text.
            request: Sends the request once and returns the answer.

        Raises:
            CommandError: The brokers refuse the request, or do not answer for ANSWER_S.
        """
        answers: list[T] = []

        def is_answered() -> bool:
            try:
                answers.append(request())
            except KafkaException as error:
                if remedy(cause(error.args[0]), Client.ADMIN) is not Remedy.WAIT:
                    raise describe(error.args[0], what) from None
                self._last_problem = self._last_problem or error.args[0].str()
            except TimeoutError:
                pass
            return bool(answers)

        self._await(is_answered, what)
        return answers[0]

    def check(self) -> None:
        """Raise if the brokers have refused the credentials or the certificate.

        Raises:
            CommandError: They have.
        """
        if self._refusal:
            raise CommandError(self._refusal)

    def _await(self, is_done: Callable[[], bool], what: str) -> None:
        end = monotonic() + ANSWER_S
        while not is_done():
            self.check()
            if monotonic() > end:
                raise CommandError(
                    (
                        f"{what}: no answer from {self._brokers} within {ANSWER_S:g} s; "
                        f"{self._last_problem}"
                    ).rstrip("; ")
                )
            self._admin.poll(0.1)

    def _make(self, kind: Callable[..., T], properties: Config | dict[str, Any]) -> T:
        client = {name: value for name, value in properties.items() if not callable(value)}

        def on_error(error: KafkaError) -> None:
            self._refusal = self._refusal or explain(error, client) or ""
            if error.code() != KafkaError._ALL_BROKERS_DOWN:
                self._last_problem = short_reason(error, client)

        try:
            return kind({**properties, "error_cb": on_error}, logger=_silent)
        except KafkaException as error:
            raise describe(error.args[0], "the Kafka client") from None
