"""What every reader of SymPy expressions shares: the order of operands, and conditions.

Expressions are gone through once, operands before what is made of them, without recursion on their
depth.  A condition is read into a function that decides it, given what decides a comparison.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence
from typing import Any

import sympy
from sympy.core.relational import Relational
from sympy.logic.boolalg import BooleanAtom, BooleanFunction

from gradmath.errors import EquationError

#: the signs of left - right with which a relation holds
_ACCEPTED: dict[type, frozenset[int]] = {
    sympy.StrictLessThan: frozenset({-1}),
    sympy.LessThan: frozenset({-1, 0}),
    sympy.StrictGreaterThan: frozenset({1}),
    sympy.GreaterThan: frozenset({0, 1}),
    sympy.Equality: frozenset({0}),
    sympy.Unequality: frozenset({-1, 1}),
}


def operands_first(
    root: sympy.Basic,
    operands: Callable[[Any], Sequence[sympy.Basic]],
    known: Container[sympy.Basic] = (),
) -> Iterator[tuple[Any, Sequence[sympy.Basic]]]:
    """Every node of an expression once, with its operands, which come before it.

    What is in `known`, then or later, is left out.
    """
    done: set[sympy.Basic] = set()
    stack: list[tuple[sympy.Basic, bool]] = [(root, False)]
    while stack:
        node, ready = stack.pop()
        if node in done or node in known:
            continue
        below = operands(node)
        if not ready and below:
            stack.append((node, True))
            stack.extend((o, False) for o in below if o not in done and o not in known)
            continue
        done.add(node)
        yield node, below


def condition[**Run](
    node: sympy.Basic, sign: Callable[[Any, Any], Callable[Run, int]]
) -> Callable[Run, bool]:
    """What decides a condition in a run; `sign(left, right)` gives the sign of left - right.

    Raises `EquationError` for a condition that is not made of comparisons and and, or, not.
    """
    if isinstance(node, BooleanAtom):
        return lambda *_, **__: bool(node)
    if isinstance(node, Relational):
        compare, accepted = sign(node.lhs, node.rhs), _ACCEPTED[type(node)]
        return lambda *run, **named: compare(*run, **named) in accepted
    if isinstance(node, BooleanFunction):
        parts = [condition(part, sign) for part in node.args]
        if isinstance(node, sympy.And):
            return lambda *run, **named: all(part(*run, **named) for part in parts)
        if isinstance(node, sympy.Or):
            return lambda *run, **named: any(part(*run, **named) for part in parts)
        if isinstance(node, sympy.Not):
            return lambda *run, **named: not parts[0](*run, **named)
        if isinstance(node, sympy.ITE):
            return lambda *run, **named: parts[1 if parts[0](*run, **named) else 2](*run, **named)
    raise EquationError("condition", got=str(node), allowed="<, <=, >, >=, =, != and and, or, not")
