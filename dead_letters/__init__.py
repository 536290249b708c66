"""Dead letters: list, show, replay and park. `python -m dead_letters --help` explains."""
