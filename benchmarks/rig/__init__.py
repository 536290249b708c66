"""Broker, systems and senders of a measurement."""
