"""Responses, errors and access rules of HTTP."""
