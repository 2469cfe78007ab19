"""Mistakes planted by machine, to see whether there is any that the checks would let through.

From a derivation, a kernel or a callable entry come *mutants*, each with one thing changed as a
person might get it wrong (`gradmath.verify.operators`).  A mutant counts if a counterexample found
apart from the checks shows it false; `gm.verify` must then reject it, and a survivor is a failure.
"""

from __future__ import annotations

from gradmath.mutation.outcome import Mutant, Trial, rows, trials

__all__ = ["Mutant", "Trial", "rows", "trials"]
