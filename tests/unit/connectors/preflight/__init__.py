"""Unit tests that mirror the source."""
