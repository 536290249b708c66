"""What senders write into headers and values: charset names, contentTypes, JSON. Imports nothing of
ours.
"""
