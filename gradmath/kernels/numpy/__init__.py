"""NumPy: in place, in blocks that stay in the cache."""
