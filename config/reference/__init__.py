"""The settings as documents: help text, pages of the docs, the image's label."""
