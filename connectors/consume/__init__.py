"""Reading: assignment of partitions, start offsets, polling, backpressure."""
