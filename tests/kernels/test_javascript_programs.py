"""Programs drawn at random, on whole numbers: JavaScript gives every bit that plain NumPy gives.

Sums and products of small whole numbers are exact, so that nothing has to be forgiven.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from gradmath.kernels.javascript.runner import JavascriptRunner
from gradmath.program import Builder, Program
from gradmath.program.ir import PREDICATES

ONE: dict[str, Callable[..., Any]] = {
    "neg": operator.neg, "abs": np.abs, "sign": np.sign, "floor": np.floor,
}  # fmt: skip
TWO: dict[str, Callable[..., Any]] = {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "min": np.minimum, "max": np.maximum,
    "copysign": np.copysign, "lt": np.less, "le": np.less_equal, "eq": np.equal,
    "ne": np.not_equal,
}  # fmt: skip
MATRIX: dict[str, Callable[..., Any]] = {
    "matmul": lambda a, b: a @ b,
    "matmul_nt": lambda a, b: a @ b.T,
    "matmul_tn": lambda a, b: a.T @ b,
    "sum_rows": lambda a: a.sum(axis=0),
    "row_sum": lambda a: a.sum(axis=1, keepdims=True),
    "row_max": lambda a: a.max(axis=1, keepdims=True),
    "first_max": lambda a: np.arange(a.shape[1]) == a.argmax(axis=1)[:, None],
    "sum_all": np.sum,
}
SIZES = {"n": 5, "k": 3}


class Drawing:
    """A program that grows, and beside it what NumPy says of each instruction."""

    def __init__(self, seed: int, shapes: dict[str, tuple]) -> None:
        self.rng = np.random.Generator(np.random.PCG64(seed))
        self.builder, self.values = Builder(), {}
        self.inputs: dict[str, np.ndarray] = {}
        for name, shape in shapes.items():
            sizes = tuple(SIZES.get(size, size) for size in shape)
            self.inputs[name] = self.rng.integers(-4, 5, sizes).astype(float)
            self.values[self.builder.input(name, shape)] = self.inputs[name]
        for value in (2.0, -1.0, 0.0, -9.0, 9.0):
            self.values[self.builder.const(value)] = np.float64(value)

    def emit(self, op: str, function: Callable[..., Any], *args: int) -> int:
        position = self.builder.emit(op, *args)
        self.values[position] = function(*(self.values[a] for a in args))
        return position

    def of_kind(self, boolean: bool) -> list[int]:
        return [p for p, v in self.values.items() if (np.asarray(v).dtype == bool) is boolean]

    def pick(self, among: list[int]) -> int:
        return int(self.rng.choice(among))

    def fitting(self, *args: int) -> bool:
        try:
            self.builder._shape("add", args)
        except ValueError:
            return False
        return True

    def small(self, position: int) -> None:
        """Keep numbers small, and thus exact."""
        low = self.emit("max", np.maximum, position, self.builder.const(-9.0))
        self.emit("min", np.minimum, low, self.builder.const(9.0))

    def step(self, matrices: bool) -> None:
        numbers, truths = self.of_kind(False), self.of_kind(True)
        kind = self.rng.choice(["one", "two", "logic", "where", *["matrix"] * matrices])
        if kind == "one":
            op = str(self.rng.choice(list(ONE)))
            self.emit(op, ONE[op], self.pick(numbers))
        elif kind == "logic" and truths:
            op = str(self.rng.choice(["and", "or"]))
            a, b = self.pick(truths), self.pick(truths)
            if self.fitting(a, b):
                self.emit(op, np.logical_and if op == "and" else np.logical_or, a, b)
        elif kind == "where" and truths:
            args = self.pick(truths), self.pick(numbers), self.pick(numbers)
            if self.fitting(*args):
                self.emit("where", np.where, *args)
        elif kind == "matrix":
            self.matrix(numbers)
        else:
            op = str(self.rng.choice(list(TWO)))
            a, b = self.pick(numbers), self.pick(numbers)
            if op == "copysign":  # by an odd number: which zero a maximum gives is left open
                double = self.emit("mul", np.multiply, b, self.builder.const(2.0))
                b = self.emit("sub", np.subtract, double, self.builder.const(-1.0))
            if self.fitting(a, b):
                position = self.emit(op, TWO[op], a, b)
                if op not in PREDICATES:
                    self.small(position)

    def matrix(self, numbers: list[int]) -> None:
        shape = {p: self.builder.instructions[p].shape for p in numbers}
        tables = [p for p in numbers if len(shape[p]) == 2 and shape[p][1] != 1]
        op = str(self.rng.choice(list(MATRIX)))
        a, b = self.pick(tables), self.pick(tables)
        if op.startswith("matmul"):
            inner = {"matmul": (1, 0), "matmul_nt": (1, 1), "matmul_tn": (0, 0)}[op]
            if shape[a][inner[0]] != shape[b][inner[1]]:
                return
            args: tuple[int, ...] = (a, b)
        else:
            args = (a,)
        position = self.emit(op, MATRIX[op], *args)
        if op != "first_max":
            self.small(position)

    def program(self) -> tuple[Program, dict[str, np.ndarray]]:
        chosen = [p for p in self.of_kind(False) if p >= len(self.inputs)]
        outputs = {f"r{k}": self.pick(chosen) for k in range(6)}
        outputs["last"] = chosen[-1]
        return (
            self.builder.build(outputs, list(self.inputs)),
            {name: np.asarray(self.values[p]) for name, p in outputs.items()},
        )


@pytest.mark.parametrize("seed", range(40))
def test_programs_on_matrices(seed: int) -> None:
    shapes = {
        "x": ("n", "k"),
        "y": ("n", "k"),
        "W": ("k", "k"),
        "b": ("k",),
        "s": (),
        "c": ("n", 1),
    }
    drawn = Drawing(seed, shapes)
    for _ in range(60):
        drawn.step(matrices=True)
    program, want = drawn.program()
    sizes = {name: (size,) for name, size in SIZES.items()}
    got, _ = JavascriptRunner(program).run(drawn.inputs, sizes, np.float64, {})
    for name, value in want.items():
        assert got[name].shape == value.shape, name
        np.testing.assert_array_equal(got[name], value, err_msg=name)


@pytest.mark.parametrize("seed", range(40))
def test_programs_of_samples_and_their_sums(seed: int) -> None:
    drawn = Drawing(seed, {"x": ("n",), "y": ("n",), "s": (), "t": ()})
    for _ in range(60):
        drawn.step(matrices=False)
    program, want = drawn.program()
    sample = Program(
        tuple(
            type(i)(i.op, i.args, i.value, ("*",) if i.shape else ()) for i in program.instructions
        ),
        program.inputs, program.outputs,
    )  # fmt: skip
    names = list(want)[::2]
    runner = JavascriptRunner(sample)
    got, _ = runner.run(drawn.inputs, {"*": (SIZES["n"],)}, np.float64, {})
    added, _ = runner.run(drawn.inputs, {"*": (SIZES["n"],)}, np.float64, {}, names)
    for name, value in want.items():
        np.testing.assert_array_equal(got[name], value, err_msg=name)
        total = np.broadcast_to(value, (SIZES["n"],)).sum() if name in names else value
        np.testing.assert_array_equal(added[name], total, err_msg=name)
