"""The actuator of a processor on a real Kafka."""
