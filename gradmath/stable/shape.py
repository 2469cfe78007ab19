"""What a function of one variable looks like: its smooth pieces, a shift, a symmetry."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr, Rational, S, Symbol, simplify

from gradmath.catalogue import pieces


@dataclass(frozen=True)
class Shape:
    """Smooth `parts` between ascending `breaks`, with the exact value `at` each break."""

    variable: Symbol
    breaks: tuple[Expr, ...]
    parts: tuple[Expr, ...]
    at: tuple[Expr, ...]

    def shifted(self) -> tuple[Expr, Shape] | None:
        """(o, the same function of z - o), where the other symbol o enters in no other way."""
        z = self.variable
        things = (*self.parts, *self.breaks)
        others = sorted(set().union(*(e.free_symbols for e in things)) - {z}, key=str)
        for other in others:
            moved = [part.xreplace({z: z + other}).expand() for part in self.parts]
            breaks = [(point - other).expand() for point in self.breaks]
            if not any(thing.has(other) for thing in (*moved, *breaks)):
                return other, Shape(z, tuple(breaks), tuple(moved), self.at)
        return None

    def parity(self) -> int:
        """1 for an even function with a break at 0 or beside it, -1 for an odd one, else 0."""
        if not self.breaks:
            return 0
        mirrored = [(-point).expand() for point in reversed(self.breaks)]
        if mirrored != list(self.breaks):
            return 0
        z = self.variable
        flipped = [part.subs(z, -z) for part in reversed(self.parts)]
        for parity in (1, -1):
            if all(_same(p, parity * f) for p, f in zip(self.parts, flipped, strict=True)):
                return parity
        return 0

    def right_half(self) -> Shape:
        """The part at z > 0, for a function whose breaks are symmetric."""
        count = sum(1 for point in self.breaks if point != 0) // 2
        cut = len(self.breaks) - count
        return Shape(
            self.variable, self.breaks[cut:], self.parts[len(self.parts) - count - 1 :],
            self.at[cut:],
        )  # fmt: skip


def _same(one: Expr, other: Expr) -> bool:
    if one == other:
        return True
    gap = one - other
    return not differs(gap) and simplify(gap) == 0


def differs(gap: Expr) -> bool:
    """Whether `gap` is certainly not 0 everywhere: at one point it is seen to be another number.

    That is soon found, where a proof that fails takes its time.
    """
    symbols = sorted(gap.free_symbols, key=str)
    point = {s: Rational(3 + 2 * n, 7) for n, s in enumerate(symbols)}
    value = gap.subs(point).evalf(30)
    return bool(value.is_number and value.is_finite and abs(value) > _CERTAINLY)


#: far above what is left of 0 where 30 digits were asked for
_CERTAINLY = Rational(1, 10**9)


def ordered(points: list[Expr]) -> list[Expr] | None:
    """The points in ascending order, each once; None where SymPy cannot tell the order."""
    result: list[Expr] = []
    for point in points:
        index = 0
        while index < len(result):
            gap = point - result[index]
            if gap == 0 or gap.is_zero:
                break
            if gap.is_negative:
                result.insert(index, point)
                break
            if not gap.is_positive:
                return None
            index += 1
        else:
            result.append(point)
    return result


def read(expression: Expr, z: Symbol) -> Shape | None:
    """The shape of `expression`; None where the order of its breaks is not known."""
    found = pieces.breakpoints(expression, z)
    if found is None:
        return None
    breaks = ordered(found)
    if breaks is None:
        return None
    others = expression.free_symbols - {z}
    sample: dict[Symbol, Expr] = {s: S.One if s.is_positive else Rational(1, 3) for s in others}
    parts = pieces.split(expression, z, breaks, sample)
    if any(part is S.NaN for part in parts):
        return None
    at = tuple(expression.subs(z, point) for point in breaks)
    kept = [
        i for i, point in enumerate(breaks)
        if not (parts[i] == parts[i + 1] and parts[i].subs(z, point) == at[i])
    ]  # fmt: skip
    return Shape(
        z,
        tuple(breaks[i] for i in kept),
        (*tuple(parts[i] for i in kept), parts[-1]),
        tuple(at[i] for i in kept),
    )


def continues(part: Expr, neighbour: Expr, edge: Expr, at: Expr, z: Symbol) -> bool:
    """Whether the constant `part` carries on from its curved neighbour, as if z were clamped."""
    if part.has(z) or not neighbour.has(z) or at != part:
        return False
    return bool((neighbour.subs(z, edge) - part).expand() == 0)
