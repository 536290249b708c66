"""What librdkafka's statistics tell: metrics, and stalls of a client."""
