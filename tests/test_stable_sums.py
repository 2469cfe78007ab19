"""Softmax, log-sum-exp and their kin, typed: the forms are exact, and keep their digits."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
import sympy as sp

import gradmath as gm
from gradmath.stable import in_sums
from gradmath.verify import PASSED

a, b, c, w, x, y = sp.symbols("a b c w x y", real=True)
S = sp.exp(a) + sp.exp(b)
P = sp.exp(a) / S
FORMS = [
    P,
    2 * sp.exp(a) / (2 * sp.exp(a) + 3 * sp.exp(b) + 1),
    sp.diff(P, a),
    sp.diff(P, a, 2),
    sp.diff(P / (1 + sp.exp(c - a)), b),
    (sp.exp(a) - sp.exp(b)) / S,
    (a * sp.exp(a) + b * sp.exp(b)) / S,
    sp.sqrt(P),
    w * P + sp.sin(c) - 1,
    1 - P,
    (P - y) / S,
    sp.exp(-((x - a) ** 2)) / (sp.exp(-((x - a) ** 2)) + sp.exp(-((x - b) ** 2))),
    sp.exp(a) / (sp.exp(a) - sp.exp(b)),
    sp.sinh(a) / (sp.cosh(b) + sp.cosh(a)),
    sp.log(S),
    sp.log(sp.exp(a + 9) - sp.exp(b)),
    sp.log(S) - a,
    sp.log(1 + sp.exp(a) + sp.exp(b)),
    sp.log(2 + sp.exp(a) + sp.exp(b)),
    -sp.log(P) + x,
    -y * sp.log(P) - (1 - y) * sp.log(1 - P),
    sp.log(S**2 * sp.exp(c) / (sp.exp(a) + sp.exp(c))),
]
OTHERS = [
    1 / (1 + sp.exp(a)),  # one argument: other forms are for that
    sp.exp(a) / (1 + sp.exp(a) + sp.exp(2 * a)),
    sp.exp(a) / (sp.exp(a) + w * sp.exp(b)),
    sp.exp(a) + sp.exp(b),
    sp.log((sp.exp(a) - sp.exp(b)) ** 2),  # positive where the difference is not
    sp.log((sp.exp(a) - sp.exp(b)) / (sp.exp(c) - sp.exp(b))),
    a + b,
]


@pytest.mark.parametrize("expression", FORMS, ids=str)
def test_a_form_is_exact_for_any_maximum(expression: sp.Expr) -> None:
    """Whatever is taken out of a sum cancels: so no rounding of a maximum does harm."""
    lines = in_sums(expression)
    assert lines is not None
    symbols = sorted(expression.free_symbols, key=str)
    rng = np.random.default_rng(1)
    # a difference of two exponentials is written by the larger of the two, whatever it is
    free = not any(value.has(sp.Abs) for _, value in lines.bindings)
    for taken in (0.0, 0.625, -1.5) if free else (0.0,):
        numbers = {s: sp.Float(rng.normal(), 60) for s in symbols}
        known = dict(numbers)
        for symbol, value in lines.bindings:
            shifted = value + taken if isinstance(value, sp.Max) else value
            known[symbol] = shifted.subs(known).evalf(60)
        found = lines.value.subs(known).evalf(60)
        assert abs(found - expression.subs(numbers).evalf(60)) < 1e-50


@pytest.mark.parametrize("expression", OTHERS, ids=str)
def test_what_is_no_such_sum_is_left_to_others(expression: sp.Expr) -> None:
    assert in_sums(expression) is None


@pytest.mark.parametrize(
    "typed",
    [
        "exp(a)/(exp(a)+exp(b))",
        "exp(a)/(1+exp(a)+exp(b))",
        "log(exp(a)+exp(b)+exp(c)) - b",
        "(exp(a)-exp(b))/(exp(a)+exp(b))",
        "(exp(a)/(exp(a)+exp(b)) - y)**2",
        "-log(exp(w*x)/(exp(w*x)+exp(b)))",
        "log(2 + exp(a))",
        "sinh(a)/cosh(a)",
        "1/(exp(a) - 1)",
    ],
)
def test_the_oracle_finds_nothing_lost(typed: str) -> None:
    report = gm.verify(gm.compile(gm.derive(f"L = {typed}")))
    assert report.status == PASSED, str(report)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_vanished_loss_and_its_slopes_keep_their_digits(dtype: str) -> None:
    """-log softmax: far right about e^(b - a), and so are its slopes; far wrong a - b."""
    kernel = gm.compile(gm.derive("L = -log(exp(a)/(exp(a)+exp(b)))", wrt=["a", "b"]))
    gaps = np.array([0, 1e-3, 1, 20, 80, -80, 5000, -5000], dtype)
    low = np.array(-3.0, dtype)
    loss, grads = kernel(a=gaps + low, b=np.full_like(gaps, low))
    with mpmath.workdps(60):
        for k, gap in enumerate((gaps + low).astype(float) + 3):
            true = mpmath.log1p(mpmath.exp(-mpmath.mpf(gap)))
            slope = 1 / (1 + mpmath.exp(mpmath.mpf(gap)))
            for got, exact in ((loss, true), (grads["b"], slope), (grads["a"], -slope)):
                tiny = float(np.finfo(dtype).smallest_subnormal)
                room = 8 * (1 + abs(gap)) * float(np.finfo(dtype).eps)
                assert abs(float(got[k]) - exact) <= room * abs(exact) + tiny, (gap, got[k])


def test_a_million_is_no_overflow() -> None:
    kernel = gm.compile(gm.derive("L = log(exp(a)+exp(b))", wrt=["a", "b"]))
    loss, grads = kernel(a=np.array([1e6, -1e6]), b=np.array([1e6, -1e6 - 1]))
    assert np.allclose(loss, [1e6 + math.log(2), -1e6 + math.log1p(math.exp(-1))], rtol=1e-15)
    assert np.allclose(grads["a"], [0.5, 1 / (1 + math.exp(-1))], rtol=1e-15)
