"""Tests with processes or sockets, without Kafka."""
