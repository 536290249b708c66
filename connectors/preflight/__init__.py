"""--check: tries the settings on the brokers."""
