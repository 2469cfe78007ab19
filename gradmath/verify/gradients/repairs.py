"""A claim that would be right with one thing put back: the mistake is what was put back.

Names are exchanged, a matrix is transposed, a product of matrices reordered; if the claim is then
the true derivative at every point looked at, that was the mistake.  Of an expression every place is
tried; of code its arguments, and the products of matrices that it makes as it runs.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import sympy
from flint import arb

from gradmath.errors import GradmathError
from gradmath.verify import balls
from gradmath.verify.gradients.altered import MOST_PRODUCTS, altered
from gradmath.verify.gradients.claims import Claim
from gradmath.verify.gradients.functions import Code, Equations, Formula
from gradmath.verify.gradients.number import Number, Undefined
from gradmath.verify.gradients.pairs import CLOSE, Pair, named
from gradmath.verify.gradients.question import VALUE, Question
from gradmath.verify.gradients.running import run
from gradmath.verify.gradients.truth import Shape
from gradmath.verify.operators import Operator
from gradmath.verify.oracle import Ball

#: at so many points a repaired claim must be right, and with so many bits
_POINTS, _LEAST, _BITS = 4, 2, 512
#: so many repairs are tried, and of so many names pairs are exchanged
_MOST, _NAMES = 120, 8


@dataclass(frozen=True)
class _Repair:
    """What was wrong if this puts it right: an operator, in words, and the claim's value after."""

    operator: Operator
    words: str
    value: Callable[[dict[str, Any], Any], Any]


def repaired(question: Question, claim: Claim, shape: Shape, pairs: Sequence[Pair]) -> str:
    """One sentence naming what has to be put back, or nothing."""
    looked_at = [pair for pair in pairs if _tells(pair)][:_POINTS]
    if len(looked_at) < _LEAST:
        return ""
    for repair in itertools.islice(_repairs(question, claim, looked_at[0]), _MOST):
        if all(_is_right(question, claim, shape, pair, repair) for pair in looked_at):
            return named(repair.operator, repair.words)
    return ""


def _tells(pair: Pair) -> bool:
    """Whether a point shows the difference: known everywhere, and wrong somewhere."""
    known = all(isinstance(a, Ball) and a.kind != "tiny" for a in (*pair.true, *pair.said))
    return known and any(r is None or abs(r - 1) > CLOSE for r in pair.ratios())


def _is_right(question: Question, claim: Claim, shape: Shape, pair: Pair, repair: _Repair) -> bool:
    template = pair.point.get(claim.name.partition(",")[0], 0.0)
    try:
        with balls.precision(_BITS):
            traced = run(question.formula, pair.point, tuple(pair.point), names_only=True)
            output = repair.value({**traced.copies(), **traced.middle}, traced.trace)
            entries = claim.entries(output, template, shape.whole)
            said = [_ball(entry, traced.trace) for entry in entries]
            return all(_close(a, b.arb) for a, b in zip(said, pair.true, strict=True))
    except GradmathError:  # the shapes do not fit, or it has no value
        return False


def _ball(entry: Any, trace: Any) -> arb:
    if isinstance(entry, Number):
        if isinstance(entry.value, Undefined):
            raise entry.value.error
        return balls.real(balls.coefficients(entry.value, 1)[0])
    return balls.real(trace.constant(entry))


def _close(said: arb, true: arb) -> bool:
    return bool(abs(said - true) <= abs(true) * arb(CLOSE)) or bool(abs(said - true) < 1e-300)


def _repairs(question: Question, claim: Claim, pair: Pair) -> Iterator[_Repair]:
    formula = claim.formula
    if isinstance(formula, Equations):
        expression = formula.equations[VALUE]
        yield from _in_expression(expression)  # B A for A B is an order, and no mix-up of names
        yield from _exchanged_symbols(expression)
    elif isinstance(formula, Code):
        yield from _exchanged_arguments(formula, pair)
        yield from _transposed_arguments(formula, pair)
        yield from _products(formula)


# -- expressions ------------------------------------------------------------------------------


def _by(expression: Any) -> Callable[[dict[str, Any], Any], Any]:
    made: Formula | None = None

    def value(names: dict[str, Any], trace: Any) -> Any:
        nonlocal made
        made = made or Equations({VALUE: expression})
        return made.run(names, trace)

    return value


def _exchanged_symbols(expression: Any) -> Iterator[_Repair]:
    kinds = sympy.Symbol | sympy.MatrixSymbol
    free = sorted((s for s in expression.free_symbols if isinstance(s, kinds)), key=str)
    for a, b in itertools.combinations(free[:_NAMES], 2):
        if getattr(a, "shape", ()) == getattr(b, "shape", ()):
            changed = expression.xreplace({a: b, b: a})
            yield _Repair(_operator(a.name, b.name), f"{a} and {b} exchanged", _by(changed))


def _operator(a: str, b: str) -> Operator:
    """W1 for W2 is of another layer; w for x stands in another place."""
    return (
        Operator.WRONG_LAYER if a.rstrip("0123456789") == b.rstrip("0123456789")
        else Operator.WRONG_PLACE
    )  # fmt: skip


def _in_expression(expression: Any) -> Iterator[_Repair]:
    """Every matrix transposed, and every product in another order."""
    for node, put in _matrices(expression):
        turned = node.arg if isinstance(node, sympy.Transpose) else sympy.Transpose(node)
        if node is not expression:
            yield from _tried(Operator.TRANSPOSED, f"{node} in place of {turned}", put, turned)
        if isinstance(node, sympy.MatMul):
            number, factors = node.as_coeff_matrices()
            for k in range(len(factors) - 1):
                order = [*factors[:k], factors[k + 1], factors[k], *factors[k + 2 :]]
                words = f"{factors[k]} and {factors[k + 1]} multiplied in the wrong order"
                yield from _tried(Operator.REORDERED, words, put, None, number, order)


def _tried(
    operator: Operator, words: str, put: Any, new: Any, number: Any = 1, order: Any = ()
) -> Iterator[_Repair]:
    try:
        changed = put(new if not order else number * sympy.MatMul(*order))
    except (ValueError, TypeError):  # SymPy's errors on shapes that do not fit
        return
    yield _Repair(operator, words, _by(changed))


def _matrices(expression: Any) -> Iterator[tuple[Any, Callable[[Any], Any]]]:
    """Every matrix in an expression from the outside in, and how to put another in its place."""
    waiting: list[tuple[Any, Callable[[Any], Any]]] = [(expression, lambda new: new)]
    while waiting:
        node, put = waiting.pop(0)
        if getattr(node, "is_Matrix", False):
            yield node, put
        if isinstance(node, sympy.MatrixSymbol):
            continue
        for k, argument in enumerate(node.args):
            if getattr(argument, "args", ()) or isinstance(argument, sympy.MatrixSymbol):
                waiting.append((argument, _putting(node, k, put)))


def _putting(node: Any, k: int, put: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda new: put(node.func(*node.args[:k], new, *node.args[k + 1 :]))


# -- code -------------------------------------------------------------------------------------


def _exchanged_arguments(code: Code, pair: Pair) -> Iterator[_Repair]:
    for a, b in itertools.combinations(code.takes[:_NAMES], 2):
        if _shape(pair, a) == _shape(pair, b) is not None:
            yield _Repair(
                _operator(a, b), f"{a} and {b} exchanged",
                lambda names, trace, a=a, b=b: code.run(  # type: ignore[misc]  # mypy infers no type for the defaults
                    {**names, a: names[b], b: names[a]}, trace
                ),
            )  # fmt: skip


def _transposed_arguments(code: Code, pair: Pair) -> Iterator[_Repair]:
    for name in code.takes[:_NAMES]:
        if len(_shape(pair, name) or ()) == 2:
            yield _Repair(
                Operator.TRANSPOSED, f"{name} transposed",
                lambda names, trace, name=name: code.run(  # type: ignore[misc]  # mypy infers no type for the defaults
                    {**names, name: names[name].T}, trace
                ),
            )  # fmt: skip


def _shape(pair: Pair, name: str) -> tuple[int, ...] | None:
    value = pair.point.get(name)
    return np.shape(value) if isinstance(value, np.ndarray | float) else None


def _products(code: Code) -> Iterator[_Repair]:
    """Each product of matrices that the code makes, with its factors turned or exchanged."""
    for number in range(MOST_PRODUCTS):
        for how, operator, words in _ALTERED:
            yield _Repair(
                operator, f"{words} in product {number + 1} of matrices",
                lambda names, trace, number=number, how=how: _with_altered(  # type: ignore[misc]  # mypy infers no type for the defaults
                    code, number, how, names, trace
                ),
            )  # fmt: skip


_ALTERED: Final = (
    ("reversed", Operator.REORDERED, "the factors in the wrong order"),
    ("left", Operator.TRANSPOSED, "the left factor transposed"),
    ("right", Operator.TRANSPOSED, "the right factor transposed"),
)


def _with_altered(code: Code, number: int, how: str, names: dict[str, Any], trace: Any) -> Any:
    with altered(number, how) as alteration:
        found = code.run(names, trace)
    if not alteration.done:
        raise GradmathError("product", got=f"fewer than {number + 1} products of matrices")
    return found
