"""Mistakes in kernels of networks: wrong instructions, lost skip paths, wrong results.

A counterexample is a number of the kernel that is far from what forward mode gives, much farther
than rounding would take it.
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import sympy as sp

from gradmath.derivation import NetworkDerivation, derive
from gradmath.errors import GradmathError
from gradmath.kernels import compile as compiled
from gradmath.mutation.expressions import MOST
from gradmath.mutation.forward import within
from gradmath.mutation.kernels import in_single, off, slope_of
from gradmath.mutation.matrix_entries import Scalars, entry
from gradmath.mutation.outcome import Mutant
from gradmath.network import Dense, Network
from gradmath.program.ir import Instruction, Program
from gradmath.program.layers import network_program
from gradmath.verify.operators import Operator


@dataclass(frozen=True)
class _Edit:
    operator: Operator
    what: str
    program: Program


def network_mutants(derivation: NetworkDerivation, most: int = MOST) -> Iterator[Mutant]:
    """Kernels of a network with one instruction of their program changed, or spoiled results."""
    kernel = compiled(derivation, backend="numpy")
    scalars = Scalars(derivation, 2)
    counts = dict.fromkeys(Operator, 0)
    # derivatives are computed last: from there backwards, so that they come first
    whole: Any = kernel._program
    for edit in _edits(whole, derivation):
        if counts[edit.operator] < most:
            counts[edit.operator] += 1
            yield _network(_with_program(kernel, edit.program), edit.operator, edit.what, scalars)
    if any(layer.residual for layer in derivation.network.layers):
        plain: Any = derive(_without_skips(derivation.network))
        wrong = _with_program(kernel, network_program(plain))
        yield _network(wrong, Operator.LOST_SKIP_PATH, "no layer adds its input", scalars)
    for share in (1e-4, 1.0):
        spoiled = SpoiledNetwork(kernel, functools.partial(in_single, share))
        what = f"dL/dW1 off by {share:.2%} in float32"
        yield _network(spoiled, Operator.SINGLE_PRECISION_ONLY, what, scalars, np.float32)
    tiny = SpoiledNetwork(kernel, lambda g, _: np.where(abs(g) < 1e-2, 0 * g, g))
    yield _network(tiny, Operator.TAIL_ONLY, "dL/dW1 is 0 where it is small", scalars)


def _without_skips(net: Network) -> Network:
    """The network with every layer plain: its own gradients are right, and not those asked for."""
    layers = [Dense(layer.size, layer.activation) for layer in net.layers]
    return Network(net.inputs, layers, net.loss)


class SpoiledNetwork:
    """A network's kernel whose gradient by W1 is changed."""

    def __init__(self, kernel: Any, change: Callable[[Any, Any], Any]) -> None:
        self.kernel, self.derivation, self.network = kernel, kernel.derivation, kernel.network
        self._change = change

    def __call__(self, params: Any, x: Any, y: Any, *, reduce: Any = "mean") -> Any:
        """The kernel's answer with the mistake in it."""
        loss, grads = self.kernel(params, x, y, reduce=reduce)
        return loss, {**grads, "W1": self._change(grads["W1"], params)}


def _with_program(kernel: Any, program: Program) -> Any:
    changed = copy.copy(kernel)
    changed._program, changed._runners = program, {}
    return changed


def _edits(program: Program, derivation: NetworkDerivation) -> Iterator[_Edit]:
    """One instruction changed at a time, the last ones first."""
    items = program.instructions
    names = {n: str(item.value) for n, item in enumerate(items) if item.op == "input"}
    numbers = {name: n for n, name in names.items()}
    skips = _skips(items)
    for place in range(len(items) - 1, -1, -1):
        item = items[place]
        for operator, what, changed in _instruction(item, items, names, numbers, skips.get(place)):
            yield _Edit(operator, f"t{place}: {what}", _replaced(program, place, changed))
        if item.op in ("mul", "matmul", "matmul_tn", "sum_rows"):
            yield _Edit(Operator.FLIPPED_SIGN, f"t{place}: -", _wrapped(program, place, "neg"))
            yield _Edit(
                Operator.DOUBLED_FACTOR, f"t{place}: twice", _wrapped(program, place, "add")
            )


def _skips(items: Sequence[Instruction]) -> dict[int, int]:
    """For each sum of a residual layer, forward or back, the summand that is the identity path."""
    read = {item.args[0] for item in items if item.op == "matmul_nt"}  # what layers read
    return {
        place: item.args[0]
        for place, item in enumerate(items)
        if item.op == "add" and (item.args[0] in read or items[item.args[1]].op == "matmul")
    }


def _instruction(
    item: Instruction,
    items: Sequence[Instruction],
    names: Mapping[int, str],
    numbers: Mapping[str, int],
    skip: int | None,
) -> Iterator[tuple[Operator, str, Instruction]]:
    shapes = [items[a].shape for a in item.args]
    if item.op in ("matmul", "matmul_nt") and shapes[1][0] == shapes[1][1]:
        other = "matmul_nt" if item.op == "matmul" else "matmul"
        yield Operator.TRANSPOSED, f"{other} for {item.op}", item._replace(op=other)
    if item.op == "matmul_tn" and shapes[0] == shapes[1]:
        turned = item._replace(args=item.args[::-1])
        yield Operator.REORDERED, "the factors exchanged", turned
    if item.op in ("add", "mul"):
        for k, kept in enumerate(item.args):
            lost = item.args[1 - k]
            if items[kept].shape != item.shape:
                continue
            scale = names.get(lost) == "scale"
            if item.op == "add":
                operator = Operator.LOST_TERM
                if lost == skip:
                    operator = Operator.LOST_SKIP_PATH
                elif lost in names:
                    operator = Operator.DEFAULTS_ONLY
            else:
                operator = Operator.MISSING_MEAN if scale else Operator.DROPPED_CHAIN_FACTOR
            # x + 0 and x * 1 without a constant of their own: max(x, x) is x
            yield operator, f"without t{lost}", item._replace(op="max", args=(kept, kept))
    for k, argument in enumerate(item.args):
        name = names.get(argument, "")
        beside = f"{name[:1]}{int(name[1:]) - 1}" if name[1:].isdigit() else ""
        if beside in numbers and items[numbers[beside]].shape == items[argument].shape:
            args = (*item.args[:k], numbers[beside], *item.args[k + 1 :])
            yield Operator.WRONG_LAYER, f"{beside} for {name}", item._replace(args=args)
    if item.op == "where":
        turned = item._replace(args=(item.args[0], item.args[2], item.args[1]))
        if turned != item:
            yield Operator.WRONG_BRANCH, "branches exchanged", turned


def _replaced(program: Program, place: int, item: Instruction) -> Program:
    items = (*program.instructions[:place], item, *program.instructions[place + 1 :])
    return replace(program, instructions=items)


def _wrapped(program: Program, place: int, op: str) -> Program:
    """The result of an instruction passed through one more, for all that read it."""
    items = list(program.instructions)
    new = Instruction(op, (place, place) if op == "add" else (place,), None, items[place].shape)

    def moved(n: int) -> int:
        return n + 1 if n >= place else n  # at `place` itself the new one is read

    later = [i._replace(args=tuple(map(moved, i.args))) for i in items[place + 1 :]]
    made = (*items[: place + 1], new, *later)
    outputs = {name: moved(n) for name, n in program.outputs.items()}
    guards = tuple(replace(g, predicate=moved(g.predicate)) for g in program.guards)
    return replace(program, instructions=made, outputs=outputs, guards=guards)


def _network(
    kernel: Any, operator: Operator, what: str, scalars: Scalars, kind: Any = np.float64
) -> Mutant:
    return Mutant(
        operator, what, kernel, functools.partial(_shown_network, kernel, scalars, kind),
        lambda: False,
    )  # fmt: skip


def _shown_network(kernel: Any, scalars: Scalars, kind: Any) -> str:
    net, batch = kernel.network, scalars.batch
    shapes = {"x": (batch, net.inputs), **net.shapes, "y": (batch, net.outputs)}
    for at in scalars.points:
        numbers = {name.name: kind(float(number)) for name, number in at.items()}
        arrays = {name: _filled(name, shape, numbers) for name, shape in shapes.items()}
        exact = {sp.Symbol(name, real=True): float(number) for name, number in numbers.items()}
        params = {name: arrays[name] for name in net.shapes}
        try:
            loss, grads = kernel(params, arrays["x"], arrays["y"])
            forward = next(within(scalars.equations, exact))
        except (GradmathError, StopIteration):
            continue
        true = float(forward.values[sp.Symbol("L", real=True)])
        if off(float(loss), true):
            return f"L = {float(loss)!r} against {true!r}"
        for name, table in grads.items():
            whole = np.atleast_2d(table)
            for index in np.ndindex(whole.shape):
                got, true = float(whole[index]), float(slope_of(forward, entry(name, *index)))
                if off(got, true):
                    return f"dL/d{name}{list(index)} = {got!r} against {true!r}"
    return ""


def _filled(name: str, shape: tuple[int, ...], numbers: Mapping[str, Any]) -> Any:
    rows = (1, *shape) if len(shape) == 1 else shape
    table = np.array([[numbers[f"{name}_{i}_{j}"] for j in range(rows[1])] for i in range(rows[0])])
    return table.reshape(shape)
