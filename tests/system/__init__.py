"""Tests of the image, of deployments and beside Spring's consoles."""
