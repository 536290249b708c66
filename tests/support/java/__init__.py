"""What Java programs compute and read, to compare with."""
