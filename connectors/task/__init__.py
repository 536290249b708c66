"""The stream task: poll, dataflow, produce, commit; its states, its commands, its status."""
