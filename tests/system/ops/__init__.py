"""The consoles operators have open, for real: `make test-ops`."""
