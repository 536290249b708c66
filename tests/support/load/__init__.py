"""Records that are sent."""
