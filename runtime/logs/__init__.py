"""Log lines, their formats, their loggers."""
