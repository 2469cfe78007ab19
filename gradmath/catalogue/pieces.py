"""Functions made of smooth pieces: splitting a definition at its kinks, and putting it together.

A definition may hold `Piecewise`, `Abs`, `Max`, `Min` and `sign`.  Between two neighbouring kinks
each of these takes one branch throughout, so that the definition is there one smooth expression,
which SymPy differentiates without delta functions.  The branch is found at one exact rational
point inside the interval; that no further breakpoint hides in it is what `breakpoints` is for.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

from sympy import Abs, Expr, Max, Min, Piecewise, Rational, S, Symbol, sign
from sympy.core.relational import Relational, StrictLessThan


def resolve(expression: Expr, at: Mapping[Symbol, Expr]) -> Expr:
    """`expression` with each `Piecewise`, `Abs`, `Max`, `Min`, `sign` replaced by its branch `at`.

    >>> from sympy import Symbol, Abs, Integer
    >>> z = Symbol("z", real=True)
    >>> resolve(z / (1 + Abs(z)), {z: Integer(-1)})
    z/(1 - z)
    """
    if isinstance(expression, Piecewise):
        for value, condition in expression.args:
            if condition.subs(at) == S.true:
                return resolve(value, at)
        return S.NaN
    if not expression.args:
        return expression
    args = [resolve(arg, at) for arg in expression.args]
    if isinstance(expression, Abs):
        return args[0] if args[0].subs(at) >= 0 else -args[0]
    if isinstance(expression, sign):
        return sign(args[0].subs(at))
    if isinstance(expression, (Max, Min)):
        choose = max if isinstance(expression, Max) else min
        return choose(args, key=lambda arg: arg.subs(at))
    return expression.func(*args)


def branches(expression: Expr) -> bool:
    """Whether the expression holds a function with branches."""
    return bool(expression.has(Piecewise, Abs, Max, Min, sign))


def breakpoints(expression: Expr, variable: Symbol) -> list[Expr] | None:
    """Every value of `variable` at which a branch of `expression` may change, unordered.

    `None` when a condition is not linear in the variable, so that its roots are not evident.
    """
    gaps: list[Expr] = []
    for node in expression.atoms(Abs, sign):
        gaps.append(node.args[0])
    for node in expression.atoms(Max, Min):
        gaps += [a - b for i, a in enumerate(node.args) for b in node.args[:i]]
    for node in expression.atoms(Piecewise):
        for condition in (pair[1] for pair in node.args):
            gaps += [relation.lhs - relation.rhs for relation in condition.atoms(Relational)]
    points: list[Expr] = []
    for gap in _branches(gaps):
        if not gap.has(variable):
            continue
        slope = gap.diff(variable)
        if slope.has(variable) or slope == 0:
            return None
        point = (-gap.subs(variable, 0) / slope).expand()
        if point not in points:
            points.append(point)
    return points


def _branches(gaps: Sequence[Expr]) -> list[Expr]:
    """Each gap with every |h| in it replaced by h and by -h, every Max and Min by its arguments."""
    todo, done = list(gaps), []
    while todo:
        gap = todo.pop()
        nodes = gap.atoms(Abs, Max, Min)
        if not nodes:
            done.append(gap)
            continue
        node = next(iter(nodes))
        h = node.args[0]
        ways = (h, -h) if isinstance(node, Abs) else node.args
        todo += [gap.xreplace({node: way}) for way in ways]
    return done


def split(
    expression: Expr, variable: Symbol, points: Sequence[Expr], sample: Mapping[Symbol, Expr]
) -> tuple[Expr, ...]:
    """The smooth pieces of `expression` between `points`, which must ascend at `sample`."""
    numbers = [point.subs(sample) for point in points]
    if not numbers:
        probes = [S.Half]
    else:
        middles = [(a + b) / 2 for a, b in itertools.pairwise(numbers)]
        probes = [numbers[0] - 1, *middles, numbers[-1] + 1]
    return tuple(resolve(expression, {**sample, variable: probe}) for probe in probes)


def join(
    pieces: Sequence[Expr], variable: Symbol, points: Sequence[Expr], weights: Sequence[Expr]
) -> Expr:
    """One expression from `pieces`; at `points[i]` it is (1 - w) left + w right, w = weights[i].

    A `Piecewise` whose last branch holds "otherwise"; equal neighbours are merged.
    """
    branches: list[tuple[Expr, object]] = []
    for index, (point, weight) in enumerate(zip(points, weights, strict=True)):
        left, right = pieces[index], pieces[index + 1]
        at_left, at_right = left.subs(variable, point), right.subs(variable, point)
        value = ((1 - weight) * at_left + weight * at_right) if weight not in (0, 1) else None
        if value is None:
            value = at_right if weight == 1 else at_left
        if value == at_right:
            branches.append((left, StrictLessThan(variable, point)))
        elif value == at_left:
            branches.append((left, variable <= point))
        else:
            branches.append((left, StrictLessThan(variable, point)))
            branches.append((value, variable <= point))
    merged: list[tuple[Expr, object]] = []
    for value, condition in [*branches, (pieces[-1], True)]:
        if merged and merged[-1][0] == value:
            merged.pop()
        merged.append((value, condition))
    return merged[0][0] if len(merged) == 1 else Piecewise(*merged)


def undeclared_jumps(
    expression: Expr,
    variable: Symbol,
    declared: Sequence[Expr],
    sample: Mapping[Symbol, Expr],
    orders: Sequence[int],
) -> list[tuple[Expr, str]] | None:
    """Breakpoints beside the declared ones at which a derivative of one of `orders` jumps.

    `None` where the breakpoints are not evident.
    """
    candidates = breakpoints(expression, variable)
    if candidates is None:
        return None
    hidden = [point for point in candidates if point not in declared]
    if not hidden:
        return []
    points = sorted({*declared, *hidden}, key=lambda point: point.subs(sample))
    parts = split(expression, variable, points, sample)
    found = []
    for index, point in enumerate(points):
        left, right = parts[index : index + 2]
        if point in declared or left == right:
            continue
        for order in orders:
            one, other = (
                part.diff(variable, order).subs(variable, point) for part in (left, right)
            )
            if not agree(one, other):
                found.append((point, f"the derivative of order {order}: {one} and {other}"))
    return found


def agree(one: Expr, other: Expr) -> bool:
    """Whether two values agree: by structure, else to 30 digits at two values of their symbols.

    This guards against slips of the pen at import, where `simplify` would be too slow.
    """
    if one == other:
        return True
    gap = one - other
    symbols = sorted(gap.free_symbols, key=str)
    return all(
        abs(gap.subs({s: Rational(3 + i, base) for i, s in enumerate(symbols)}).evalf(30))
        < Rational(1, 10**25)
        for base in (7, 11)
    )
