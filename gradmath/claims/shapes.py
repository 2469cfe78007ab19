"""Statements about arrays of every shape: two expressions in matrices agree, entry by entry.

A side is written once, on an object `a` whose attributes are the arrays (`a.delta.T @ a.x`).  NumPy
arrays of Python objects carry it through three number systems, so that the same line is proved in
SymPy symbols, checked in Arb balls, and broken in exact fractions:

    proof           entries are SymPy symbols, a derivative is SymPy's
    sample          entries are Arb balls, a derivative is the first coefficient of a power series
    counterexample  entries are fractions, a derivative is carried by dual numbers
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any, ClassVar

import sympy as sp

from gradmath.claims.evidence import Evidence, members
from gradmath.claims.numbers import Dual, Phi, PhiSlope, ball_system, exact_system, symbol_system
from gradmath.claims.statement import Counterexample, Statement
from gradmath.verify.report import FAILED, INCONCLUSIVE, PASSED, Row

Array = Any  # a NumPy array of objects; NumPy is imported when a claim is run
Side = Callable[[Any], Array]
Sizes = Mapping[str, int]

SMALL = (1, 2, 3)  # every axis of a proof takes each of these sizes
LARGE = (7, 5, 11, 6, 4, 9)  # a shape of the sample: sizes in order of the axes' letters
DRAWN = 2  # further shapes of the sample, drawn at random from a fixed seed
LARGEST = 16  # the largest axis drawn


@dataclass(frozen=True)
class Gradient:
    """The derivative of `function(a)` by the array `by`, as a side of a statement.

    A scalar function gives an array of the shape of `by`; an array-valued one gives the Jacobian
    with the output's axes first (`layout="numerator"`) or last (`layout="denominator"`).
    """

    function: Side
    by: str
    layout: str = "numerator"

    def __call__(self, a: Any) -> Array:
        """The derivative at `a`, by the number system that `a` belongs to."""
        import numpy as np

        own = getattr(a, self.by)
        slices = []
        for index in np.ndindex(own.shape):
            moved = SimpleNamespace(**vars(a))
            setattr(moved, self.by, a.system.moved(own, index))
            slices.append(a.system.derivative(self.function(moved), own[index]))
        made = np.empty(own.shape + np.shape(slices[0]), dtype=object)
        for index, entry in zip(np.ndindex(own.shape), slices, strict=True):
            made[index] = entry
        if self.layout == "denominator" or np.ndim(slices[0]) == 0:
            return made
        return np.moveaxis(made, range(own.ndim), range(-own.ndim, 0))


@dataclass(frozen=True)
class ForShapes:
    """`left(a) = right(a)` for arrays of every shape; `arrays` maps names to letters of axes.

    `formula` is the statement in LaTeX, `words` in plain text.
    """

    arrays: Mapping[str, str]
    left: Side
    right: Side
    formula: str
    words: str
    name: str = "every entry"

    @property
    def parts(self) -> Mapping[str, Any]:
        """One part: the equation in matrices."""
        return {self.name: self}

    @property
    def latex(self) -> str:
        """The equation in matrices."""
        return self.formula

    @property
    def text(self) -> str:
        """The equation in plain characters."""
        return self.words

    def domain_text(self, part: str) -> str:
        """Arrays of every shape that the axes allow."""
        shapes = (f"{name} of shape ({', '.join(axes)})" for name, axes in self.arrays.items())
        return f"real {', '.join(shapes)}"

    def but(self, right: Side, words: str) -> ForShapes:
        """The same statement with another right side: how a mistake is planted."""
        left = self.words.split(" = ")[0]
        return replace(self, right=right, words=f"{left} = {words}", formula="")

    @property
    def axes(self) -> tuple[str, ...]:
        """Letters of the axes, in order of appearance."""
        return tuple(dict.fromkeys("".join(self.arrays.values())))

    def shapes(self, sizes: Sequence[int] = SMALL) -> Iterator[Sizes]:
        """Every choice of sizes for the axes."""
        for chosen in itertools.product(sizes, repeat=len(self.axes)):
            yield dict(zip(self.axes, chosen, strict=True))

    def build(self, system: Any, sizes: Sizes) -> SimpleNamespace:
        """The arrays of one shape in one number system."""
        made = {
            name: system.array(name, tuple(sizes[axis] for axis in axes))
            for name, axes in self.arrays.items()
        }
        return SimpleNamespace(
            system=system,
            phi=system.phi,
            slope=system.slope,
            sizes=SimpleNamespace(**sizes),
            **made,
        )

    def counterexample(self, at: Mapping[Any, Any] | None = None) -> Counterexample | None:
        """Search shapes in exact fractions, for an entry that differs; square shapes come first,
        so that a difference of values is shown where there is one.
        """
        system = exact_system()
        for sizes in sorted(self.shapes((2, 3)), key=lambda sizes: len(set(sizes.values()))):
            arrays = self.build(system, sizes)
            left, right = _sides(self, arrays)
            index = _first_difference(left, right, lambda gap: _number(gap) != 0)
            if index is None:
                continue
            where = {"shape": _shown(sizes), "entry": _entry(index)}
            if index == ():
                return Counterexample(
                    self.name, where, f"shape {left.shape}", f"shape {right.shape}"
                )
            numbers = (str(_number(side[index])) for side in (left, right))
            return Counterexample(self.name, where, *numbers)
        return None


def _sides(member: ForShapes, arrays: Any) -> tuple[Array, Array]:
    """Both sides; a right side whose factors do not fit counts as an array of no shape."""
    import numpy as np

    left = member.left(arrays)
    try:
        return left, member.right(arrays)
    except ValueError:  # NumPy's answer to a product of matrices that do not fit
        return left, np.empty((*np.shape(left), 0), dtype=object)


def _number(value: Any) -> Any:
    return value.value if isinstance(value, Dual) else value


def _first_difference(left: Array, right: Array, differs: Callable[[Any], bool]) -> Any:
    """The first index at which two arrays differ; () if their shapes do; None if they agree."""
    import numpy as np

    if np.shape(left) != np.shape(right):
        return ()
    for index in np.ndindex(left.shape):
        if differs(left[index] - right[index]):
            return index
    return None


def _shown(sizes: Sizes) -> str:
    return ", ".join(f"{axis} = {size}" for axis, size in sizes.items())


def _entry(index: tuple[int, ...]) -> str:
    return ", ".join(str(i + 1) for i in index) or "shape"


@dataclass(frozen=True)
class _OnShapes(Evidence):
    part: str = ""

    def covers(self, statement: Statement) -> frozenset[str]:
        """The parts of the statement that are about shapes (or the one named)."""
        return frozenset(member.name for member in self._chosen(statement))

    def _chosen(self, statement: Statement) -> list[ForShapes]:
        return [
            member
            for member in members(statement)
            if isinstance(member, ForShapes) and self.part in ("", member.name)
        ]


@dataclass(frozen=True)
class ShapeProof(_OnShapes):
    """SymPy proves every entry, for every shape whose axes have one to three entries."""

    proves: ClassVar[bool] = True

    def check(self, statement: Statement) -> list[Row]:
        """One row for each statement about shapes."""
        return [
            replace(self._row(member), domain=f"{', '.join(member.axes)} from 1 to {SMALL[-1]}")
            for member in self._chosen(statement)
        ]

    def _row(self, member: ForShapes) -> Row:
        method = "SymPy: every entry, every shape with axes of 1 to 3"
        system, entries, shapes = symbol_system(), 0, 0
        for sizes in member.shapes():
            arrays = member.build(system, sizes)
            left, right = _sides(member, arrays)
            index = _first_difference(left, right, lambda gap: not _vanishes(gap))
            if index is not None:
                where = f"{_shown(sizes)}, entry {_entry(index)}"
                if index == ():
                    return Row(
                        member.name, method, FAILED, where=where, note="the shapes do not fit"
                    )
                return Row(
                    member.name, method, FAILED, where=where,
                    got=str(left[index]), expected=str(right[index]),
                )  # fmt: skip
            entries, shapes = entries + left.size, shapes + 1
        return Row(member.name, method, PASSED, note=f"{entries} entries in {shapes} shapes")


def _vanishes(gap: sp.Expr) -> bool:
    """Whether an entry's difference is zero for all numbers and every function phi.

    The values that phi and its slope take at given points are free, so they count as symbols, and
    what remains is a polynomial: zero exactly if it expands to 0.
    """
    gap = sp.expand(gap)
    return bool(sp.expand(gap.xreplace({v: sp.Dummy() for v in gap.atoms(Phi, PhiSlope)})) == 0)


def large_shapes(axes: Sequence[str]) -> list[Sizes]:
    """The shapes of a sample: a given one, and some drawn by PCG64 from the seed 0."""
    import numpy as np

    draw = np.random.Generator(np.random.PCG64(0))
    drawn = draw.integers(max(SMALL) + 1, LARGEST, size=(DRAWN, len(axes)), endpoint=True)
    chosen = [LARGE, *(tuple(map(int, sizes)) for sizes in drawn)]
    return [dict(zip(axes, sizes, strict=False)) for sizes in chosen]


@dataclass(frozen=True)
class ShapeSample(_OnShapes):
    """Arb evaluates both sides at larger shapes; derivatives are power-series coefficients.

    It shares nothing with the proof but the statement itself.
    """

    proves: ClassVar[bool] = False

    def covers(self, statement: Statement) -> frozenset[str]:
        """None by itself: a sample supports a proof and replaces none."""
        return frozenset()

    def check(self, statement: Statement) -> list[Row]:
        """One row for each statement about shapes."""
        return [self._row(member) for member in self._chosen(statement)]

    def _row(self, member: ForShapes) -> Row:
        method = "Arb: both sides at larger shapes"
        entries, worst, where, shapes = 0, 0.0, "", large_shapes(member.axes)
        domain = "; ".join(map(_shown, shapes))
        for sizes in shapes:
            size, gap, bad = _sampled(member, sizes)
            if bad is not None:
                row = Row(member.name, method, FAILED, max(size, 1), domain=_shown(sizes))
                return replace(row, **bad)
            entries += size
            if gap >= worst:
                worst, where = gap, _shown(sizes)
        status = PASSED if worst < 2.0**-200 else INCONCLUSIVE
        return Row(member.name, method, status, entries, worst, "absolute", where, domain=domain)


def _sampled(member: ForShapes, sizes: Sizes) -> tuple[int, float, dict[str, Any] | None]:
    """How many entries one shape has, the largest difference, and what is wrong, if anything."""
    from gradmath.verify import balls

    with balls.precision(256, 2):
        left, right = _sides(member, member.build(ball_system(), sizes))
        index = _first_difference(left, right, lambda gap: not gap.contains(0))
        if index == ():
            return 0, 0.0, {"note": "the shapes do not fit"}
        worst = max(float(abs(gap).upper()) for gap in (left - right).flat)
        if index is None:
            return left.size, worst, None
        wrong = {"where": f"entry {_entry(index)}", "worst": worst, "unit": "absolute"}
        return left.size, worst, wrong | {"got": str(left[index]), "expected": str(right[index])}
