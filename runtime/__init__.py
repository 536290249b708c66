"""The process: start, stop, logs, metrics, and its worker processes."""
