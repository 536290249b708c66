"""Tests beside the Java classes that users know."""
