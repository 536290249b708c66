"""Lists and tables of dead letters."""
