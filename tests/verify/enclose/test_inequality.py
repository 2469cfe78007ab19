"""Inequalities on whole domains: true ones are proved, false ones refuted."""

from __future__ import annotations

import pytest
import sympy as sp

from gradmath.catalogue import activations
from gradmath.catalogue.applied import applied, explicit
from gradmath.errors import ArgumentTypeError
from gradmath.verify.enclose import inequality
from gradmath.verify.oracle import Ball, value

z = sp.Symbol("z", real=True)
R = sp.Rational
HAIR = R(1, 10**12)
F = {name: applied(entry)(z) for name, entry in activations.items()}
SIGMOID, TANH, SILU, GELU, MISH = (F[n] for n in ("sigmoid", "tanh", "silu", "gelu", "mish"))
TOP = sp.sqrt(3) / 18  # of the sigmoid's second derivative, at -log(2 + sqrt 3)
AT = -sp.log(2 + sp.sqrt(3))
POSITIVE = sp.Interval.open(0, sp.oo)

TRUE = {
    "attained": (SIGMOID.diff(z), "<=", R(1, 4)),
    "attained, with room": (SIGMOID.diff(z), "<", R(1, 4) + HAIR),
    "attained by tanh": (TANH.diff(z), "<=", 1),
    "approached at both ends": (SIGMOID, "<", 1),
    "approached on the left": (SIGMOID, ">", 0),
    "slope approached": (SIGMOID.diff(z), ">", 0),
    "softplus slope": (F["softplus"].diff(z), "<", 1),
    "silu": (SILU.diff(z), "<", R("1.09983932012886692")),
    "gelu": (GELU.diff(z), "<", R("1.12890414518515479")),
    "gelu tends to 1 from above": (GELU.diff(z), ">", 1, sp.Interval.open(R(4, 5), sp.oo)),
    "mish": (MISH.diff(z), "<", R("1.08849816125172787")),
    "gelu_tanh": (F["gelu_tanh"].diff(z), "<", R("1.12899306865877177")),
    "above its kink": (F["softplus"], ">", F["relu"]),
    "corner attained": (F["softsign"].diff(z), "<=", 1),
    "piecewise constant": (F["relu"].diff(z), "<=", 1),
    "flat half": (F["relu"], ">=", 0),
    "leaky": (F["leaky_relu"], ">=", z),
    "modulus": (sp.Abs(z), ">=", z),
    "tangent": (sp.exp(z), ">=", 1 + z),
    "fourth order contact": (z**4, ">=", 0),
    "contact away from 0": (z**2 - 2 * z + 1, ">=", 0),
    "third order contact at an end": (sp.sin(z), "<=", z, sp.Interval(0, 3)),
    "open end": (sp.tanh(z), "<", z, POSITIVE),
    "unequal": (sp.tanh(z), "!=", 1),
    "unequal though it jumps": (sp.Piecewise((-1, z < 0), (1, True)), "!=", 0),
    "inert derivative": (sp.Derivative(SIGMOID.explicit(), z), "<=", R(1, 4)),
    "two intervals": (z**2, ">", 1, sp.Union(sp.Interval.open(-sp.oo, -1), sp.Interval(2, 3))),
}
FALSE = {
    "attained, by a hair": (SIGMOID.diff(z), "<=", R(1, 4) - HAIR),
    "attained, strictly": (SIGMOID.diff(z), "<", R(1, 4)),
    "tanh, by a hair": (TANH.diff(z), "<=", 1 - HAIR),
    "silu never amplifies": (SILU.diff(z), "<=", 1),
    "silu, by a hair": (SILU.diff(z), "<", R("1.09983932012886691")),
    "gelu, by a hair": (GELU.diff(z), "<", R("1.12890414518515478")),
    "gelu below 1 far out": (GELU.diff(z), "<=", 1, sp.Interval(20, sp.oo)),
    "mish, by a hair": (MISH.diff(z), "<", R("1.08849816125172786")),
    "approached only": (SIGMOID, "<", 1 - HAIR),
    "approached only, left": (SIGMOID, ">", HAIR),
    "one value at a kink": (sp.Piecewise((0, z < 0), (1, z <= 0), (0, True)), "<=", 0),
    "strict tangent": (sp.exp(z), ">", 1 + z),
    "equal somewhere": (sp.exp(z), "!=", 1),
    "irrational zero": (sp.exp(z), "!=", 2),
    "beyond 10^6": (1 / (1 + sp.exp(10**6 - z)), "<=", R(1, 2)),
    "beyond -10^6": (1 / (1 + sp.exp(10**6 + z)), "<=", R(1, 2)),
    "beyond 10^6, slowly": (z / 10**6, "<", 1),
    "tanh beyond 10^6": (sp.tanh(z - 10**6), "<", 0),
    "beyond 10^300": (1 / (1 + sp.exp(10**300 - z)), "<=", R(1, 2)),
    "beyond 10^300, slowly": (z / 10**300, "<", 1),
    "a bump at 10^6": (sp.exp(-((z - 10**6) ** 2)), "<", R(1, 2)),
    "identically equal": (F["relu"], ">", 0, sp.Interval(-5, -4)),
    "on a closed end": (z, "<", 3, sp.Interval(0, 3)),
    "at a single point": (z, "<", 3, sp.Union(sp.Interval(0, 1), sp.FiniteSet(3))),
}  # fmt: skip


def holds(left, operator, right, point):
    """The relation at a point by the oracle, which shares nothing with the boxes."""
    answer = value(explicit(left - sp.sympify(right)).xreplace({z: point}))
    assert isinstance(answer, Ball)
    sign = 0 if answer.kind == "zero" else 1 if answer.arb > 0 else -1
    signs = {"<": [-1], "<=": [-1, 0], ">": [1], ">=": [0, 1], "!=": [-1, 1]}
    return sign in signs[operator]


@pytest.mark.parametrize("case", TRUE.values(), ids=TRUE)
def test_true_ones_are_proved_on_the_whole_domain(case):
    verdict = inequality(*case)
    assert verdict.proved is True, verdict
    assert verdict
    assert verdict.parts
    assert "128 bits" in verdict.how


@pytest.mark.parametrize("case", FALSE.values(), ids=FALSE)
def test_false_ones_are_refuted_where_they_fail(case):
    verdict = inequality(*case)
    assert verdict.proved is False, verdict
    if verdict.witness is None:  # a zero between two fractions
        assert case[1] == "!="
        assert verdict.found.startswith("0 in")
        return
    left, operator, right, *domain = case
    assert sp.S.Reals.contains(verdict.witness) == True  # noqa: E712 - a SymPy boolean
    assert not domain or domain[0].contains(verdict.witness) == True  # noqa: E712 - the same
    assert not holds(left, operator, right, verdict.witness)


def test_contact_at_a_point_that_is_no_fraction():
    slope = SIGMOID.diff(z, 2)
    assert inequality(slope, "<=", TOP, touching=[AT]).proved is True
    assert inequality(slope, "<", TOP, touching=[AT], without=[AT]).proved is True
    assert inequality(slope, "<", TOP, touching=[AT]).proved is False
    assert inequality(slope, "<=", TOP - HAIR, touching=[AT]).proved is False
    assert inequality(slope, "<=", TOP + HAIR).proved is True
    assert inequality(slope, "<=", TOP, touching=[AT + HAIR]).proved is None
    unnamed = inequality(slope, "<=", TOP)
    assert unnamed.proved is None
    assert "may be equal near -1.316957896" in unnamed.reason


def test_a_point_left_out_of_the_domain():
    assert inequality(SIGMOID.diff(z), "<", R(1, 4), without=[0]).proved is True
    assert inequality(SIGMOID.diff(z), "<", R(1, 4), without=[1]).proved is False


def test_a_budget_that_is_too_small_is_inconclusive():
    verdict = inequality(SIGMOID.diff(z), "<=", R(1, 4) + HAIR, budget=20)
    assert verdict.proved is None
    assert "20 boxes did not suffice" in verdict.reason
    assert not verdict
    assert inequality(SIGMOID.diff(z), "<=", R(1, 4) + HAIR).boxes > 20


def test_what_has_no_tail_here_is_inconclusive():
    for case in [(sp.sin(z), "<=", 1), (sp.log(z), "<=", z - 1, POSITIVE), (sp.gamma(z), ">", 0)]:
        verdict = inequality(*case)
        assert verdict.proved is None
        assert verdict.reason


def test_flat_contact_is_inconclusive():
    assert inequality(z**10, ">=", 0).proved is None


def test_undefined_inside_is_inconclusive():
    assert inequality(1 / z, "!=", 0, sp.Interval(-1, 1)).proved is None


def test_parts_cover_the_line_and_say_how():
    verdict = inequality(F["softsign"].diff(z), "<=", 1)
    where = [part.where for part in verdict.parts]
    assert "(-oo, -8]" in where
    assert "[8, oo)" in where
    assert "at 0" in where
    assert verdict.boxes == sum(part.boxes for part in verdict.parts) > 0


def test_what_cannot_be_asked():
    w = sp.Symbol("w", real=True)
    with pytest.raises(ArgumentTypeError):
        inequality(z + w, "<", 1)
    with pytest.raises(ArgumentTypeError):
        inequality(z, "=<", 1)
    with pytest.raises(ArgumentTypeError):
        inequality(z, "<", 1, sp.S.Integers)
    with pytest.raises(ArgumentTypeError):
        inequality(sp.Abs(z**2 - 1), ">=", 0)
    with pytest.raises(ArgumentTypeError):
        inequality(z, "<", 1, sp.S.EmptySet)


def test_no_point_is_no_proof():
    verdict = inequality(z, "<", 1, sp.FiniteSet(0), without=[0])
    assert verdict.proved is None
    assert verdict.reason == "the domain has no point"
