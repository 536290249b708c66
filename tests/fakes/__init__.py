"""Stand-ins for Kafka's clients and the parts of a task."""
