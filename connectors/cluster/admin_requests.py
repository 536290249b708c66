"""Requests of the admin client, and what their errors mean for binding."""

from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from typing import Any

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from config.errors import SettingsError
from connectors.cluster.binding_errors import AdminRequestError, BindingError
from connectors.errors.lookup import reason, remedy
from connectors.errors.table import Client, Remedy


class AdminRequests:
    """Sends admin requests. Each has its own client."""

    def __init__(self, make_admin: Callable[[], AdminClient], timeout: float) -> None:
        """Prepare; no broker is asked yet.

        Args:
            make_admin: Makes the client of a request.
            timeout: Seconds for one answer.
        """
        self._make_admin = make_admin
        self._timeout = timeout

    def ask(self, what: str, request: Callable[[AdminClient], Future[Any]]) -> Any:
        """Return the answer to a request. Blocks for `timeout` seconds at most.

        Args:
            what: What the request does, for the text of an error.
            request: Sends the request with the client it is given.

        Raises:
            AdminRequestError: The broker does not allow it.
            BindingError: It has failed, and may succeed later.
        """
        try:
            # A new client each time. During an outage an old one would collect log lines that
            # nobody fetches.
            admin = self._make_admin()
            return request(admin).result(self._timeout)
        except SettingsError as error:  # a store has changed since the start
            raise BindingError(f"{what}: {error}") from error
        except NotYet as error:
            raise BindingError(f"{what}: no answer yet") from error
        except KafkaException as error:
            passes = remedy(error.args[0].code(), Client.ADMIN) in (Remedy.WAIT, Remedy.NEW_CLIENT)
            raise (BindingError if passes else AdminRequestError)(
                f"{what}: {reason(error.args[0])}"
            ) from error
