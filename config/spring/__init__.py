"""Spring's names, types, placeholders and sources of properties."""
