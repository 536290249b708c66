"""Real Kafka brokers, and networks that fail."""
