"""Mistakes in a formula: every place of an expression where an operator can be applied.

An expression is changed in one place at a time, and nothing is evaluated beyond what SymPy does
when it builds the parts again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sympy as sp

from gradmath.catalogue.applied import AppliedFunction
from gradmath.verify.operators import Operator

#: how many places of a kind are changed in one expression
MOST = 2
#: where a tail begins for mistakes that are planted in tails only
TAIL = 20

Change = tuple[Operator, str, sp.Expr]


@dataclass(frozen=True)
class Context:
    """What a name may be mistaken for.

    places: the names that a derivative may be taken at by mistake.  neighbours: for a name, those
    of the layers before and after.  defaults: names and the value each is likely to have by habit.
    tails: the names that can go far out.
    """

    places: Sequence[sp.Symbol] = ()
    neighbours: Mapping[sp.Symbol, Sequence[sp.Symbol]] = field(default_factory=dict)
    defaults: Mapping[sp.Symbol, int] = field(default_factory=dict)
    tails: Collection[sp.Symbol] = ()


def changes(expression: sp.Expr, context: Context, most: int = MOST) -> Iterator[Change]:
    """Every change of `expression`, at most `most` of an operator, no result twice."""
    seen = {expression}
    counts: dict[Operator, int] = {}
    for operator, what, changed in _all(expression, context):
        if changed in seen or counts.get(operator, 0) >= most or changed.has(sp.nan, sp.zoo):
            continue
        seen.add(changed)
        counts[operator] = counts.get(operator, 0) + 1
        yield operator, what, changed


def _all(e: sp.Expr, context: Context) -> Iterator[Change]:
    yield Operator.FLIPPED_SIGN, "the whole", -e
    yield Operator.DOUBLED_FACTOR, "2", 2 * e
    for node, put in nodes(e):
        for operator, what, changed in _at(node, context):
            yield operator, what, put(changed)
    yield from _defaults(e, context)
    yield from _tails(e, context)


def nodes(e: sp.Expr) -> Iterator[tuple[sp.Expr, Callable[[sp.Expr], sp.Expr]]]:
    """Every part of an expression from the outside in, with a function that puts another there.

    The inside of functions defined by cases is left alone, and so are exponents.
    """
    waiting: list[tuple[sp.Expr, Callable[[sp.Expr], sp.Expr]]] = [(e, lambda new: new)]
    while waiting:
        node, put = waiting.pop(0)
        yield node, put
        if isinstance(node, sp.Piecewise | sp.Derivative) or node.is_Atom:
            continue
        for k, argument in enumerate(node.args):
            if isinstance(node, sp.Pow) and k == 1:
                continue
            if isinstance(argument, sp.Expr):
                waiting.append((argument, _putting(node, k, put)))


def _putting(
    node: sp.Expr, k: int, put: Callable[[sp.Expr], sp.Expr]
) -> Callable[[sp.Expr], sp.Expr]:
    return lambda new: put(node.func(*node.args[:k], new, *node.args[k + 1 :]))


def _at(node: sp.Expr, context: Context) -> Iterator[Change]:
    if isinstance(node, sp.Mul):
        yield from _product(node)
    elif isinstance(node, sp.Add):
        yield from _sum(node)
    elif isinstance(node, sp.Pow) and node.exp.is_Rational and node.exp not in (0, 1):
        yield Operator.LOST_FACTOR, f"one {node.base}", node.base ** (node.exp - 1)
        yield Operator.DOUBLED_FACTOR, f"one {node.base} more", node.base ** (node.exp + 1)
    elif isinstance(node, AppliedFunction):
        yield from _function(node, context)
    elif isinstance(node, sp.Piecewise):
        yield from branches(node)
    elif isinstance(node, sp.Heaviside):
        yield Operator.WRONG_BRANCH, f"the other side of {node}", 1 - node
    elif isinstance(node, sp.sign):
        yield Operator.WRONG_BRANCH, f"the other side of {node}", -node
    elif isinstance(node, sp.Max | sp.Min):
        other = sp.Min if isinstance(node, sp.Max) else sp.Max
        yield Operator.WRONG_BRANCH, f"{other.__name__} for {node.func}", other(*node.args)
    elif node.is_Symbol:
        for other in context.neighbours.get(node, ()):
            yield Operator.WRONG_LAYER, f"{other} for {node}", other


def is_slope(e: sp.Expr) -> bool:
    """Whether an expression is the derivative of a catalogue function: one link of a chain."""
    return isinstance(e, AppliedFunction) and any(e.orders)


def _product(node: sp.Mul) -> Iterator[Change]:
    for k, factor in enumerate(node.args):
        rest = sp.Mul(*node.args[:k], *node.args[k + 1 :])
        dropped = Operator.DROPPED_CHAIN_FACTOR if is_slope(factor) else Operator.LOST_FACTOR
        yield dropped, str(factor), rest
        if not factor.is_number:
            yield Operator.DOUBLED_FACTOR, str(factor), node * factor


def _sum(node: sp.Add) -> Iterator[Change]:
    for k, term in enumerate(node.args):
        others = (*node.args[:k], *node.args[k + 1 :])
        yield Operator.FLIPPED_SIGN, f"of {term}", sp.Add(*others, -term)
        path = any(is_slope(factor) for factor in sp.Mul.make_args(term))
        lost = Operator.DROPPED_CHAIN_FACTOR if path else Operator.LOST_TERM
        yield lost, str(term), sp.Add(*others)


def _function(node: Any, context: Context) -> Iterator[Change]:
    if any(node.orders):
        for other in context.places:
            if other not in node.args:
                moved = node.func(other, *node.args[1:])
                yield Operator.WRONG_PLACE, f"{moved} for {node}", moved
    written = node.explicit()
    if isinstance(written, sp.Piecewise):
        yield from branches(written)


def branches(node: sp.Piecewise) -> Iterator[Change]:
    """The pieces of a function exchanged, and each of them taken everywhere."""
    pieces, conditions = zip(*node.args, strict=True)
    if len(set(pieces)) < 2:
        return
    turned = sp.Piecewise(*zip(reversed(pieces), conditions, strict=True))
    yield Operator.WRONG_BRANCH, "branches exchanged", turned
    for piece in dict.fromkeys(pieces):
        yield Operator.WRONG_BRANCH, f"{piece} everywhere", piece


def _defaults(e: sp.Expr, context: Context) -> Iterator[Change]:
    for name, habit in context.defaults.items():
        if name in e.free_symbols:
            yield Operator.DEFAULTS_ONLY, f"{name} = {habit}", e.xreplace({name: sp.Integer(habit)})


def _tails(e: sp.Expr, context: Context) -> Iterator[Change]:
    """Zero, or twice the value, beyond a bound on an argument of a function (else on a name)."""
    inner = {call.args[0] for call in e.atoms(AppliedFunction)} & set(context.tails)
    for name in sorted(inner or e.free_symbols & set(context.tails), key=str):
        far = sp.Abs(name) > TAIL
        for words, wrong in (("0", sp.S.Zero), ("twice", 2 * e)):
            what = f"{words} for |{name}| > {TAIL}"
            yield Operator.TAIL_ONLY, what, sp.Piecewise((wrong, far), (e, True))
