"""Dead letters: list, show, replay and park the records of a dead letter topic. `python -m
dead_letters --help` has the commands.
"""
