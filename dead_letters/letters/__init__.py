"""Dead letters: read, parsed, chosen."""
