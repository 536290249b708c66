"""Where properties come from: the command line, the environment, and variables that hold many."""
