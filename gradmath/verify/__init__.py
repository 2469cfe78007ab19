"""Is it right?  Oracles that import none of derive, stable, program or kernels."""
