"""Committing offsets: the two delivery guarantees, and writing a batch under them."""
