"""Our own verdict on the gradients of the gallery: asked now, not recorded.

Each question is put to `gm.check_gradient` twice: with the wrong gradient and with the right one.
`section` cuts the same function along one variable at the point of the record, where the oracle
alone, without the checker, tells the wrong slope from the right one.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

import sympy as sp

from gradmath.catalogue.applied import explicit
from gradmath.equations import read_equations
from gradmath.verify.report import Report

Which = Literal["wrong", "right"]


@dataclass(frozen=True)
class Section:
    """A function of one variable as equations, two claimed slopes, and the point of the record.

    The slopes may use the names of the intermediates.
    """

    function: str
    wrong: str
    right: str
    by: str
    at: Fraction

    def gap(self, which: Which) -> float:
        """How far a claimed slope is from the definition's, relative to that; by Arb."""
        from gradmath.verify import oracle

        variable = sp.Symbol(self.by, real=True)
        claimed = f"{self.function}; claimed = {self.wrong if which == 'wrong' else self.right}"
        equations, _ = read_equations(claimed)
        whole: dict[sp.Symbol, sp.Expr] = {}
        for name, right in equations.items():
            whole[sp.Symbol(name, real=True)] = explicit(right).xreplace(whole)
        *_, value, slope = whole.values()
        at = {variable: self.at}
        true = oracle.taylor(value, variable, at, 1)[1]
        said = oracle.value(slope, at)
        if isinstance(true, oracle.Inconclusive) or isinstance(said, oracle.Inconclusive):
            return float("nan")
        return float((abs(said.arb - true.arb) / abs(true.arb)).mid())


@dataclass(frozen=True)
class Question:
    """What `gm.check_gradient` is asked: a function, two gradients, and how they are meant."""

    function: Any
    wrong: Any
    right: Any
    wrt: str
    section: Section
    options: Mapping[str, Any] = field(default_factory=dict)

    def report(self, which: Which) -> Report:
        """The checker's report on the wrong or on the right gradient."""
        from gradmath.verify.gradients import check_gradient

        gradient = self.wrong if which == "wrong" else self.right
        return check_gradient(self.function, gradient, self.wrt, **self.options)


def _stack(layers: int) -> Question:
    """So many sigmoids on top of each other; claimed: slope zero."""
    names = ["x", *(f"a{k}" for k in range(1, layers + 1))]
    lines = "; ".join(f"{new} = sigmoid({old})" for old, new in itertools.pairwise(names))
    slope = "*".join(f"{name}*(1 - {name})" for name in names[1:])
    half = Fraction(1, 2)
    return Question(lines, "0", slope, "x", Section(lines, "0", slope, "x", half))


def _elementwise() -> Question:
    """The sigmoid; claimed: its slope without the factor 1 - s."""
    line, slope = "s = sigmoid(x)", "s*(1 - s)"
    return Question(line, "s", slope, "x", Section(line, "s", slope, "x", Fraction(2)))


def _half_step() -> Question:
    """The sigmoid; claimed: slope zero."""
    line, slope = "s = sigmoid(x)", "s*(1 - s)"
    return Question(line, "0", slope, "x", Section(line, "0", slope, "x", Fraction(1)))


def _kink() -> Question:
    """ReLU; claimed: slope 1/2 everywhere."""

    def step(z: Any) -> Any:
        return (z > 0) * 1.0

    section = Section("a = relu(z)", "1/2", "1", "z", Fraction(1, 4))
    return Question("relu(z)", "1/2", step, "z", section)


def _one_entry() -> Question:
    """A sum over 64 sigmoids, one nearly saturated; claimed: that entry with its sign flipped."""
    import numpy as np

    n, place, saturated = 64, 7, -6.0
    at = -2 + 4 * np.arange(n) / n
    at[place] = saturated

    def total(x: Any) -> Any:
        return (1 / (1 + np.exp(-x))).sum()

    def right(x: Any) -> Any:
        a = 1 / (1 + np.exp(-x))
        return a * (1 - a)

    def wrong(x: Any) -> Any:
        sign = np.ones(n)
        sign[place] = -1
        return sign * right(x)

    section = Section("s = sigmoid(x)", "-s*(1 - s)", "s*(1 - s)", "x", Fraction(-6))
    return Question(total, wrong, right, "x", section, {"at": {"x": at}})


def _penalised() -> Question:
    """|Wx - y|^2 + |W|^2 for a 2 by 3 matrix; claimed: zero."""
    import numpy as np

    def loss(W: Any, x: Any, y: Any) -> Any:
        return ((W @ x - y) ** 2).sum() + (W * W).sum()

    def zero(W: Any, x: Any, y: Any) -> Any:
        return np.zeros((2, 3))

    def right(W: Any, x: Any, y: Any) -> Any:
        return 2 * (W @ x - y) @ x.T + 2 * W

    shapes = {"W": (2, 3), "x": (3, 1), "y": (2, 1)}
    line, slope = "L = (3*w - 5)**2 + w**2", "6*(3*w - 5) + 2*w"
    section = Section(line, "0", slope, "w", Fraction(1))
    return Question(loss, zero, right, "W", section, {"shapes": shapes})


def _entry() -> Question:
    """The entry M[2, 2] of a 2 by 2 matrix; claimed: zero."""
    import numpy as np

    def entry(M: Any) -> Any:
        return M[1, 1]

    def zero(M: Any) -> Any:
        return np.zeros((2, 2))

    def right(M: Any) -> Any:
        return np.array([[0.0, 0.0], [0.0, 1.0]])

    section = Section("e = m", "0", "1", "m", Fraction(1))
    return Question(entry, zero, right, "M", section, {"shapes": {"M": (2, 2)}})


@functools.cache
def questions() -> Mapping[str, Question]:
    """Every question, by the exhibit it belongs to."""
    return {
        "nine-sigmoids": _stack(9),
        "relu-at-zero": _kink(),
        "one-entry-in-many": _one_entry(),
        "lost-factor-at-many-points": _elementwise(),
        "half-precision-step": _half_step(),
        "eleven-sigmoids": _stack(11),
        "seven-sigmoids": _stack(7),
        "penalised-loss": _penalised(),
        "matrix-entry": _entry(),
    }


@functools.cache
def answer(exhibit: str, which: Which) -> Report:
    """The checker's report on a gradient of the gallery, once per process."""
    return questions()[exhibit].report(which)


def verdicts() -> dict[str, dict[str, str]]:
    """The checker's verdicts as plain words, for the record."""
    return {
        exhibit: {
            "wrong": answer(exhibit, "wrong").status,
            "right": answer(exhibit, "right").status,
        }
        for exhibit in questions()
    }
