"""A user's function inside the flow: its value read by annotation, its result written."""
