"""The functions that can be named: where they are, what they take and return. Knows nothing of
Kafka.
"""
