"""The museum of errors: published formulas as they were printed, and what is right.

A refuted claim states a formula as it stood; its neighbours are true.  A proved claim states a
formula that was reported as wrong and is right.  `exhibits` tells the stories.
"""

from __future__ import annotations

from gradmath.claims.museum import functions, layers, slopes, starts, wrongly_reported

__all__ = ["functions", "layers", "slopes", "starts", "wrongly_reported"]
