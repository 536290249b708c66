"""Command line, environment and files in, Settings out."""
