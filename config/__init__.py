"""Everything Data Flow, Spring and Kafka users pass, as one frozen, typed Settings.

    settings = config.load(sys.argv[1:], os.environ)

config.kafka turns them into librdkafka's dictionaries.
"""

from config.errors import SettingsError
from config.load import load
from config.settings import Settings

__all__ = ["Settings", "SettingsError", "load"]
