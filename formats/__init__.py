"""Charset names, contentTypes and JSON as senders write them. Imports nothing of ours."""
