"""Records of every kind, and what becomes of them."""
