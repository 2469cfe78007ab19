"""CUDA through CuPy: maps, sums, matrix products."""
