"""Kafka clients, topics, and whether brokers can be reached."""
