"""Forms in floating point against the oracle: the design's bound, over the whole range."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import sympy as sp

from gradmath.catalogue import Activation, activations
from gradmath.stable import Form, form
from gradmath.verify import oracle, ulps
from gradmath.verify.lower import lower
from tests.stable_evaluator import run

OTHER_PARAMETERS = [0.2, 1.7, 1e-3, 50.0]
CASES = [(name, None) for name in activations] + [
    (name, value) for name, entry in activations.items() if entry.parameters
    for value in OTHER_PARAMETERS
]  # fmt: skip
TYPES = ["float64", "float32"]


def parameters(entry: Activation, value: float | None, dtype: str) -> dict[sp.Symbol, float]:
    """Each parameter as a number of the type: the default, or `value`."""
    kind = np.dtype(dtype).type
    return {
        symbol: float(kind(float(parameter.default) if value is None else value))
        for symbol, parameter in entry.parameters.items()
    }


@cache
def points(dtype: str, count: int) -> np.ndarray:
    """Points of all sizes, dense where the catalogue bends, its tails end and slopes vanish."""
    kind, info = np.dtype(dtype).type, np.finfo(dtype)
    random = np.random.Generator(np.random.PCG64(20))
    low, high = np.log2(float(info.smallest_subnormal)), np.log2(float(info.max))
    sign = random.choice([-1.0, 1.0], count)
    found = [
        random.uniform(-bound, bound, count) for bound in (1.0, 3.0, 20.0, 110.0, 760.0)
    ] + [
        2.0 ** random.uniform(low, 0.999 * high, count) * sign,
        2.0 ** random.uniform(-60, 6, count) * sign,
        *(random.uniform(*window, count // 2) for window in (
            (-1.6, -0.7), (-2.5, -2.2), (1.9, 2.2), (-22, -19), (-39, -36), (-15, -9.8),
        )),
        2.0 ** np.arange(int(low), int(high), 4),
    ]  # fmt: skip
    for edge in (0, 1, 1.25, 1.5, 3, 6, 43, 64, 88, 103.9, 708, 745, 1024):
        for step in range(-3, 4):
            beside = kind(edge) + step * np.spacing(kind(edge) or kind(1) * info.eps)
            found.append(np.array([beside, -beside], dtype=float))
    edges = [info.smallest_subnormal, info.tiny, info.max / 128]
    found.append(np.array([s * float(e) for e in edges for s in (-1, 1)]))
    with np.errstate(over="ignore", under="ignore"):
        merged = np.unique(np.concatenate(found).astype(dtype))
    return merged[np.abs(merged) <= info.max / 128]


@cache
def truth(name: str, value: float | None, dtype: str, count: int) -> tuple[np.ndarray, list]:
    """The points off the kinks, and there the definition's derivatives 0..3 as balls."""
    entry = activations[name]
    numbers = {s: sp.Rational(v) for s, v in parameters(entry, value, dtype).items()}
    program = lower(entry.definition.subs(numbers))
    x = points(dtype, count)
    kinks = [float(point.subs(numbers)) for point in entry.kinks]
    x = x[~np.isin(x, np.array(kinks, dtype=dtype))]
    z = entry.variable
    return x, [oracle.derivatives(program, z, {z: float(point)}, 3) for point in x]


def worst(
    written: Form, name: str, value: float | None, order: int, dtype: str, count: int = 120
) -> tuple[float, float]:
    """The largest error as a share of what is allowed, and where."""
    x, balls = truth(name, value, dtype, count)
    entry, kind = activations[name], ulps.format_of(dtype)
    if name == "celu" and value is not None:
        # z/alpha is rounded before it enters exp: half an ulp of it is more than 4 subnormals
        normal = [abs(float(at[order])) >= kind.smallest_normal or not float(at[order])
                  for at in balls]  # fmt: skip
        x, balls = x[normal], [at for at, keep in zip(balls, normal, strict=True) if keep]
    found = run(written, x, parameters(entry, value, dtype))
    shares = [
        ulps.judge(float(got), at[order], ulps.lever(float(point), at[order + 1]), kind).share
        for point, got, at in zip(x, found, balls, strict=True)
    ]
    index = int(np.argmax(shares))
    return shares[index], float(x[index])


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("order", [0, 1, 2])
@pytest.mark.parametrize(("name", "value"), CASES)
def test_error_is_within_the_bound(name: str, value: float | None, order: int, dtype: str) -> None:
    entry = activations[name]
    share, where = worst(form(entry.derivative(order), entry.variable), name, value, order, dtype)
    assert share <= 1, f"{share:.2f} of the bound at {where!r}"


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("order", [0, 1, 2])
@pytest.mark.parametrize("name", activations)
def test_infinities_give_the_limit(name: str, order: int, dtype: str) -> None:
    entry = activations[name]
    z = entry.variable
    written = form(entry.derivative(order), z)
    at = run(written, np.array([-np.inf, np.inf], dtype), parameters(entry, None, dtype))
    numbers = {s: sp.Rational(v) for s, v in parameters(entry, None, dtype).items()}
    if order == 0:
        limits = [float(limit.subs(numbers)) for limit in entry.limits]
    else:  # every slope in the catalogue ends in a constant, which a far point shows
        program = lower(entry.definition.subs(numbers))
        limits = [float(oracle.derivatives(program, z, {z: s * 1e30}, 3)[order]) for s in (-1, 1)]
    for got, limit in zip(at, limits, strict=True):
        assert got == pytest.approx(limit, rel=float(4 * np.finfo(dtype).eps), abs=1e-29)


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("name", activations)
def test_nan_comes_out_as_nan_wherever_the_variable_enters_by_value(name: str, dtype: str) -> None:
    entry = activations[name]
    written = form(entry.definition, entry.variable)
    assert np.isnan(run(written, np.array([np.nan], dtype), parameters(entry, None, dtype))[0])


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "elu", "celu", "hard_swish", "softsign"])
@pytest.mark.parametrize("order", [1, 2])
def test_a_kink_returns_its_declared_value(name: str, order: int) -> None:
    entry = activations[name]
    numbers = entry.defaults
    for point in entry.kinks:
        written = form(entry.derivative(order), entry.variable)
        got = run(written, np.array([float(point)]), parameters(entry, None, "float64"))[0]
        jump = entry.jump(point, order)
        expected = (
            entry.derivative(order).subs(entry.variable, point) if jump is None else (jump.returned)
        )
        assert got == float(expected.subs(numbers))


NAIVE = {
    "s (1 - s) for the sigmoid's slope": ("sigmoid", 1, lambda s, z: s * (1 - s)),
    "1/(1 + exp(-z)) as it stands": ("sigmoid", 0, lambda s, z: s),
}


@pytest.mark.parametrize("what", NAIVE)
def test_the_usual_formulas_fail_the_same_check(what: str) -> None:
    name, order, formula = NAIVE[what]
    entry = activations[name]
    z = entry.variable
    s = 1 / (1 + sp.exp(-z))
    naive = Form((), formula(s, z), formula(s, z), z)
    try:
        share, _ = worst(naive, name, None, order, "float64")
    except FloatingPointError:
        return  # exp overflowed: caught as well
    assert share > 1
