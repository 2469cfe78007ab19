"""The slopes that frameworks give where digits are easily lost, as recorded.

No one's formula is wrong here: what is lost is lost to rounding, in an intermediate that a stable
form would not have, or in a constant.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import sympy as sp

from gradmath.catalogue import activations
from gradmath.claims.claim import Case, claim
from gradmath.claims.gallery.cases import ON_RECORD, PAGE, raw, sharp, written
from gradmath.claims.gallery.facts import Answer, Error, Fact
from gradmath.claims.gallery.recording import recording
from gradmath.claims.grades import RECORDED
from gradmath.claims.values import Value

#: what rounding alone may do to a right number, by type
ROUNDED = {"float64": 1e-13, "float32": 1e-5}
LOST = (1.0, 1.0)  # the number is 0: all of it is lost

Interval = tuple[float, float]


@functools.cache
def true_slope(name: str, at: float) -> float:
    """The derivative of a catalogue entry at a point, by Arb from its definition."""
    from gradmath.verify import oracle

    entry = activations[name]
    return sharp(oracle.taylor(entry.expression, entry.variable, {entry.variable: at}, 1)[1])


def error(number: float, true: Fraction | float) -> float:
    """Relative error, taken exactly: the true number may be known far better than to a double."""
    exact = Fraction(true)
    return float(abs(Fraction(number) - exact) / abs(exact))


def slope_facts(
    exhibit: str, entry: str, said: Mapping[str, Mapping[str, Interval]]
) -> dict[str, Fact]:
    """For each peer and type, the interval in which the error of its slope lies."""
    facts: dict[str, Fact] = {}
    for record in recording().peers(exhibit):
        at = float(sp.Rational(record.inputs["z"]))
        for dtype, (low, high) in said[record.peer].items():
            facts[f"{record.peer} {dtype}"] = error_of(
                record.peer, dtype, _off(record.results[dtype], entry, at), low, high
            )
    return facts


def _off(number: float, entry: str, at: float) -> Callable[[], float]:
    return lambda: error(number, true_slope(entry, at))


def error_of(peer: str, dtype: str, found: Callable[[], float], low: float, high: float) -> Error:
    """The error of a peer's number in a type, and the interval in which it is said to lie."""
    return Error((f"{peer} in {dtype}", f"{peer}，{dtype}"), peer, found, low, high)


RIGHT: Mapping[str, Interval] = {dtype: (0.0, most) for dtype, most in ROUNDED.items()}
ZERO: Mapping[str, Interval] = dict.fromkeys(ROUNDED, LOST)


def slope_by_kernel(entry: str, at: float) -> float:
    """The slope by our own compiled function, which shares nothing with the oracle."""
    from gradmath.functions import activations

    of: Any = activations[entry]
    return float(of.derivative(at))


def _true(entry: str, at: float) -> Value:
    """The true slope by the oracle, and again by our own function."""
    return Value(true_slope(entry, at), digits=3, again=lambda: slope_by_kernel(entry, at))


def _recorded(exhibit: str) -> float:
    """PyTorch's number in double precision, from the file itself."""
    return float.fromhex(raw(exhibit, "torch")["results"]["float64"])


@claim(
    "gallery-sigmoid-far-out",
    page=PAGE,
    grade=RECORDED,
    titles={
        "en": "The slope of the sigmoid at 40",
        "zh": "sigmoid 在 40 处的斜率",
    },
    statement_text={
        "en": "PyTorch, JAX and PyTensor give exactly 0 for the slope of the sigmoid at 40, in "
        "double and in single precision. HIPS autograd, given the definition, is right.",
        "zh": "对 sigmoid 在 40 处的斜率，PyTorch、JAX 和 PyTensor 在双精度与单精度下都给出恰好 0；"
        "HIPS autograd 直接对定义求导，结果正确。",
    },
    assumptions=ON_RECORD,
)
def sigmoid_far_out() -> Case:
    name = "sigmoid-far-out"
    said = {"torch": ZERO, "jax": ZERO, "pytensor": ZERO, "autograd": RIGHT}
    true = _true("sigmoid", 40.0)
    return written(
        rf"\sigma'(40) = {true.latex} \;\ne\; 0",
        "the slope of the sigmoid at 40 is 0 in torch, jax and pytensor and right in autograd",
        slope_facts(name, "sigmoid", said),
        {"slope": true},
    )


@claim(
    "gallery-gelu-tail",
    page=PAGE,
    grade=RECORDED,
    titles={"en": "The slope of GELU at −10", "zh": "GELU 在 −10 处的斜率"},
    statement_text={
        "en": "PyTorch's slope of GELU at −10 is off in the second digit; JAX's is right.",
        "zh": "PyTorch 给出的 GELU 在 −10 处的斜率从第二位数字起就不对；JAX 的结果正确。",
    },
    assumptions=ON_RECORD,
)
def gelu_tail() -> Case:
    name, off = "gelu-tail", dict.fromkeys(ROUNDED, (5e-3, 2e-2))
    facts = slope_facts(name, "gelu", {"torch": off, "jax": RIGHT})
    true = true_slope("gelu", -10.0)
    torch = recording().of(name, "torch").results["float64"]
    return written(
        rf"\mathrm{{gelu}}'(-10) = {Value(true, digits=3).latex}",
        "the slope of gelu at -10 is off in torch and right in jax",
        facts,
        {
            "slope": _true("gelu", -10.0),
            "torch": Value(torch, digits=3, again=lambda: _recorded(name)),
            "percent": Value(
                100 * error(torch, true),
                digits=2,
                unit="%",
                again=lambda: abs(100 * (_recorded(name) / slope_by_kernel("gelu", -10.0) - 1)),
            ),
        },
    )


@claim(
    "gallery-gelu-tanh-tail",
    page=PAGE,
    grade=RECORDED,
    titles={
        "en": "The slope of GELU's tanh form at −8",
        "zh": "GELU 的 tanh 近似式在 −8 处的斜率",
    },
    statement_text={
        "en": "PyTorch and JAX give exactly 0 for the slope of GELU's tanh form at −8.",
        "zh": "对 GELU 的 tanh 近似式在 −8 处的斜率，PyTorch 和 JAX 都给出恰好 0。",
    },
    assumptions=ON_RECORD,
)
def gelu_tanh_tail() -> Case:
    facts = slope_facts("gelu-tanh-tail", "gelu_tanh", {"torch": ZERO, "jax": ZERO})
    true = _true("gelu_tanh", -8.0)
    return written(
        rf"\mathrm{{gelu}}_{{\tanh}}'(-8) = {true.latex} \;\ne\; 0",
        "the slope of gelu_tanh at -8 is 0 in torch and jax",
        facts,
        {"slope": true},
    )


@claim(
    "gallery-mish-tail",
    page=PAGE,
    grade=RECORDED,
    titles={"en": "The slope of Mish at −20", "zh": "Mish 在 −20 处的斜率"},
    statement_text={
        "en": "PyTorch and JAX give the slope of Mish at −20 rightly, to the rounding of a type.",
        "zh": "对 Mish 在 −20 处的斜率，PyTorch 和 JAX 都给出正确结果，误差只有各类型自身的舍入。",
    },
    assumptions=ON_RECORD,
)
def mish_tail() -> Case:
    facts = slope_facts("mish-tail", "mish", {"torch": RIGHT, "jax": RIGHT})
    true = _true("mish", -20.0)
    return written(
        rf"\mathrm{{mish}}'(-20) = {true.latex}",
        "the slope of mish at -20 is right in torch and jax",
        facts,
        {"slope": true},
    )


@claim(
    "gallery-hard-sigmoid-slope",
    page=PAGE,
    grade=RECORDED,
    titles={
        "en": "The slope of the hard sigmoid at 1",
        "zh": "硬 sigmoid 在 1 处的斜率",
    },
    statement_text={
        "en": "PyTorch's slope of the hard sigmoid at 1, in double precision, is 1/6 as single "
        "precision holds it: right to seven digits of sixteen. JAX's is right.",
        "zh": "在双精度下，PyTorch 给出的硬 sigmoid 在 1 处的斜率，是按单精度存放的 1/6："
        "十六位数字里只有七位正确。JAX 的结果正确。",
    },
    assumptions=ON_RECORD,
)
def hard_sigmoid_slope() -> Case:
    name = "hard-sigmoid-slope"
    said = {"torch": {"float64": (2e-8, 4e-8), "float32": (0.0, ROUNDED["float32"])}, "jax": RIGHT}
    facts = slope_facts(name, "hard_sigmoid", said)
    torch = recording().of(name, "torch")
    facts["the same number"] = Answer(
        ("PyTorch's double is its single", "PyTorch 的双精度结果与单精度结果相同"),
        "torch",
        lambda: str(torch.results["float64"] == torch.results["float32"]),
        "True",
        "False",
    )
    off = error(torch.results["float64"], true_slope("hard_sigmoid", 1.0))
    allowed = float(recording().of("nine-sigmoids", "torch").settings["rtol"])
    return written(
        r"\operatorname{hard\_sigmoid}'(1) = \tfrac16",
        "the slope of hard_sigmoid at 1 is single precision's 1/6 in torch and right in jax",
        facts,
        {
            "torch": Value(
                sp.Rational(*torch.results["float64"].as_integer_ratio()),
                digits=9,
                again=lambda: _recorded(name),
            ),
            "off": Value(
                off,
                digits=2,
                again=lambda: error(_recorded(name), slope_by_kernel("hard_sigmoid", 1.0)),
            ),
            "allowed": Value(
                allowed,
                digits=1,
                again=lambda: float(raw("nine-sigmoids", "torch")["settings"]["rtol"]),
            ),
        },
    )
