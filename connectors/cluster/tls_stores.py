"""The certificates and keys of the clients, and whether their files have changed since.

librdkafka does not read Java's stores. It gets PEM texts when a client is made. So a renewed
certificate needs new clients.
"""

import logging
from time import monotonic

import config.librdkafka.client_config
from config import Settings
from config.errors import SettingsError
from config.kafka.java_property import Config

log = logging.getLogger("processor.clients")

CHECK_INTERVAL_S = 5.0  # between two reads of the files; opening a protected store takes 50 ms
_PEM_TEXTS = ("ssl.ca.pem", "ssl.certificate.pem", "ssl.key.pem", "https.ca.pem")


class TlsStores:
    """Compares the stores with their files after a failed connection. On the task's thread."""

    def __init__(self, settings: Settings) -> None:
        """Read the stores.

        Args:
            settings: Names the stores.

        Raises:
            SettingsError: A store cannot be read.
        """
        self._settings = settings
        self.consumer, self.producer = self._read()
        self._look_at = 0.0
        self._problem = ""

    def has_changed(self) -> bool:
        """Return whether the files have changed. Called after a failed connection.

        A file that cannot be read is tried again later.
        """
        if not (self.consumer or self.producer) or monotonic() < self._look_at:
            return False
        self._look_at = monotonic() + CHECK_INTERVAL_S
        try:
            found = self._read()
        except SettingsError as error:
            if str(error) != self._problem:
                log.warning("a store that has changed cannot be used: %s", error)
            self._problem = str(error)
            return False
        if found == (self.consumer, self.producer):
            return False
        self.consumer, self.producer = found
        log.info("the files of the key or trust store have changed: new clients are made with them")
        return True

    def _read(self) -> tuple[Config, Config]:
        return _pem_texts(
            config.librdkafka.client_config.consumer_config(self._settings)
        ), _pem_texts(config.librdkafka.client_config.producer_config(self._settings))


def _pem_texts(properties: Config) -> Config:
    return {name: properties[name] for name in _PEM_TEXTS if name in properties}
