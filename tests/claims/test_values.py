"""Values: rounding, forms for prose, formulas and code."""

from __future__ import annotations

import pytest
import sympy as sp

from gradmath.claims.exercise import Answer, Kind
from gradmath.claims.values import Value
from gradmath.errors import DeclarationError, UnknownNameError


@pytest.mark.parametrize(
    ("value", "digits", "plain", "text", "latex"),
    [
        (sp.Rational(-1, 8), None, "-1/8", "−1/8", r"- \frac{1}{8}"),
        (sp.Rational(1, 4), 3, "0.25", "0.25", "0.25"),
        (sp.Rational(2, 3), 3, "0.667", "0.667", "0.667"),
        (sp.exp(-20), 3, "2.06e-9", "2.06 × 10⁻⁹", r"2.06 \times 10^{-9}"),
        (-sp.exp(20), 3, "-4.85e8", "−4.85 × 10⁸", r"-4.85 \times 10^{8}"),
        (0.1 + 0.2, 3, "0.300", "0.300", "0.300"),
        (0.25, 2, "0.25", "0.25", "0.25"),
        (547, None, "547", "547", "547"),
        (547, 2, "550", "550", "550"),
        (sp.Rational(5, 2), 1, "2", "2", "2"),
        (0.0, 3, "0", "0", "0"),
        (sp.pi, 5, "3.1416", "3.1416", "3.1416"),
    ],
)
def test_forms(value, digits, plain, text, latex):
    made = Value(value, digits)
    assert (made.plain, made.text, made.latex) == (plain, text, latex)


def test_cancellation_does_not_spoil_the_digits():
    assert Value(sp.sqrt(sp.Integer(10) ** 40 + 1) - 10**20, digits=3).plain == "5.00e-21"


def test_units_follow():
    assert Value(3, unit="ulp").text == "3 ulp"


def test_formulas_and_matrices():
    x = sp.Symbol("x")
    assert Value(x**2).is_formula
    assert Value(x**2).latex == "x^{2}"
    assert Value(sp.ImmutableMatrix([[1, 2]])).is_formula


@pytest.mark.parametrize(("value", "digits"), [(0.5, None), ("a", 3), (True, None), (1, 0)])
def test_refused(value, digits):
    with pytest.raises(DeclarationError):
        Value(value, digits)


def test_a_formula_has_no_digits():
    with pytest.raises(DeclarationError, match="numbers only"):
        Value(sp.Symbol("x"), digits=3)


def test_json_holds_every_form():
    kept = {"exact", "digits", "certain", "unit", "plain", "text", "latex"}
    assert set(Value(1).to_json()) == kept


def test_answers_are_filled():
    answer = Answer(Kind.BY_HAND, en="${$g}$ is {=g}, `{#g}`", zh="{=g}")
    values = {"g": Value(sp.Rational(-1, 4))}
    assert answer.markdown("en", values) == r"$- \frac{1}{4}$ is −1/4, `-1/4`"
    assert answer.markdown("zh", values) == "−1/4"
    with pytest.raises(UnknownNameError):
        Answer(Kind.PROOF, en="{=h}", zh="").markdown("en", values)
    with pytest.raises(UnknownNameError):
        answer.markdown("fr", values)
