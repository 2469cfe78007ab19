"""Splitting the real line where Piecewise, Abs, Max, Min and sign change their branch.

Between two neighbouring breakpoints the expression is one smooth expression.  Each open interval is
described by a positive symbol t (z = b + t to the right of b, z = a - t to the left of a,
z = (a + b t)/(1 + t) between), so that SymPy decides every branch from t > 0 alone.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sympy
from sympy import Abs, Expr, Max, Min, Piecewise, Symbol, sign
from sympy.core.relational import Relational

from gradmath.errors import GradmathError

_FACTORED = 100  # conditions larger than this are taken as they stand

BRANCHING = (Abs, Max, Min, Piecewise, sign)


class NotSplit(GradmathError):
    """The breakpoints cannot be found or ordered."""


@dataclass(frozen=True)
class Case:
    """One part of the line: the variable's value there, and what the expression becomes.

    `point` is True where the part is a single breakpoint; `at` holds the symbols whose values are
    fixed there.
    """

    description: str
    expression: Expr
    point: bool = False
    at: tuple[tuple[Symbol, Expr], ...] = ()


def branches(expression: Expr) -> bool:
    """Whether the expression has heads whose branches must be split."""
    return bool(expression.has(*BRANCHING))


def split(expression: Expr, with_points: bool = True, end: float = math.inf) -> list[Case]:
    """The parts of the line of the first symbol that a branch depends on.

    An expression without branches is one case.  Parts in which another symbol still decides a
    branch are split again.  Raises `NotSplit` where that cannot be done, or not before the time
    `end` of `time.monotonic`.
    """
    if not branches(expression):
        return [Case("", expression)]
    reason = NotSplit("expression", got=expression, allowed="conditions linear in one symbol")
    # A symbol without a sign of its own first: its whole line belongs to the domain.
    for variable in sorted(expression.free_symbols, key=lambda s: (_has_sign(s), str(s))):
        try:
            found = _ordered(breakpoints(expression, variable))
            if found:
                return list(_joined(expression, variable, found, with_points, end))
        except NotSplit as error:
            reason = error
    raise reason


def _has_sign(symbol: Symbol) -> bool:
    return bool(symbol.is_nonnegative or symbol.is_nonpositive)


def _joined(
    expression: Expr, variable: Symbol, points: Sequence[Expr], with_points: bool, end: float
) -> Iterator[Case]:
    for part in _parts(expression, variable, points):
        if time.monotonic() > end:
            raise NotSplit("time", got=f"{len(points)} breakpoints", allowed="fewer, or more time")
        if with_points or not part.point:
            for inner in split(part.expression, with_points, end):
                description = ", ".join(filter(None, (part.description, inner.description)))
                at = (*part.at, *inner.at)
                yield Case(description, inner.expression, part.point or inner.point, at)


def breakpoints(expression: Expr, variable: Symbol) -> list[Expr]:
    """The values of `variable` at which a branch may change; none if a condition is not linear."""
    found: list[Expr] = []
    for gap in _gaps(expression):
        for plain in _open_moduli(gap):
            if not plain.has(variable):
                continue
            slope = plain.diff(variable)
            if slope.has(variable) or not slope.is_nonzero:
                return []
            point = sympy.expand(-plain.subs(variable, 0) / slope)
            if point not in found:
                found.append(point)
    return found


def _gaps(expression: Expr) -> Iterator[Expr]:
    """The quantities whose sign decides a branch, those that hold further branches left out.

    What they hold is split first; they come up again in the parts.
    """
    for gap in _all_gaps(expression):
        if not gap.has(Piecewise, sign):
            yield gap


def _all_gaps(expression: Expr) -> Iterator[Expr]:
    for node in expression.atoms(Abs, sign):
        yield node.args[0]
    for node in expression.atoms(Max, Min):
        for n, one in enumerate(node.args):
            yield from (one - other for other in node.args[:n])
    for node in expression.atoms(Piecewise):
        for _, condition in node.args:
            for relation in condition.atoms(Relational):
                yield relation.lhs - relation.rhs


def _open_moduli(gap: Expr) -> list[Expr]:
    """`gap` with each |u| as u and as -u, and each Max, Min as each of its arguments."""
    todo, done = [gap], []
    while todo:
        e = todo.pop()
        inner = [n for n in e.atoms(Abs, Max, Min) if not any(branches(a) for a in n.args)]
        if not inner:
            done.append(e)
            continue
        node = inner[0]
        choices = [node.args[0], -node.args[0]] if isinstance(node, Abs) else node.args
        todo.extend(e.xreplace({node: choice}) for choice in choices)
    return done


def _ordered(points: Sequence[Expr]) -> list[Expr]:
    """The points in ascending order, decided by SymPy's assumptions."""
    ordered: list[Expr] = []
    for point in points:
        place = 0
        while place < len(ordered):
            gap = sympy.expand(point - ordered[place])
            if gap.is_positive:
                place += 1
            elif gap.is_negative:
                break
            else:
                raise NotSplit(
                    "breakpoints", got=f"{point} and {ordered[place]}", allowed="ordered"
                )
        ordered.insert(place, point)
    return ordered


def _parts(expression: Expr, variable: Symbol, points: Sequence[Expr]) -> Iterator[Case]:
    t = sympy.Dummy("t", positive=True)
    yield Case(f"{variable} < {points[0]}", _put(expression, variable, points[0] - t))
    for n, point in enumerate(points):
        put = _put(expression, variable, point)
        yield Case(f"{variable} = {point}", put, point=True, at=((variable, point),))
        if n + 1 < len(points):
            right = points[n + 1]
            inside = point + (right - point) * t / (1 + t)
            yield Case(f"{point} < {variable} < {right}", _put(expression, variable, inside))
    yield Case(f"{variable} > {points[-1]}", _put(expression, variable, points[-1] + t))


def _put(expression: Expr, variable: Symbol, value: Expr) -> Expr:
    return sympy.sympify(_decide(expression.subs(variable, value)))


def _decide(e: Expr) -> Expr:
    """Decide what is left of the branches from the sign of expanded differences."""
    for _ in range(e.count_ops() + 1):
        if not branches(e):
            return e
        inner = [n for n in e.atoms(*BRANCHING) if not any(branches(a) for a in n.args)]
        table = {n: chosen for n in inner if (chosen := _chosen(n)) is not None}
        if not table:
            return e
        e = e.xreplace(table)
    return e


def _chosen(node: Expr) -> Expr | None:
    if isinstance(node, Abs | sign):
        s = _sign(node.args[0])
        if s is None:
            return None
        return sympy.Integer(s) if isinstance(node, sign) else s * node.args[0]
    if isinstance(node, Max | Min):
        best = node.args[0]
        for other in node.args[1:]:
            s = _sign(other - best)
            if s is None:
                return None
            if s == (1 if isinstance(node, Max) else -1):
                best = other
        return best
    for value, condition in node.args:
        holds = _holds(condition)
        if holds is None:
            return None
        if holds:
            return value
    return sympy.nan


def _holds(condition: sympy.Basic) -> bool | None:
    if condition in (sympy.true, sympy.false):
        return bool(condition)
    table = {}
    for relation in condition.atoms(Relational):
        s = _sign(relation.lhs - relation.rhs)
        if s is None:
            return None
        # a SymPy boolean, which is not Python's
        table[relation] = sympy.true if relation.func(s, 0) == True else sympy.false  # noqa: E712
    decided = condition.xreplace(table)
    return bool(decided) if decided in (sympy.true, sympy.false) else None


def _sign(e: Expr) -> int | None:
    forms = [lambda: e]
    if e.count_ops() <= _FACTORED:
        forms += [lambda: sympy.expand(e), lambda: sympy.factor(sympy.together(e))]
    for make in forms:
        form = make()
        if form.is_zero:
            return 0
        if form.is_positive:
            return 1
        if form.is_negative:
            return -1
    return None
