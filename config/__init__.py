"""The settings that Data Flow, Spring and Kafka users pass, as one frozen, typed Settings.

    settings = config.load(sys.argv[1:], os.environ)

config.librdkafka.client_config makes librdkafka's configurations from them.
"""

from config.errors import SettingsError
from config.loading.loader import load
from config.settings import Settings

__all__ = ["Settings", "SettingsError", "load"]
