"""Settings, and what they come to."""
