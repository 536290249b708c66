"""Kafka's Java client properties and their counterparts in librdkafka."""
