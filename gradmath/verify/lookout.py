"""Where equations are looked at: ordinary points, some far out, and some on declared kinks.

Few ordinary points say nothing of a tail, where functions saturate and gradients vanish, and none
of them lies on a kink, where the derivative is what was declared.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final

import sympy
from flint import arb

from gradmath.catalogue.applied import explicit
from gradmath.errors import GradmathError
from gradmath.verify import balls, tape
from gradmath.verify.oracle import LIMIT
from gradmath.verify.tally import place

_BITS = 256
#: how many candidates are drawn for each point that is wanted
_TRIES: Final = 8
#: this many further points have all their numbers positive
_SAME_SIGN: Final = 2
#: points far out, and points on kinks, at most
_FAR: Final = 18
_ON_KINKS: Final = 8
_SIZES: Final = (30.0, -45.5, 90.25, -300.125, 690.75, -715.5)
_NEAR: Final = (0.6875, -1.15625, 1.59375)

Point = dict[str, Any]


@dataclass
class View:
    """Equations at one point: their sweeps, by precision."""

    at: Point
    recorded: tape.Tape
    sharp: tape.Swept
    _finer: dict[int, tape.Swept] = field(default_factory=dict)

    @functools.cached_property
    def where(self) -> str:
        """The point, for a reader."""
        return place(self.at)

    def swept(self, bits: int) -> tape.Swept:
        """The sweep at a precision, which is FLINT's present one; the first is sharp anyway."""
        if not self._finer:
            self._finer[bits] = self.sharp
        if bits not in self._finer:
            self._finer[bits] = tape.sweep(self.recorded, self.at)
        return self._finer[bits]


@dataclass(frozen=True)
class Undecided:
    """A point at which the sweep gave no answer, and why."""

    at: Point
    reason: str


@dataclass(frozen=True)
class Lookout:
    """The points looked at, how many lay outside the domain, and what else is to be said."""

    views: tuple[View | Undecided, ...]
    left_out: int
    note: str


def looked_at(derivation: Any, count: int) -> Lookout:
    """Sweep the equations at `count` ordinary points, far out and on kinks.

    A point far out, or on a kink, at which there is no answer is not counted, but said.
    """
    return _looked_at(
        tuple(derivation.equations.items()), tuple(derivation.symbols.items()),
        tuple(derivation.inputs), count,
    )  # fmt: skip


@dataclass(frozen=True)
class _Equations:
    """What a point is made for: the equations, their symbols and inputs."""

    equations: Mapping[str, sympy.Expr]
    symbols: Mapping[str, sympy.Symbol]
    inputs: tuple[str, ...]


@functools.lru_cache(maxsize=16)
def _looked_at(
    equations: tuple[tuple[str, sympy.Expr], ...],
    symbols: tuple[tuple[str, sympy.Symbol], ...],
    inputs: tuple[str, ...],
    count: int,
) -> Lookout:
    given = _Equations(dict(equations), dict(symbols), inputs)
    recorded = tape.record(given.equations, given.symbols)
    sweep = functools.partial(sharp_sweep, recorded)
    ordinary = list(points_for(given, _TRIES * count))
    found, left_out = inside(ordinary, sweep, count)
    # few points may all lie on the flat side of a kink such as max(w*x, 0): add some of one sign
    more, more_left_out = inside(
        map(_moduli, ordinary[: min(count, _SAME_SIGN)]), sweep, _SAME_SIGN
    )
    views: list[View | Undecided] = [
        Undecided(at, str(swept)) if isinstance(swept, GradmathError) else View(at, recorded, swept)
        for at, swept in found + more
    ]
    silent = 0
    for at in (*far_points(given, _FAR), *kink_points(given, ordinary)):
        try:
            views.append(View(at, recorded, sweep(at)))
        except GradmathError:
            silent += 1
    note = f"{silent} of the points far out or on kinks without an answer" if silent else ""
    return Lookout(tuple(views), left_out + more_left_out, note)


def kink_points(derivation: Any, ordinary: Iterable[Point]) -> Iterator[Point]:
    """Points at which the argument of a catalogue function lies exactly on a declared kink.

    An input that enters the argument linearly is set to what takes it there, where that is a
    rational number.
    """
    bases = [_rational(at) for at in list(ordinary)[:2]]
    made = 0
    inner: dict[sympy.Symbol, sympy.Expr] = {}
    for name, right in derivation.equations.items():
        for gap in _gaps(right):
            for base in bases:
                at = _landed(derivation, explicit(gap).xreplace(inner), base)
                if at is not None and made < _ON_KINKS:
                    made += 1
                    yield at
        inner[derivation.symbols[name]] = explicit(right).xreplace(inner)


def own_kinks(derivation: Any, of: str) -> tuple[View, ...]:
    """One equation alone, its names free, with the argument of a function exactly on a kink.

    A kink may be out of reach of the inputs, as a = y is where a = tanh(z) and y are rational.
    """
    right = derivation.equations[of]
    names = tuple(
        (name, symbol)
        for name, symbol in derivation.symbols.items()
        if symbol in right.free_symbols or name == of
    )
    return _own_kinks(of, right, names)


@functools.lru_cache(maxsize=256)
def _own_kinks(
    of: str, right: sympy.Expr, names: tuple[tuple[str, sympy.Symbol], ...]
) -> tuple[View, ...]:
    inputs = tuple(name for name, symbol in names if symbol in right.free_symbols)
    alone = _Equations({of: right}, dict(names), inputs)
    recorded = tape.record(alone.equations, alone.symbols)
    base = {name: _NEAR[m % len(_NEAR)] for m, name in enumerate(inputs)}
    found = []
    for gap in _gaps(right):
        at = _landed(alone, explicit(gap), _rational(base))
        try:
            found += [] if at is None else [View(at, recorded, sharp_sweep(recorded, at))]
        except GradmathError:  # no derivative there, as where max(a, b) is a tie
            continue
    return tuple(found[:_ON_KINKS])


def _gaps(right: sympy.Expr) -> Iterator[sympy.Expr]:
    """For each call of a function with kinks, its argument less each location."""
    calls = (node for node in sympy.preorder_traversal(right) if getattr(node, "entry", None))
    for call in calls:
        values = dict(zip(call.entry.arguments, call.args, strict=True))
        for location in call.entry.kinks:
            yield call.args[0] - sympy.sympify(location).xreplace(values)


def _rational(at: Point) -> dict[str, sympy.Rational]:
    fractions = {name: Fraction(x) for name, x in at.items()}
    return {name: sympy.Rational(x.numerator, x.denominator) for name, x in fractions.items()}


def _landed(derivation: Any, gap: sympy.Expr, base: Mapping[str, sympy.Rational]) -> Point | None:
    """The base with one input changed so that the gap is 0, or None."""
    for name in derivation.inputs:
        symbol = derivation.symbols[name]
        if not gap.has(symbol):
            continue
        others = {derivation.symbols[n]: x for n, x in base.items() if n != name}
        line = sympy.expand(gap.xreplace(others))
        slope = line.coeff(symbol, 1)
        rest = line - slope * symbol
        if slope.is_Rational and slope != 0 and rest.is_Rational:
            solved = -rest / slope
            if symbol.is_nonnegative and solved < 0:
                continue
            changed = {**base, name: solved}
            return {n: Fraction(int(x.p), int(x.q)) for n, x in changed.items()}
    return None


def far_points(derivation: Any, count: int) -> Iterator[Point]:
    """Some inputs far out, the others not: where functions saturate and gradients vanish.

    At most `count` points, and every input is far out in one or more of them, on both sides where
    there are two; of many inputs, some go together.
    """
    inputs = derivation.inputs
    groups = min(len(inputs), max(count // 2, 1))
    each = min(len(_SIZES), count // max(groups, 1))
    for group in range(groups):
        for size in ((_SIZES * 2)[group % len(_SIZES) :])[:each]:
            yield {
                name: fitting(
                    derivation.symbols[name],
                    size if m % groups == group else _NEAR[(m + group) % len(_NEAR)],
                )
                for m, name in enumerate(inputs)
            }


def points_for(derivation: Any, count: int) -> Iterator[Point]:
    """Deterministic points without a pattern, growing in size."""
    golden = (5**0.5 - 1) / 2
    for n in range(count):
        scale = (1.0, 0.25, 3.0, 1.0, 12.0)[n % 5]
        yield {
            name: fitting(
                derivation.symbols[name], scale * (2 * ((golden * (17 * n + m + 1)) % 1.0) - 1)
            )
            for m, name in enumerate(derivation.inputs)
        }


def inside[Answer](
    candidates: Iterable[Point], evaluate: Callable[[Point], Answer], count: int
) -> tuple[list[tuple[Point, Answer | GradmathError]], int]:
    """Up to `count` points at which the definition has a value, and how many were left out.

    A point outside the domain (the logarithm of a negative number, a tie of a maximum) is left out
    and the same point with all its numbers positive is tried in its stead.  A point that the oracle
    cannot decide is kept, with the reason.
    """
    found: list[tuple[Point, Answer | GradmathError]] = []
    left_out = 0
    for candidate in candidates:
        if len(found) >= count:
            break
        for at in (candidate, _moduli(candidate)):
            try:
                found.append((at, evaluate(at)))
                break
            except balls.UndefinedHere:
                left_out += at is candidate
            except GradmathError as error:
                found.append((at, error))
                break
    return found, left_out


def _moduli(at: Point) -> Point:
    return {name: abs(x) for name, x in at.items()}


def fitting(symbol: sympy.Symbol, x: float) -> float:
    """`x`, or its modulus where the symbol is not negative."""
    return abs(x) if symbol.is_nonnegative else x


def sharp_sweep(recorded: tape.Tape, at: Mapping[str, object]) -> tape.Swept:
    """Sweep at rising precision until every adjoint is sharp."""
    bits = _BITS
    while True:
        try:
            with balls.precision(bits, 3):
                swept = tape.sweep(recorded, at)
                if all(map(_sharp, (*swept.values, *swept.adjoints))):
                    return swept
        except balls.Undecided:
            if 2 * bits > LIMIT:
                raise
        bits *= 2
        if bits > LIMIT:
            raise balls.Undecided("sweep", got=f"balls too wide at {LIMIT} bits")


def _sharp(x: Any) -> bool:
    ball = balls.real(balls.coefficients(x, 1)[0])
    return bool(
        ball.is_finite()
        and (ball.rel_accuracy_bits() > 100 or abs(ball) < arb(2) ** -1200 or ball.is_zero())
    )
