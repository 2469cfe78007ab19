"""Everything there is to verify, by id, and running it over the cores.

`listing` says what there is, `outcome` what becomes of one subject, `kept` reads back what passed
before, `pool` runs the rest in processes, `run` sees to all of it, `output` writes the file.
"""

from __future__ import annotations

from gradmath.checking.kept import recall_claims
from gradmath.checking.listing import StableForms, subjects
from gradmath.checking.outcome import Outcome, check
from gradmath.checking.run import Stopped, run_checks
from gradmath.verify import verify

__all__ = [
    "Outcome",
    "StableForms",
    "Stopped",
    "check",
    "recall_claims",
    "run_checks",
    "subjects",
    "verify",
]
