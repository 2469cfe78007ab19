"""Whether code does the same on traced numbers as on machine numbers; what is judged must be it.

Code may ask for the type of its argument, cast to whole numbers, look for NaN or catch an error,
and so be another function when it is traced.  At every point the code itself is called as well,
and its value held against the traced one.  Rounding may turn a comparison at a point or two; code
that differs at more of them is judged by its values.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from flint import arb

from gradmath.errors import GradmathError
from gradmath.verify import balls
from gradmath.verify.gradients import pointwise
from gradmath.verify.gradients.blame import is_ours
from gradmath.verify.gradients.claims import leaves, machine_numbers
from gradmath.verify.gradients.functions import Code, Formula
from gradmath.verify.gradients.noise import Noise
from gradmath.verify.gradients.number import NotTraceable, Number, Undefined
from gradmath.verify.gradients.places import Point
from gradmath.verify.gradients.running import flat, floating, run
from gradmath.verify.gradients.trace import Trace
from gradmath.verify.tally import quiet
from gradmath.verify.ulps import FLOAT64, Format

#: so many points may differ before the code counts as another function
_TURNED: Final = 2
#: a value this close needs no excuse, relative; and what is nothing in every format
_CLOSE, _NOTHING = 1e-9, 1e-300
#: the mantissa of half precision, which code may use inside, on the range of doubles
_COARSE: Final = Format("half precision, range of doubles", 11, FLOAT64.emin, FLOAT64.emax)
_SEEDS: Final = (2, 3, 4)
_FACTOR: Final = 16


class Agreement:
    """The points at which the code returned another value than its trace."""

    def __init__(self, formula: Formula) -> None:
        self.code = formula if isinstance(formula, Code) else None
        self.apart: list[str] = []

    def machine(self, point: Point) -> list[float] | None:
        """What the code returns at a point; None where that is no array of finite numbers."""
        if self.code is None:
            return None
        try:
            values = pointwise.in_format(point, FLOAT64)[0]
            found = machine_numbers(leaves(quiet(self.code.call, values), 0.0)[0])
        # anyone's code may raise anything at all; where it has no value there is none to compare
        except Exception as error:
            if is_ours(error):
                raise
            return None
        return found if all(map(math.isfinite, found)) else None

    def hold(self, point: Point, machine: list[float] | None, output: object) -> None:
        """Compare a value of the code with the output of its trace, None for no value.

        Raises `NotTraceable` once they have been apart at more than a few points.
        """
        if self.code is None or machine is None:
            return
        if output is None:
            self._note(point, f"no value, where the code returns {machine[0]!r}")
            return
        entries = flat(output)[0]
        if any(map(_is_undefined, entries)):
            return  # the point will be left out, and is held against no value then
        traced = [_ball(entry) for entry in entries]
        if len(traced) != len(machine):
            self._note(point, f"{len(traced)} numbers, where the code returns {len(machine)}")
            return
        off = [abs(arb(got) - true) for got, true in zip(machine, traced, strict=True)]
        if all(
            bool(gap <= abs(true) * arb(_CLOSE) + arb(_NOTHING))
            for gap, true in zip(off, traced, strict=True)
        ):
            return
        room = self._room(point, traced)
        if room is None:
            return
        for got, true, gap, allowed in zip(machine, traced, off, room, strict=True):
            if bool(gap > abs(true) * arb(_CLOSE) + _FACTOR * allowed + arb(_NOTHING)):
                self._note(point, f"{true.str(8, radius=False)}, where the code returns {got!r}")
                return

    def _note(self, point: Point, what: str) -> None:
        self.apart.append(f"at {pointwise.where(point, '', 0, ())} it would give {what}")
        if len(self.apart) > _TURNED:
            raise NotTraceable(
                "function",
                got="code that does something else on traced numbers than on machine numbers: "
                + self.apart[0],
            )

    def _room(self, point: Point, traced: list[arb]) -> list[arb] | None:
        """How far coarse rounding moves each value; None where it leads out of the domain."""
        assert self.code is not None
        room = [arb(0)] * len(traced)
        moving = [name for name in point if floating(point, [name])]
        try:
            for seed in _SEEDS:
                noise = Noise(_COARSE, seed)
                with balls.precision(noise.bits):
                    entries = flat(run(self.code, point, moving, noise).output)[0]
                    if any(map(_is_undefined, entries)):
                        return None
                    moved = [_ball(entry) for entry in entries]
                if noise.overflow or len(moved) != len(traced):
                    return None
                gaps = [abs(a - b) for a, b in zip(moved, traced, strict=True)]
                room = [a if bool(a >= b) else b for a, b in zip(room, gaps, strict=True)]
        except GradmathError:
            return None
        return room


def _is_undefined(entry: object) -> bool:
    return isinstance(entry, Number) and isinstance(entry.value, Undefined)


def _ball(entry: object) -> arb:
    if isinstance(entry, Number):
        return balls.real(balls.coefficients(entry.value, 1)[0])
    return balls.real(Trace().constant(np.asarray(entry).item()))
