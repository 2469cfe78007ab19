"""Functions made of smooth pieces: splitting a definition at its kinks, and putting it together.

A definition may hold `Piecewise`, `Abs`, `Max`, `Min` and `sign`.  Between two neighbouring kinks
each of these takes one branch throughout, so that the definition is there one smooth expression,
which SymPy differentiates without delta functions.  The branch is found at one exact rational
point inside the interval; that no further breakpoint hides in it is what `breakpoints` is for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sympy import Abs, Expr, Max, Min, Piecewise, S, Symbol, sign
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
        middles = [(a + b) / 2 for a, b in zip(numbers, numbers[1:], strict=False)]
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
