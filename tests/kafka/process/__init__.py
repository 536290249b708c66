"""How the process starts and stops."""
