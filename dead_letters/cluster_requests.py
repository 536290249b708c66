"""Requests of a command to the cluster, repeated until an answer that lasts."""

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

ANSWER_S = 30.0  # until an answer that lasts
_silent = logging.getLogger("librdkafka.dead_letters")
_silent.disabled = True  # what librdkafka has to say is in our lines

T = TypeVar("T")


class ClusterRequests:
    """Makes Kafka clients, and asks through them. Used by one thread."""

    def __init__(self, settings: Settings) -> None:
        """No broker is contacted yet. Raises SettingsError when a property cannot be used."""
        self._brokers = ", ".join(settings.brokers)
        self._last_problem, self._refusal = "", ""
        # Its poll() serves the error callback while a request is waited for: that of the consumer
        # would take letters.
        self._admin: AdminClient = self._make(
            AdminClient, config.librdkafka.client_config.admin_config(settings)
        )

    def ask(self, what: str, request: Callable[[], T]) -> T:
        """Make a request again and again until it has an answer that lasts.

        Raises:
            CommandError: The brokers refuse it, or there is no answer for ANSWER_S.
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
        """Raises CommandError once the brokers have refused the credentials or the certificate."""
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
