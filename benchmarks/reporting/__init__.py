"""Kept results, and the tables and pages made of them."""
