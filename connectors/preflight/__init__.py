"""--check: what works of the settings, tried on the brokers."""
