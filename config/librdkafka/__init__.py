"""What the settings mean for librdkafka: complete client properties."""
