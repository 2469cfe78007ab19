"""Named equations as one list of elementary operations, swept forward and back in balls.

The tape is read straight from the right-hand sides: sums, products, integer powers, and every other
head as one operation whose slopes come from truncated power series of its definition.  The reverse
sweep gives the derivative of the output by every name at once.

Beside each value and each adjoint runs the first-order bound of its rounding error: an operation
adds `relative` times its own size and a few times `tiny`, and a function f(x) adds `relative` times
|f| + |x f'|.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sympy
from flint import arb, fmpq

from gradmath.verify import balls
from gradmath.verify.balls import Number
from gradmath.verify.lower import State, lower
from gradmath.verify.opaque import Operation, operation
from gradmath.verify.structure import operands_first


@dataclass(frozen=True)
class Node:
    """One operation: its kind, its operands' places on the tape, and what it needs besides."""

    kind: str
    operands: tuple[int, ...] = ()
    data: Any = None


@dataclass
class Tape:
    """Nodes in order, and the place of each name."""

    nodes: list[Node] = field(default_factory=list)
    places: dict[str, int] = field(default_factory=dict)
    inputs: tuple[str, ...] = ()
    output: str = ""


@dataclass
class Swept:
    """Values and adjoints by place, each with the bound of its rounding error."""

    values: list[Number]
    errors: list[arb]
    adjoints: list[Number]
    adjoint_errors: list[arb]


def record(equations: Mapping[str, sympy.Expr], symbols: Mapping[str, sympy.Symbol]) -> Tape:
    """Read equations (name -> right-hand side) onto a tape; the last one is the output."""
    tape = Tape(output=list(equations)[-1])
    seen: dict[sympy.Basic, int] = {}
    names = {symbol: name for name, symbol in symbols.items()}
    free = {s for right in equations.values() for s in right.free_symbols}
    inputs = [name for name, symbol in symbols.items() if symbol in free and name not in equations]
    for name in inputs:
        seen[symbols[name]] = _put(tape, Node("input", data=name))
        tape.places[name] = seen[symbols[name]]
    tape.inputs = tuple(inputs)
    for name, right in equations.items():
        # a name of its own, so that "b = a" gives b an adjoint apart from a's
        place = _put(tape, Node("add", (_read(tape, seen, right, names),)))
        tape.places[name] = place
        if name in symbols:
            seen[symbols[name]] = place
    return tape


def _put(tape: Tape, node: Node) -> int:
    tape.nodes.append(node)
    return len(tape.nodes) - 1


def _read(
    tape: Tape, seen: dict[sympy.Basic, int], root: sympy.Expr, names: Mapping[Any, str]
) -> int:
    for node, operands in operands_first(root, _operands, seen):
        seen[node] = _put(tape, _made(node, tuple(seen[o] for o in operands)))
    return seen[root]


def _operands(node: sympy.Basic) -> Sequence[sympy.Basic]:
    if isinstance(node, sympy.Add | sympy.Mul):
        return node.args
    if isinstance(node, sympy.Pow) and node.exp.is_Integer:
        return (node.base,)
    if hasattr(node, "entry") and not any(node.orders):
        return node.args[: len(node.entry.variables)]
    if isinstance(node, sympy.Piecewise) or node.is_Atom:
        return sorted(node.free_symbols, key=str) if isinstance(node, sympy.Piecewise) else ()
    return node.args


def _made(node: Any, operands: tuple[int, ...]) -> Node:
    if not operands:
        return Node("constant", data=lower(node))
    if isinstance(node, sympy.Add):
        return Node("add", operands)
    if isinstance(node, sympy.Mul):
        return Node("multiply", operands)
    if isinstance(node, sympy.Pow) and node.exp.is_Integer:
        return Node("power", operands, int(node.exp))
    if hasattr(node, "entry") and not any(node.orders):
        count = len(node.entry.variables)
        if all(value.is_number for value in node.args[count:]):
            return Node("function", operands, operation(node.entry, tuple(node.args[count:])))
    if isinstance(node, sympy.Piecewise):
        symbols = tuple(sorted(node.free_symbols, key=str))
        return Node("function", operands, Operation(lower(node), symbols))
    symbols = tuple(sympy.Symbol(f"u{n}", real=True) for n in range(len(operands)))
    return Node("function", operands, Operation(lower(node.func(*symbols)), symbols))


@dataclass(frozen=True)
class Noise:
    """What one operation may be off: `relative` times its own size, plus `tiny`."""

    relative: arb
    tiny: arb

    def of(self, size: arb) -> arb:
        """The error that an operation of this size may add."""
        return self.relative * size + self.tiny


SILENT = Noise(arb(0), arb(0))


def sweep(tape: Tape, at: Mapping[str, object], noise: Noise = SILENT) -> Swept:
    """Sweep forward and back at a point, at FLINT's present precision and series of 3 terms."""
    values: list[Number] = []
    errors: list[arb] = []
    local: list[tuple[list[Number], list[arb]]] = []
    for node in tape.nodes:
        x = [values[n] for n in node.operands]
        e = [errors[n] for n in node.operands]
        value, error, slopes, slope_errors = _step(node, x, e, at, noise)
        values.append(value)
        errors.append(error)
        local.append((slopes, slope_errors))
    adjoints: list[Number] = [fmpq(0)] * len(values)
    adjoint_errors = [arb(0)] * len(values)
    adjoints[tape.places[tape.output]] = fmpq(1)
    for place in range(len(values) - 1, -1, -1):
        if isinstance(adjoints[place], fmpq) and adjoints[place] == 0:
            continue
        slopes, slope_errors = local[place]
        for n, slope in enumerate(slopes):
            operand = tape.nodes[place].operands[n]
            part = balls.multiply(adjoints[place], slope)
            adjoints[operand] = balls.add(adjoints[operand], part)
            if noise is not SILENT:
                adjoint_errors[operand] += (
                    adjoint_errors[place] * _size(slope)
                    + _size(adjoints[place]) * slope_errors[n]
                    + noise.of(_size(part))
                )
    return Swept(values, errors, adjoints, adjoint_errors)


def slopes(node: Node, x: list[Number]) -> list[Number]:
    """The derivatives of one node by its operands."""
    if not node.operands:
        return []
    return _step(node, x, [arb(0)] * len(x), {}, SILENT)[2]


def local(node: Node, x: list[Number], at: Mapping[str, object]) -> list[Number]:
    """The value of one node and its derivatives by its operands."""
    value, _, found, _ = _step(node, x, [arb(0)] * len(x), at, SILENT)
    return [value, *found]


def _size(x: Number) -> arb:
    return abs(balls.real(balls.coefficients(x, 1)[0]))


Step = tuple[Number, arb, list[Number], list[arb]]


def _step(
    node: Node, x: list[Number], e: list[arb], at: Mapping[str, object], noise: Noise
) -> Step:
    """Value, its error, slopes by the operands, their errors."""
    if node.kind == "input":
        return balls.exact(at[node.data]), arb(0), [], []
    if node.kind == "constant":
        value = node.data.run(State({}))
        return value, noise.relative * _size(value), [], []
    if node.kind == "add":
        value = functools.reduce(balls.add, x)
        own = noise.of(sum((_size(term) for term in x), arb(0))) if len(x) > 1 else arb(0)
        return value, sum(e, own), [fmpq(1)] * len(x), [arb(0)] * len(x)
    if node.kind == "multiply":
        return _product(x, e, noise)
    if node.kind == "power":
        return _power(x[0], e[0], node.data, noise)
    active = list(range(len(x)))
    if noise is SILENT:
        jets = [node.data.jet(x, [int(n == m) for m in active], 1) for n in active]
        return jets[0][0], arb(0), [jet[1] for jet in jets], [arb(0)] * len(x)
    value, first, second = node.data.gradient_and_hessian(x, active)
    sizes = [_size(v) for v in x]

    def spread(quantity: Number, by: Sequence[Number]) -> arb:
        own = noise.of(_size(quantity) + _dot(by, sizes))
        return own + 3 * noise.tiny + _dot(by, e)

    errors = [spread(s, row) for s, row in zip(first, second, strict=True)]
    return value, spread(value, first), first, errors


def _dot(slopes: Sequence[Number], sizes: Sequence[arb]) -> arb:
    return sum((_size(s) * r for s, r in zip(slopes, sizes, strict=True)), arb(0))


def _product(x: list[Number], e: list[arb], noise: Noise) -> Step:
    slopes, slope_errors = [], []
    for n in range(len(x)):
        others = [m for m in range(len(x)) if m != n]
        rest = functools.reduce(balls.multiply, [x[m] for m in others], fmpq(1))
        spread = noise.of(_size(rest)) if len(others) > 1 else arb(0)
        for m in others:
            sizes = (_size(x[other]) for other in others if other != m)
            spread += functools.reduce(lambda a, b: a * b, sizes, e[m])
        slopes.append(rest)
        slope_errors.append(spread)
    value = balls.multiply(x[0], slopes[0])
    return value, noise.of(_size(value)) + _dot(slopes, e), slopes, slope_errors


def _power(x: Number, e: arb, n: int, noise: Noise) -> Step:
    value = balls.power(x, n)
    slope = balls.multiply(fmpq(n), balls.power(x, n - 1))
    curve = fmpq(n * (n - 1))
    if n not in (0, 1):
        curve = balls.multiply(curve, balls.power(x, n - 2))
    steps = abs(n)
    error = steps * noise.of(_size(value)) + _size(slope) * e
    return value, error, [slope], [steps * noise.of(_size(slope)) + _size(curve) * e]
