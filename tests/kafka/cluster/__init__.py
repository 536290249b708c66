"""Brokers, topics, permissions and TLS."""
