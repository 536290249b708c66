"""Commands and status between the actuator, the stream task and worker processes."""
