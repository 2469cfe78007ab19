"""Mistakes in the matrix lines of a network's derivation.

What does not multiply, because the shapes do not fit, is no formula and is not counted; a square
network lets transposed, exchanged and misplaced matrices fit.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from typing import Any

import sympy as sp
from flint import arb
from sympy.matrices.exceptions import ShapeError
from sympy.matrices.expressions.matexpr import MatrixElement

from gradmath.catalogue.applied import explicit
from gradmath.derivation import NetworkDerivation, Step
from gradmath.derivation.matrices import Entrywise, RowwiseGradient
from gradmath.errors import GradmathError
from gradmath.mutation.expressions import MOST, TAIL, branches
from gradmath.mutation.forward import Forward, apart, within
from gradmath.mutation.named import Changed, with_line, written
from gradmath.mutation.outcome import Mutant
from gradmath.mutation.points import points
from gradmath.verify.network_lines import derivation_rows
from gradmath.verify.operators import Operator
from gradmath.verify.report import FAILED, Row
from gradmath.verify.symbolic import prove_zero

MatrixChange = tuple[Operator, str, Any]
Put = Callable[[Any], Any]
_SECONDS = 5.0


def mutants(derivation: NetworkDerivation, batch: int, most: int = MOST) -> Iterator[Mutant]:
    """Mistakes in every line, for a batch of this size, and in the gradients given out."""
    scalars = Scalars(derivation, batch)
    for place, step in enumerate(derivation.steps):
        for operator, what, changed in _changes(derivation, step.expression, batch, most):
            yield Mutant(
                operator,
                f"{step.kind} line {step.name}: {what}",
                with_line(derivation, place, changed),
                functools.partial(_shown, scalars, step, changed),
                functools.partial(_equal, scalars, step.expression, changed),
            )
        yield from _at_kinks(derivation, scalars, place, step)
    lines = frozenset(n for n, step in enumerate(derivation.steps) if step.kind == "gradient")
    for name in derivation.wrt:
        own = derivation.gradient[name]
        line = Step("gradient", "L", name, own, (), "")
        for operator, what, changed in _changes(derivation, own, batch, 1):
            table = {other: derivation.gradient[other] for other in derivation.wrt}
            yield Mutant(
                operator,
                f"gradient[{name!r}]: {what}",
                Changed(derivation, gradient={**table, name: changed}, changed_lines=lines),
                functools.partial(_shown, scalars, line, changed),
                functools.partial(_equal, scalars, own, changed),
            )


def check(batch: int) -> Callable[[Changed], list[Row]]:
    """Verify a derivation with one line changed: that line, and if it passes, everything."""

    def rows(changed: Changed) -> list[Row]:
        found = derivation_rows(changed, batch, lines=changed.changed_lines)
        if any(row.status == FAILED for row in found):
            return found
        return derivation_rows(changed, batch)

    return rows


# -- changes ----------------------------------------------------------------------------------


def _changes(
    derivation: NetworkDerivation, expression: Any, batch: int, most: int
) -> Iterator[MatrixChange]:
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


Made = tuple[Operator, str, Callable[[], Any]]


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
            yield Operator.LOST_TERM, str(term), functools.partial(_joined, sp.MatAdd, rest)
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
            yield operator, what, functools.partial(_applied, node, slots, changed)
    for words, wrong in (("0", sp.S.Zero), ("twice", 2 * call)):
        far = sp.Piecewise((wrong, sp.Abs(place) > TAIL), (call, True))
        what = f"{words} for |{argument}| > {TAIL}"
        yield Operator.TAIL_ONLY, what, functools.partial(_applied, node, slots, far)


def _applied(node: Entrywise, slots: tuple[Any, ...], body: sp.Expr) -> Any:
    """The entries' function replaced by a formula in the slots."""

    def function(*arguments: Any) -> sp.Expr:
        return body.xreplace(dict(zip(slots, arguments, strict=True)))

    made = type("EntrywiseChanged", (Entrywise,), {"function": staticmethod(function)})
    return made(*node.args)


def _at_kinks(
    derivation: NetworkDerivation, scalars: Scalars, place: int, step: Step
) -> Iterator[Mutant]:
    """At a kink, and only there, the slope of the other side."""
    if step.kind != "local" or step.of == "L":
        return
    chosen = derivation.network.layers[int(step.of[1:]) - 1].activation
    values = dict(zip(chosen.entry.parameters, chosen.values, strict=True))
    z = sp.Symbol("z", real=True)
    for location, kink in chosen.entry.kinks.items():
        here = sp.sympify(location).xreplace(values)
        declared = sp.sympify(kink.returned).xreplace(values)
        sides = [sp.sympify(side).xreplace(values) for side in (kink.left, kink.right)]
        for side in dict.fromkeys(sides):
            if side == declared or kink.order != 1 or not here.is_Rational:
                continue
            node = step.expression.xreplace({derivation.symbols["n"]: sp.Integer(scalars.batch)})
            own = explicit(node.function(z, *chosen.values))
            body = sp.Piecewise((side, sp.Eq(z, here)), (own, True))
            changed = _applied(node, (z, *chosen.values), body)
            words = f"{side} against the declared {declared} at {here}"
            yield Mutant(
                Operator.WRONG_SIDE_OF_KINK,
                f"local line {step.name}: {side} at {here}",
                with_line(derivation, place, changed),
                functools.partial(str, words),
                lambda: False,
            )


# -- counterexamples --------------------------------------------------------------------------


class Scalars:
    """A network written out in numbers: one equation for each entry of each matrix."""

    def __init__(self, derivation: NetworkDerivation, batch: int) -> None:
        self.derivation, self.batch = derivation, batch
        self.size = {derivation.symbols["n"]: sp.Integer(batch)}
        self.equations: dict[sp.Symbol, sp.Expr] = {}
        self.inputs: list[sp.Symbol] = []
        for name in derivation.inputs:
            self.inputs += self.entries(derivation.symbols[name].xreplace(self.size))
        for name, right in derivation.equations.items():
            whole = right.xreplace(self.size)
            if not whole.is_Matrix:
                self.equations[sp.Symbol(name, real=True)] = self.scalar(whole.doit())
                continue
            for number, right_entry in enumerate(self.written_out(right)):
                self.equations[entry(name, *divmod(number, whole.cols))] = right_entry
        biases = [symbol for symbol in self.inputs if symbol.name.startswith("b")]
        self.points = list(points(self.inputs, biases))

    @staticmethod
    def entries(matrix: Any) -> list[sp.Symbol]:
        """The symbols of all entries of a matrix."""
        return [entry(matrix.name, i, j) for i in range(matrix.rows) for j in range(matrix.cols)]

    def scalar(self, expression: sp.Expr) -> sp.Expr:
        """An expression in entries of matrices, in the symbols of these entries."""
        found = expression.atoms(MatrixElement)
        return expression.xreplace({e: entry(str(e.parent), int(e.i), int(e.j)) for e in found})

    def written_out(self, expression: Any) -> list[sp.Expr]:
        """The entries of a line, row by row."""
        whole = expression.xreplace(self.size)
        return list(_table(whole)) if whole.is_Matrix else [self.scalar(whole.doit())]

    def shape(self, expression: Any) -> tuple[int, ...]:
        """The shape of a line."""
        whole = expression.xreplace(self.size)
        return tuple(map(int, whole.shape)) if whole.is_Matrix else ()


def _table(e: Any) -> sp.Matrix:
    """The entries of a matrix expression, in the symbols of the entries of what it names."""
    rows, columns = map(int, e.shape)
    if isinstance(e, sp.MatrixSymbol):
        return sp.Matrix(rows, columns, lambda i, j: entry(e.name, i, j))
    if isinstance(e, sp.Transpose):
        return _table(e.arg).T
    if isinstance(e, sp.MatMul):
        number, matrices = e.as_coeff_matrices()
        return functools.reduce(lambda a, b: a * b, map(_table, matrices)) * number
    if isinstance(e, sp.MatAdd):
        return functools.reduce(lambda a, b: a + b, map(_table, e.args))
    if isinstance(e, sp.HadamardProduct):
        tables = [_table(argument) for argument in e.args]
        return sp.Matrix(rows, columns, lambda i, j: sp.Mul(*(t[i, j] for t in tables)))
    if isinstance(e, Entrywise):
        given = [_table(a) if a.is_Matrix else a for a in e.args]
        return sp.Matrix(
            rows, columns,
            lambda i, j: e.function(*(a[i, j] if hasattr(a, "shape") else a for a in given)),
        )  # fmt: skip
    if isinstance(e, RowwiseGradient):
        given = [_table(argument) for argument in e.args]
        values = {m[i, j]: t[i, j] for m, t in zip(e.args, given, strict=True)
                  for i in range(rows) for j in range(columns)}  # fmt: skip
        return sp.Matrix(rows, columns, lambda i, j: e[i, j].xreplace(values))
    return e.as_explicit()


def entry(name: str, i: int, j: int) -> sp.Symbol:
    """The symbol of one entry of a named matrix."""
    return sp.Symbol(f"{name}_{i}_{j}", real=True)


def _shown(scalars: Scalars, step: Step, changed: Any) -> str:
    rows = scalars.shape(step.expression)
    if scalars.shape(changed) != rows:
        return f"shape {scalars.shape(changed)} against {rows}"
    claimed = scalars.written_out(changed)
    for at in scalars.points:
        for forward in within(scalars.equations, at):
            for number, expression in enumerate(claimed):
                try:
                    got = forward.evaluate(expression, _deltas(expression, forward))
                    true = _true(step, forward, divmod(number, rows[1]) if rows else (0, 0))
                except GradmathError:
                    continue
                if apart(got, true):
                    return written(dict(list(at.items())[:4]), got, true) + ", ..."
    return ""


def _deltas(expression: sp.Expr, forward: Forward) -> dict[sp.Symbol, arb]:
    """Entries of delta_k are the derivatives of the loss by those of z_k."""
    found = {}
    for symbol in expression.free_symbols:
        if symbol.name.startswith("delta"):
            of = sp.Symbol(symbol.name.replace("delta", "z", 1), real=True)
            found[symbol] = forward.slope(of)
    return found


def _true(step: Step, forward: Forward, index: tuple[int, int]) -> arb:
    if step.by is None:
        whole = sp.Symbol(step.of, real=True)
        return forward.evaluate(whole if whole in forward.values else entry(step.of, *index))
    by = entry(step.by, *index)
    if step.kind == "local" and step.of != "L":
        return forward.partial(entry(step.of, *index), by)
    return forward.slope(by)


def _equal(scalars: Scalars, original: Any, changed: Any) -> bool:
    if scalars.shape(original) != scalars.shape(changed):
        return False
    pairs = zip(scalars.written_out(original), scalars.written_out(changed), strict=True)
    # a line that names an activation means the function of its pre-activation
    posts = {name: right for name, right in scalars.equations.items() if name.name[0] == "a"}
    return all(
        prove_zero(explicit((a - b).xreplace(posts)), seconds=_SECONDS, breakpoints=False).proved
        for a, b in pairs
    )
