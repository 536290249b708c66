"""Calls of the user's functions: checks, errors, values, time."""
