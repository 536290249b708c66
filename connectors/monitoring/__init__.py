"""Librdkafka's statistics: metrics, and stalls of a client."""
