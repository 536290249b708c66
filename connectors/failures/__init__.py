"""Failed records: retries and dead letters."""
