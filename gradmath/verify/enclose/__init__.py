"""What holds on a whole domain, proved in balls: inequalities, extremes, zeros, Gaussian means.

    inequality(sigmoid(z).diff(z), "<=", Rational(1, 4))     proved, refuted, or not decided
    extremes(silu(z).diff(z))                                 least and greatest value, and where
    roots(silu(z).diff(z))                                    every zero, and none elsewhere
    moment(sigmoid(z).diff(z)**2)                             E f(Z) for Z ~ N(0, 1)
    spectrum.singular_values(matrix)                          of every matrix in a matrix of balls

Nothing is sampled: finite parts are covered by boxes, infinite ends by terms that surely prevail,
and what cannot be decided within the budget of boxes is said to be undecided.
"""

from __future__ import annotations

from gradmath.verify.enclose import spectrum
from gradmath.verify.enclose.extremes import Extreme, NotEnclosed, Place, Range, extremes
from gradmath.verify.enclose.inequality import Verdict, inequality
from gradmath.verify.enclose.moments import Moment, moment
from gradmath.verify.enclose.roots import Roots, roots

__all__ = [
    "Extreme",
    "Moment",
    "NotEnclosed",
    "Place",
    "Range",
    "Roots",
    "Verdict",
    "extremes",
    "inequality",
    "moment",
    "roots",
    "spectrum",
]
