"""Committers between fake clients."""
