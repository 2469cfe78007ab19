"""Everything there is to verify, by id, and running it over the cores.

`listing` says what there is, `outcome` what becomes of one subject, `run` runs many.
"""

from __future__ import annotations

from gradmath.checking.listing import StableForms, subjects
from gradmath.checking.outcome import Outcome, check
from gradmath.checking.run import run_checks
from gradmath.verify import verify

__all__ = ["Outcome", "StableForms", "check", "run_checks", "subjects", "verify"]
