"""A model that takes one record at a time, and the real parts to compare with it."""
