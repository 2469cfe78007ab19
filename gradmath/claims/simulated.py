"""Statements about means over chance, and simulations that measure them.

A theory names the mean of a random number exactly.  A simulation draws that number many times,
independently, from a stated seed.  The measured mean, give or take a half-width that was fixed
before the run, must hold what theory says; and the run must be large enough that such intervals
hold *all* the means of the statement at once with a probability of 99 %.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, ClassVar

import sympy as sp

from gradmath.claims.evidence import Evidence, members, named_parts
from gradmath.claims.statement import Counterexample, Statement
from gradmath.errors import DeclarationError, UnknownNameError
from gradmath.verify.report import FAILED, INCONCLUSIVE, PASSED, Row, Status

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LEVEL = 0.99  # of all intervals of one statement together
FEWEST = 100  # draws; with fewer, the normal law says little about their mean
_AGREE = 1e-8  # theory and its second computation differ by less, of 1 or of their size


@dataclass(frozen=True)
class Mean:
    """One mean and what theory says of it.

    theory: the exact mean.  draws: independent draws of the random number, from a fixed seed.
    half_width: of the interval around the measured mean, fixed before the run.  again: the theory's
    number by separate code, which is what shows a planted mistake to be false.
    """

    theory: sp.Expr
    draws: Callable[[], NDArray[np.float64]]
    half_width: float
    again: Callable[[], float]

    def measured(self) -> tuple[float, float, int]:
        """The mean of the draws, their standard deviation, and how many there are."""
        import numpy as np

        drawn = np.asarray(self.draws(), dtype=np.float64)
        if drawn.ndim != 1 or drawn.size < FEWEST or not np.isfinite(drawn).all():
            raise DeclarationError(
                "draws", got=f"shape {drawn.shape}", allowed=f"{FEWEST} or more finite numbers"
            )
        return float(drawn.mean()), float(drawn.std(ddof=1)), drawn.size


@dataclass(frozen=True)
class Simulated:
    """Each mean is what theory says it is; `formula` and `words` show the statement."""

    parts: Mapping[str, Mean]
    formula: str
    words: str

    def __post_init__(self) -> None:
        if not self.parts:
            raise DeclarationError("statement", got="no mean", allowed="one or more")

    def but(self, **theories: sp.Expr) -> Simulated:
        """The same statement with other theories of the named means: how a mistake is planted."""
        for name in theories:
            if name not in self.parts:
                raise UnknownNameError("part", name, self.parts)
        changed = {
            name: replace(self.parts[name], theory=sp.sympify(theory))
            for name, theory in theories.items()
        }
        shown = "; ".join(f"{name}: {part.theory}" for name, part in changed.items())
        return replace(self, parts={**self.parts, **changed}, words=shown)

    def domain_text(self, part: str) -> str:
        """A simulation looks at what it draws."""
        return "the draws described, from a stated seed"

    @property
    def latex(self) -> str:
        """The statement as a formula."""
        return self.formula

    @property
    def text(self) -> str:
        """The statement in plain characters."""
        return self.words

    def counterexample(self, at: Mapping[Any, Any] | None = None) -> Counterexample | None:
        """The first theory that the separate computation of its number contradicts."""
        for name, part in self.parts.items():
            stated, second = float(part.theory), part.again()
            if not abs(stated - second) <= _AGREE * max(1.0, abs(second)):
                return Counterexample(name, {}, f"computed {second!r}", f"stated {stated!r}")
        return None


@dataclass(frozen=True)
class Simulation(Evidence):
    """Measures the named means (none named: all) and holds theory to the intervals around them.

    Intervals are Bonferroni's: with k means in the statement each has the level 1 - 0.01/k.  If the
    draws scatter too widely for the half-width that was fixed, the row is inconclusive.
    """

    parts: tuple[str, ...] = ()
    proves: ClassVar[bool] = False

    def covers(self, statement: Statement) -> frozenset[str]:
        """The named means."""
        return frozenset(self._chosen(statement))

    def check(self, statement: Statement) -> list[Row]:
        """One row for each mean."""
        whole = sum(
            len(member.parts) for member in members(statement) if isinstance(member, Simulated)
        )
        return [_row(name, part, whole) for name, part in self._chosen(statement).items()]

    def _chosen(self, statement: Statement) -> dict[str, Mean]:
        return named_parts(statement, Simulated, self.parts)


def needed(deviation: float, draws: int, means: int) -> float:
    """The half-width that a simultaneous 99 % interval of one of `means` means needs.

    >>> round(needed(1.0, 10_000, 1), 5)
    0.02576
    """
    beyond = (1 - LEVEL) / means
    return NormalDist().inv_cdf(1 - beyond / 2) * deviation / math.sqrt(draws)


def _row(name: str, part: Mean, means: int) -> Row:
    measured, deviation, draws = part.measured()
    theory, width = float(part.theory), needed(deviation, draws, means)
    off = abs(measured - theory)
    status: Status = PASSED if off <= part.half_width else FAILED
    if status == PASSED and width > part.half_width:
        status = INCONCLUSIVE
    note = f"half-width {part.half_width:g} fixed before, {width:.3g} needed for 99 % of {means}"
    return Row(
        name,
        "simulation: the measured mean holds the theory in a simultaneous 99 % interval",
        status,
        draws,
        off / part.half_width,
        "of the half-width",
        got=f"{measured:.9g}",
        expected=f"{theory:.9g}",
        note=note,
    )
