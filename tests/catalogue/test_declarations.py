"""The declarations against SymPy's limits, and what a declaration may not leave out."""

from __future__ import annotations

import mpmath
import pytest
import sympy as sp

from gradmath.catalogue import (
    BIBLIOGRAPHY,
    Activation,
    Kink,
    Parameter,
    activations,
    clips,
    initialisers,
    losses,
    penalties,
)
from gradmath.errors import DeclarationError, ShapeError, UnknownNameError, ValueRangeError

z = sp.Symbol("z", real=True)
TABLES = (activations, losses, penalties, clips, initialisers)
ENTRIES = {(entry.kind, entry.name): entry for table in TABLES for entry in table.values()}
KINKED = [(e, point) for e in ENTRIES.values() for point in getattr(e, "kinks", {})]

GOOD = {
    "titles": {"en": "a", "zh": "b"},
    "summary": {"en": "a", "zh": "b"},
    "references": ["glorot2010"],
    "limits": (0, 1),
}


def declare(name: str, expression: sp.Expr, **changes: object) -> Activation:
    return Activation(name, expression, **{**GOOD, **changes})


def test_all_required_names_are_there() -> None:
    assert set(activations) >= set(
        "identity sigmoid tanh relu leaky_relu prelu elu selu celu gelu gelu_tanh silu softplus "
        "mish hard_sigmoid hard_tanh hard_swish relu6 softsign log_sigmoid".split()
    )
    assert set(losses) >= set(
        "squared_error absolute_error huber binary_cross_entropy softmax_cross_entropy".split()
    )
    assert set(penalties) == {"l1", "l2"}
    assert set(clips) == {"clip_by_value", "clip_by_norm"}
    assert {"xavier_uniform", "xavier_normal", "he_normal", "orthogonal"} <= set(initialisers)


@pytest.mark.parametrize("key", ENTRIES)
def test_texts_and_references_are_complete(key: tuple[str, str]) -> None:
    entry = ENTRIES[key]
    assert all(entry.titles[language] for language in ("en", "zh"))
    assert entry.summary["en"].endswith(".")
    assert entry.summary["zh"].endswith("。")
    assert all(reference in BIBLIOGRAPHY for reference in entry.references)


@pytest.mark.parametrize(("entry", "point"), KINKED, ids=lambda x: getattr(x, "name", str(x)))
def test_kinks_are_the_one_sided_limits(entry: Activation, point: sp.Expr) -> None:
    """SymPy's limits of the difference quotients of the definition, not of its derivative."""
    kink, variable = entry.kinks[point], entry.variable
    step = sp.Symbol("h", positive=True)
    for sign, declared in ((-1, kink.left), (1, kink.right)):
        near = entry.partial(*_orders(entry, kink.order - 1)).subs(variable, point + sign * step)
        here = entry.partial(*_orders(entry, kink.order - 1)).subs(variable, point)
        values = {**entry.defaults, **{s: sp.Rational(1, 3) for s in entry.others}}
        quotient = ((near - here) / (sign * step)).subs(values)
        limit = sp.limit(sp.piecewise_fold(quotient), step, 0, "+")
        assert sp.simplify(limit - declared.subs(values)) == 0
    assert kink.returned in (kink.left, kink.right) or entry.name in ("absolute_error", "l1")


def _orders(entry: Activation, order: int) -> list[int]:
    return [order if s == entry.variable else 0 for s in entry.arguments]


@pytest.mark.parametrize("name", activations)
def test_limits_at_infinity(name: str) -> None:
    entry = activations[name]
    for end, declared in zip((-sp.oo, sp.oo), entry.limits, strict=True):
        definition = entry.definition.subs(entry.defaults)
        if definition.has(sp.Piecewise, sp.Abs):
            definition = entry.pieces[0 if end < 0 else -1].subs(entry.defaults)
        # tanh of a cubic and logarithms of exponentials: in exponentials SymPy's limit is sure
        definition = definition.replace(sp.tanh, lambda x: 1 - 2 / (sp.exp(2 * x) + 1))
        found = sp.limit(definition, z, end)
        expected = declared.subs(entry.defaults)
        # SELU's limit is a number in erfc, which the limit has turned into erf
        assert found == expected or sp.simplify((found - expected).rewrite(sp.erf)) == 0


@pytest.mark.parametrize("name", activations)
@pytest.mark.parametrize("order", [1, 2, 3])
def test_derivatives_against_mpmath_differences(name: str, order: int) -> None:
    """Numerical differentiation of the definition at 60 digits, away from kinks."""
    entry = activations[name]
    define = sp.lambdify(z, entry.definition.subs(entry.defaults), "mpmath")
    derive = sp.lambdify(z, entry.derivative(order).subs(entry.defaults), "mpmath")
    with mpmath.workdps(60):
        for point in map(mpmath.mpf, ("-7.3", "-2.2", "-0.4", "0.7", "2.9", "6.1")):
            expected = mpmath.diff(define, point, order)
            assert mpmath.almosteq(derive(point), expected, rel_eps=1e-12, abs_eps=1e-12)


@pytest.mark.parametrize("name", ["leaky_relu", "prelu", "elu", "celu"])
def test_derivatives_in_parameters(name: str) -> None:
    entry = activations[name]
    (parameter,) = entry.parameters
    slope = entry.partial(0, 1)
    for point in (-2, sp.Rational(-1, 3), 1):
        at = {z: point, parameter: sp.Rational(7, 5)}
        definition = entry.definition.subs(z, point)
        assert sp.simplify(slope.subs(at) - definition.diff(parameter).subs(at)) == 0


def test_selu_constants_are_the_fixed_point() -> None:
    """Mean 0 and variance 1 of N(0, 1) are kept, by quadrature."""
    selu = sp.lambdify(z, activations["selu"].definition, "mpmath")
    with mpmath.workdps(30):
        for power, expected in ((1, 0), (2, 1)):
            moment = mpmath.quad(
                lambda x, power=power: selu(x) ** power * mpmath.npdf(x),
                [-mpmath.inf, 0, mpmath.inf],
            )
            assert mpmath.almosteq(moment, expected, abs_eps=mpmath.mpf(10) ** -25)


def test_values_at_kinks_follow_the_declared_side() -> None:
    assert activations["relu"].derivative().subs(z, 0) == 0
    assert activations["elu"].derivative().subs(z, 0) == 1
    assert activations["hard_swish"].derivative().subs(z, 3) == 1
    absolute = losses["absolute_error"]
    assert absolute.derivative().subs(absolute.prediction, absolute.target) == 0
    assert activations["softsign"].jump(0, 2).returned == -2
    assert activations["elu"].jump(0, 2).left == next(iter(activations["elu"].parameters))
    assert activations["relu"].jump(0, 2) is None


def test_order_zero_is_the_definition_and_orders_are_cached() -> None:
    for entry in activations.values():
        assert entry.derivative(0) == entry.definition
        assert entry.derivative(2) is entry.derivative(2)
    with pytest.raises(ValueRangeError):
        activations["relu"].derivative(-1)


REFUSED = {
    "a kink not declared": lambda: declare("bad", sp.Piecewise((z, z > 0), (0, True))),
    "a jump of the second derivative not declared": lambda: declare("bad", z / (1 + sp.Abs(z))),
    "a wrong left limit": lambda: declare("bad", sp.Abs(z), kinks={0: Kink(0, 1, 1)}),
    "a kink where there is none": lambda: declare("bad", z**2, kinks={0: Kink(0, 1, 1)}),
    "a jump of the value": lambda: declare(
        "bad", sp.Piecewise((0, z < 0), (1, True)), kinks={0: Kink(0, 1, 0)}
    ),
    "a kink of too high an order": lambda: declare(
        "bad", sp.Abs(z), kinks={0: Kink(-1, 1, 1, order=2)}
    ),
    "no Chinese title": lambda: declare("bad", z, titles={"en": "a"}),
    "an unknown reference": lambda: declare("bad", z, references=["nobody1900"]),
    "no reference": lambda: declare("bad", z, references=[]),
    "an unknown symbol": lambda: declare("bad", z * sp.Symbol("k")),
    "a name that is no identifier": lambda: declare("not a name", z),
    "one limit": lambda: declare("bad", z, limits=(0,)),
    "a default outside the interval": lambda: Parameter(-1, positive=True),
}


@pytest.mark.parametrize("what", REFUSED)
def test_incomplete_declarations_are_refused(what: str) -> None:
    with pytest.raises(DeclarationError):
        REFUSED[what]()


def test_duplicates_are_refused() -> None:
    entry = activations["relu"]
    with pytest.raises(DeclarationError, match="relu"):
        type(activations)("activation", [entry, entry])
    with pytest.raises(DeclarationError, match="he"):
        type(initialisers)("initialiser", [initialisers["he"], declare("he", z)])


def test_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'sigmoid'"):
        activations["sigmod"]
    assert "sigmod" not in activations
    assert 3 not in activations


def test_softmax_instance_is_the_textbook_formula() -> None:
    entry = losses["softmax_cross_entropy"]
    predictions, targets = entry.symbols(3)
    written = entry.instance(predictions, targets)
    total = sum(sp.exp(p) for p in predictions)
    textbook = -sum(
        y * sp.log(sp.exp(p) / total) for p, y in zip(predictions, targets, strict=True)
    )
    assert sp.simplify(written - textbook) == 0
    slope = written.diff(predictions[0])
    softmax = sp.exp(predictions[0]) / total
    assert sp.simplify(slope - (sum(targets) * softmax - targets[0])) == 0
    with pytest.raises(ShapeError):
        entry.instance(predictions, targets[:2])


def test_binary_cross_entropy_slope_is_sigmoid_minus_target() -> None:
    entry = losses["binary_cross_entropy"]
    p, y = entry.variables
    assert sp.simplify(entry.derivative() - (1 / (1 + sp.exp(-p)) - y)) == 0
    assert entry.takes_logits


def test_initialisers_declare_the_variance() -> None:
    start = initialisers["xavier"]
    assert start is initialisers["xavier_uniform"]
    assert start.limit.subs({start.fan_in: 2, start.fan_out: 4, start.gain: 1}) == 1
    he = initialisers["he"]
    assert he.standard_deviation.subs({he.fan_in: 8, he.gain: 1}) == sp.Rational(1, 2)
    texts = {key: GOOD[key] for key in ("titles", "summary", "references")}
    with pytest.raises(DeclarationError, match="distribution"):
        type(start)("odd", start.variance, distribution="cauchy", **texts)


def test_clips() -> None:
    value = clips["clip_by_value"]
    g, low, high = value.arguments
    bounded = value.definition.subs({low: -1, high: 2})
    assert [bounded.subs(g, x) for x in (-5, 0, 5)] == [-1, 0, 2]
    norm = clips["clip_by_norm"]
    g, size, limit = norm.arguments
    assert norm.definition.subs({g: 3, size: 6, limit: 2}) == 1
    assert norm.definition.subs({g: 3, size: 6, limit: 7}) == 3
