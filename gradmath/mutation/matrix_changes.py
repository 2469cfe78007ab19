"""Changes that a person might make in one matrix line: what was planted, and what became of it.

A change is an operator, words, and the expression it leads to.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from typing import Any

import sympy as sp
from sympy.matrices.exceptions import ShapeError

from gradmath.catalogue.applied import explicit
from gradmath.derivation import NetworkDerivation
from gradmath.derivation.matrices import Entrywise
from gradmath.mutation.expressions import TAIL, branches
from gradmath.verify.operators import Operator

MatrixChange = tuple[Operator, str, Any]
Made = tuple[Operator, str, Callable[[], Any]]
Put = Callable[[Any], Any]


def changes(
    derivation: NetworkDerivation, expression: Any, batch: int, most: int
) -> Iterator[MatrixChange]:
    """Mistakes in an expression, at most `most` of each operator; misfits are left out."""
    size = {derivation.symbols["n"]: sp.Integer(batch)}
    own = expression.xreplace(size)
    seen, counts = {own}, dict.fromkeys(Operator, 0)
    found = (*_means(expression, derivation.symbols["n"]), *_all(derivation, own, size))
    for operator, what, make in found:
        if counts[operator] >= most:
            continue
        try:
            changed = make().xreplace(size)
        except (ShapeError, ValueError):  # the shapes do not fit: no formula
            continue
        if changed not in seen:
            seen.add(changed)
            counts[operator] += 1
            yield operator, what, changed


def _means(expression: Any, n: Any) -> Iterator[Made]:
    """The 1/n left out where it stands, and put where a sum over the samples is meant."""
    if expression.has(1 / n):
        yield Operator.MISSING_MEAN, "no 1/n", lambda: expression.xreplace({1 / n: sp.S.One})
        yield Operator.SUM_FOR_MEAN, "n for 1/n", lambda: expression.xreplace({1 / n: n})
    elif expression.has(n):
        yield Operator.SUM_FOR_MEAN, "a mean for the sum", lambda: expression / n


def _all(derivation: NetworkDerivation, own: Any, size: Any) -> Iterator[Made]:
    yield Operator.FLIPPED_SIGN, "the whole", lambda: -own
    yield Operator.DOUBLED_FACTOR, "2", lambda: 2 * own
    if not own.is_Matrix:
        return
    yield Operator.TRANSPOSED, "the whole", lambda: sp.Transpose(own)
    same = _same_shape(derivation, size)
    for node, put in _nodes(own):
        for operator, what, make in _at(node, same):
            yield operator, what, functools.partial(_made, put, make)


def _made(put: Put, make: Callable[[], Any]) -> Any:
    return put(make())


def _same_shape(derivation: NetworkDerivation, size: Any) -> dict[Any, list[Any]]:
    """For each matrix those of the same letter, and of the same shape, in the layers beside it."""
    deltas = {
        f"delta{k}": sp.MatrixSymbol(f"delta{k}", *derivation.symbols[f"z{k}"].shape)
        for k in range(1, derivation.depth + 1)
    }
    matrices = {**derivation.symbols, **deltas}
    found: dict[Any, list[Any]] = {}
    for name, matrix in matrices.items():
        numbered = re.fullmatch(r"([A-Za-z]+)(\d+)", name)
        if numbered is None:
            continue
        here = matrix.xreplace(size)
        beside = (f"{numbered[1]}{int(numbered[2]) + step}" for step in (-1, 1))
        others = [matrices[other].xreplace(size) for other in beside if other in matrices]
        if name == "a1":
            others.append(matrices["x"].xreplace(size))
        found[here] = [other for other in others if other.shape == here.shape]
    return found


def _nodes(e: Any) -> Iterator[tuple[Any, Put]]:
    """Every matrix in an expression from the outside in, and how to put another in its place."""
    waiting: list[tuple[Any, Put]] = [(e, lambda new: new)]
    while waiting:
        node, put = waiting.pop(0)
        yield node, put
        if isinstance(node, sp.MatrixSymbol):
            continue
        for k, argument in enumerate(node.args):
            if getattr(argument, "is_Matrix", False):
                waiting.append((argument, _putting(node, k, put)))


def _putting(node: Any, k: int, put: Put) -> Put:
    def putting(new: Any) -> Any:
        arguments = (*node.args[:k], new, *node.args[k + 1 :])
        return put(node.func(*arguments))

    return putting


def _at(node: Any, same: dict[Any, list[Any]]) -> Iterator[Made]:
    if isinstance(node, sp.MatMul):
        yield from _product(node)
    elif isinstance(node, sp.HadamardProduct):
        for k, factor in enumerate(node.args):
            rest = [a for n, a in enumerate(node.args) if n != k]
            slope = isinstance(factor, Entrywise)
            dropped = Operator.DROPPED_CHAIN_FACTOR if slope else Operator.LOST_FACTOR
            yield dropped, str(factor), functools.partial(_joined, sp.HadamardProduct, rest)
            twice = [*node.args, factor]
            double = functools.partial(_joined, sp.HadamardProduct, twice)
            yield Operator.DOUBLED_FACTOR, str(factor), double
    elif isinstance(node, sp.MatAdd):
        for k, term in enumerate(node.args):
            rest = [a for n, a in enumerate(node.args) if n != k]
            lost = Operator.LOST_SKIP_PATH if _is_skip(node, term) else Operator.LOST_TERM
            yield lost, str(term), functools.partial(_joined, sp.MatAdd, rest)
            turned = [*rest, -term]
            flipped = functools.partial(_joined, sp.MatAdd, turned)
            yield Operator.FLIPPED_SIGN, f"of {term}", flipped
    elif isinstance(node, sp.Transpose):
        yield Operator.TRANSPOSED, str(node), lambda: node.arg
    elif isinstance(node, Entrywise):
        yield from _function(node, same)
    elif isinstance(node, sp.MatrixSymbol):
        yield Operator.TRANSPOSED, str(node), lambda: sp.Transpose(node)
        for other in same.get(node, ()):
            yield Operator.WRONG_LAYER, f"{other} for {node}", functools.partial(_itself, other)
        if node.name[0] == "W" and node.rows == node.cols:
            yield Operator.DEFAULTS_ONLY, f"{node} = 1", lambda: sp.Identity(node.rows)
        if node.name[0] == "b":
            yield Operator.DEFAULTS_ONLY, f"{node} = 0", lambda: sp.ZeroMatrix(*node.shape)


def _is_skip(node: sp.MatAdd, term: Any) -> bool:
    """Whether a term is the identity path: a_(k-1) in a_(k-1) + phi(z_k), g_k in g_k + delta_k W_k.

    It stands alone and first; in a - y, the slope of a loss, the other term is but a number times
    a matrix.
    """
    alone = isinstance(term, sp.MatrixSymbol) and term is node.args[0]
    return alone and not any(
        isinstance(a, sp.MatMul) and len(a.as_coeff_matrices()[1]) == 1 for a in node.args
    )


def _itself(matrix: Any) -> Any:
    return matrix


def _joined(kind: Any, parts: list[Any]) -> Any:
    return parts[0] if len(parts) == 1 else kind(*parts)


def _product(node: sp.MatMul) -> Iterator[Made]:
    number, matrices = node.as_coeff_matrices()
    for k, factor in enumerate(matrices):
        rest = [m for n, m in enumerate(matrices) if n != k]
        link = isinstance(factor, sp.MatrixSymbol) and factor.name[0] == "W"
        dropped = Operator.DROPPED_CHAIN_FACTOR if link else Operator.LOST_FACTOR
        if rest:
            lost = functools.partial(_times, number, rest)
            yield dropped, str(factor), lost
    if number != 1:
        yield Operator.LOST_FACTOR, str(number), functools.partial(_times, sp.S.One, matrices)
    if len(matrices) > 1:
        turned = list(reversed(matrices))
        yield Operator.REORDERED, str(node), functools.partial(_times, number, turned)


def _times(number: sp.Expr, matrices: list[Any]) -> Any:
    return number * _joined(sp.MatMul, list(matrices))


def _function(node: Entrywise, same: dict[Any, list[Any]]) -> Iterator[Made]:
    """A catalogue function taken at another matrix, in another branch, or wrong in a tail."""
    argument, *rest = node.args
    if any(node.function.orders):
        layer = re.fullmatch(r"z(\d+)", str(argument))
        if layer is not None:
            after = sp.MatrixSymbol(f"a{layer[1]}", *argument.shape)
            moved = node.func(after, *rest)
            yield Operator.WRONG_PLACE, f"{moved} for {node}", lambda: moved
        for other in same.get(argument, ()):
            yield Operator.WRONG_PLACE, f"at {other}", functools.partial(node.func, other, *rest)
    place = sp.Symbol("z", real=True)
    scalars = [sp.Symbol(f"t{n}", real=True) if a.is_Matrix else a for n, a in enumerate(rest)]
    call = explicit(node.function(place, *scalars))
    slots = (place, *scalars)
    if isinstance(call, sp.Piecewise):
        for operator, what, changed in branches(call):
            yield operator, what, functools.partial(applied, node, slots, changed)
    for words, wrong in (("0", sp.S.Zero), ("twice", 2 * call)):
        far = sp.Piecewise((wrong, sp.Abs(place) > TAIL), (call, True))
        what = f"{words} for |{argument}| > {TAIL}"
        yield Operator.TAIL_ONLY, what, functools.partial(applied, node, slots, far)


def applied(node: Entrywise, slots: tuple[Any, ...], body: sp.Expr) -> Any:
    """The entries' function replaced by a formula in the slots."""

    def function(*arguments: Any) -> sp.Expr:
        return body.xreplace(dict(zip(slots, arguments, strict=True)))

    made = type("EntrywiseChanged", (Entrywise,), {"function": staticmethod(function)})
    return made(*node.args)
