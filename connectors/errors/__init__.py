"""Exceptions of a task, and what each error code of the client means."""
