"""Writing: records, their partitions, delivery errors."""
