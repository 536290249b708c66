"""What arrived, and what probes saw."""
