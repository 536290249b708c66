"""Unit tests of what a user's function imports."""
