"""Meters, and those of the process."""
