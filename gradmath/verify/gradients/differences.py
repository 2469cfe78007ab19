"""A function of numbers along directions, and its slope there from its values alone.

The complex step is taken where the code is analytic and works on complex numbers; else Ridders'
extrapolated differences.  Both say how far they may be off.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from gradmath.errors import GradmathError, KinkError
from gradmath.verify import numeric
from gradmath.verify.gradients import pointwise
from gradmath.verify.gradients.blame import is_ours
from gradmath.verify.gradients.claims import leaves
from gradmath.verify.gradients.functions import Code
from gradmath.verify.gradients.intervals import REALS
from gradmath.verify.gradients.places import Point, Sequence32
from gradmath.verify.gradients.question import Question
from gradmath.verify.numeric import Estimate
from gradmath.verify.tally import Tally, quiet
from gradmath.verify.ulps import FORMATS

#: an estimate decides if its error is below this share of the value
_DECIDES: Final = 1e-5
#: differences are not trusted to be better than this, relative
_SHARPEST: Final = 1e-6
#: the first steps of the differences, in shares of the room that there is, and of the place
_SHARES: Final = (2.0**-3, 2.0**-11, 2.0**-19)
#: by how much a Taylor remainder that does not fall is looked at more closely
_NARROWER: Final = (1.0, 2.0**-8, 2.0**-16)
#: values so close together, in shares of the place, show how much rounding there is in them
_CLOSE, _VALUES = 2.0**-26, 9
#: so many entries are looked at one by one; of more, so many directions besides
_ENTRIES, _DIRECTIONS = 48, 4
#: a remainder may fall a little more slowly than h^2 before it is one that falls like h
_STEEP: Final = 0.6


@dataclass
class Found:
    """What differences say of the gradient by one name."""

    tally: Tally
    kinks: Tally
    slopes: Tally
    undecided: int = 0
    first: str = ""
    sure: float = 0.0
    methods: set[str] = field(default_factory=set)


class NotAsked(GradmathError, ValueError):
    """Differences have no answer to this kind of question."""


class Values:
    """The function of one argument at a point, along directions."""

    def __init__(self, question: Question, point: Point, by: str) -> None:
        if question.order != 1:
            raise NotAsked("second derivatives of a function that cannot be traced")
        assert isinstance(question.formula, Code)
        self.code, self.point, self.by = question.formula, point, by
        self.reduction = question.reduction
        self.domain = question.places.domains.get(by, REALS)
        names = [name for name in point for _ in pointwise.numbers_in({name: point[name]})]
        self.own = [n for n, name in enumerate(names) if name == by]
        self.entries = [x for _, x in pointwise.numbers_in({by: point[by]})]
        self.count = len(self.entries)
        first = np.asarray(leaves(self.code.call(point), 0.0)[0])
        if np.iscomplexobj(first):
            raise NotAsked("the function has complex values: give one with real values")
        self.epsilon = self._precision()
        if first.size > 1 and self.reduction is None and first.size != self.count:
            raise NotAsked(f"the function gives {first.size} values: say reduction='sum' or 'mean'")
        self.divided = first.size if self.reduction == "mean" else 1

    def _precision(self) -> float:
        """Epsilon of the type in which the function answers."""
        output = self.code.call(self.point)
        name = str(getattr(output, "dtype", "float64")).rpartition(".")[2]
        return FORMATS[name].epsilon if name in FORMATS else FORMATS["float64"].epsilon

    def along(self, direction: Sequence[float]) -> Callable[[Any], Any]:
        """t -> the sum of the values at the point moved by t along a direction."""

        def at(t: Any) -> Any:
            point = self.point
            moved = {
                entry: x + t * d
                for entry, x, d in zip(self.own, self.entries, direction, strict=True)
                if d
            }
            point = pointwise.replaced(point, moved)
            values = leaves(self.code.call(point), 0.0)[0]
            if any(isinstance(v, complex) for v in values):
                return sum(values) / self.divided
            return math.fsum(float(v) for v in values) / self.divided

        return at

    def scale(self, direction: Sequence[float]) -> float:
        """The size of what moves: 1 where all of it is 0."""
        moving = [abs(x) for x, d in zip(self.entries, direction, strict=True) if d]
        return max(moving, default=0.0) or 1.0

    def directions(self) -> Iterator[tuple[str, list[float], float]]:
        """Entries one by one, and directions through all of them; how far each may be followed."""
        shape = pointwise.shape_of(self.point[self.by])
        step = max(1, -(-self.count // _ENTRIES))
        for n in range(0, self.count, step):
            unit = [float(m == n) for m in range(self.count)]
            yield pointwise.where(self.point, self.by, n, shape), unit, self._limit([n])
        if self.count > 1:
            draw = Sequence32(self.count)
            for number in range(_DIRECTIONS):
                weights = [draw.next() for _ in range(self.count)]
                yield f"direction {number + 1}", weights, self._limit(range(self.count))

    def _limit(self, entries: Sequence[int] | range) -> float:
        """The largest step that stays inside the domain."""
        room = [
            min(self.entries[n] - self.domain.low, self.domain.high - self.entries[n], 1.0)
            for n in entries
        ]
        return max(min(room), 0.0)


def compare(
    found: Found,
    value: Values,
    direction: Sequence[float],
    limit: float,
    claim: Estimate,
    where: str,
) -> None:
    """Hold a claimed slope along a direction against the one that the values show."""
    claimed = claim.value
    if limit <= 0:
        return  # on the edge of the domain there is no room for a difference
    function = value.along(direction)
    try:
        scale = min(value.scale(direction), limit)
        noisy = quiet(_noise, function, scale, value.epsilon)
        estimate, method, step = quiet(_estimate, function, limit, value.epsilon, scale, noisy)
    except KinkError:
        quiet(_kink, found, function, scale * 2.0**-16, claimed, where)
        return
    # what is examined is anyone's code, and may raise anything at all
    except Exception as error:
        if is_ours(error):
            raise
        found.undecided += 1
        found.first = found.first or f"{where}: {type(error).__name__}: {error}"
        return
    found.methods.add(method)
    off = abs(claimed - estimate.value)
    share = off / estimate.error if estimate.error else (0.0 if off == 0 else math.inf)
    room = 4 * estimate.error + 16 * (value.epsilon * abs(estimate.value) + claim.error)
    room += _SHARPEST * abs(estimate.value)  # error estimates are estimates themselves
    if not math.isfinite(claimed) or off > room:
        found.tally.add(False, share, where, claimed, f"{estimate.value!r} +- {estimate.error:.1g}")
    elif room <= _DECIDES * abs(estimate.value) or (
        value.epsilon > 1e-10 and room <= 1e-2 * abs(estimate.value)
    ):
        found.sure = max(found.sure, room / abs(estimate.value))
        found.tally.add(True, share, where, claimed, repr(estimate.value))
        return
    else:
        found.undecided += 1
        found.first = found.first or (
            f"{where}: differences give {estimate.value:.3g} +- {estimate.error:.1g}, "
            f"claimed {claimed:.3g}"
        )
    # what differences have found right is not asked again
    _remainder(found, function, claimed, step, noisy, where)


def _remainder(
    found: Found,
    function: Callable[[Any], Any],
    claimed: float,
    step: float,
    epsilon: float,
    where: str,
) -> None:
    """The remainder f(x + h) - f(x) - h g must fall like h^2, or faster."""
    if not math.isfinite(claimed):
        return
    # where wide steps reach over a kink, narrow ones do not: only what fails for all has failed
    last = None
    for scale in _NARROWER:
        try:
            slope = quiet(numeric.taylor_slope, function, claimed, step * scale, epsilon)
        except GradmathError:
            return  # values that are not finite: the differences say so
        if slope is None:
            return
        below, last = max(0.0, 2.0 - slope.order), slope
        if below < _STEEP or slope.off <= _SHARPEST * abs(claimed):
            found.slopes.add(True, 0.0, where, f"order {slope.order:.2f}", "order 2")
            return
    if last is not None:
        found.slopes.add(
            False, max(0.0, 2.0 - last.order), where, f"order {last.order:.2f}", "order 2"
        )


def _estimate(
    function: Callable[[Any], Any], limit: float, epsilon: float, scale: float, noisy: float
) -> tuple[Estimate, str, float]:
    """An estimate, how it was found, and a step up to which the function is smooth.

    Differences whose first steps reach over a kink may still be sure of themselves.  So they are
    taken again with much smaller ones, and the widest that agree with all narrower ones count.
    """
    if epsilon < 1e-10:
        try:
            return numeric.complex_step(function, 0.0, scale), "complex step", limit / 8
        # most code takes no complex numbers, and says so in its own way
        except Exception:  # noqa: BLE001
            pass
    steps = sorted({size * share for size in (limit, scale) for share in _SHARES}, reverse=True)
    found: list[tuple[Estimate, float]] = []
    for step in steps:
        try:
            found.append((numeric.difference(function, 0.0, step, noisy), step))
        except KinkError:
            if step == steps[-1]:  # not beside a kink, but on it
                raise
    for n, (wide, _) in enumerate(found):
        if found[n + 1 :] and all(_agree(wide, narrow) for narrow, _ in found[n + 1 :]):
            break
    else:  # nothing narrower agrees with anything: a kink may be closer than the narrowest step
        wide = Estimate(wide.value, math.inf)
    if len(found) < len(steps) and wide.error > _SHARPEST * abs(wide.value):
        wide = Estimate(wide.value, math.inf)  # beside a kink, differences drift slowly
    return wide, "Ridders' differences", found[n][1]


def _noise(function: Callable[[Any], Any], scale: float, epsilon: float) -> float:
    """The share of a value that rounding may be, by the differences of neighbouring values.

    Where a library cancels inside, as log(1 + t) does for a small t, this is more than the epsilon
    of the type.  Fourth differences leave of a smooth function nothing but its rounding.
    """
    values = np.array([float(function(n * scale * _CLOSE)) for n in range(_VALUES)])
    size = float(np.max(np.abs(values)))
    if not math.isfinite(size) or size == 0:
        return epsilon
    spread = float(np.max(np.abs(np.diff(values, 4)))) / math.sqrt(70)
    return max(epsilon, min(4 * spread / size, 1.0))


def _agree(wide: Estimate, narrow: Estimate) -> bool:
    """Whether two estimates may be one number; a narrow one lost in rounding says nothing."""
    lost = narrow.error > 1e-2 * abs(narrow.value) and narrow.error > 10 * wide.error
    return lost or abs(wide.value - narrow.value) <= 4 * (wide.error + narrow.error)


def _kink(
    found: Found, function: Callable[[Any], Any], h: float, claimed: float, where: str
) -> None:
    """At a kink every value between the one-sided slopes is accepted."""
    here = function(0.0)
    slopes = sorted([(function(h) - here) / h, (here - function(-h)) / h])
    slack = 1e-3 * (abs(slopes[0]) + abs(slopes[1]))
    ok = slopes[0] - slack <= claimed <= slopes[1] + slack
    found.kinks.add(ok, 0.0 if ok else math.inf, where, claimed, f"any value in {slopes}")
