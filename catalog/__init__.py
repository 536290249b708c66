"""Functions that can be named: their place, what they take and return. No Kafka here."""
