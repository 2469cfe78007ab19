"""Catalogue entries as SymPy functions that stay unevaluated."""

from __future__ import annotations

import pytest
import sympy as sp

from gradmath.catalogue import activations, applied, explicit, losses
from gradmath.errors import ArgumentTypeError

z, w = sp.symbols("z w", real=True)
sigmoid = applied(activations["sigmoid"])
prelu = applied(activations["prelu"])


def test_prints_with_primes() -> None:
    assert str(sigmoid(z)) == "sigmoid(z)"
    assert str(sigmoid(z).diff(z)) == "sigmoid'(z)"
    assert str(sigmoid(z).diff(z, 2)) == "sigmoid''(z)"
    assert str(sigmoid(z).diff(z, 4)) == "sigmoid^(4)(z)"
    assert str(prelu(z, w).diff(w)) == "prelu^(0,1)(z, w)"
    assert sp.latex(sigmoid(z).diff(z)).startswith(r"\sigma'")
    assert sp.latex(sigmoid(z) ** 2).endswith("^{2}")


def test_chain_rule() -> None:
    x, b = sp.symbols("x b", real=True)
    slope = sigmoid(w * x + b).diff(w)
    assert slope == x * applied(activations["sigmoid"], (1,))(w * x + b)


def test_one_class_for_each_entry_and_order() -> None:
    entry = activations["sigmoid"]
    assert applied(entry) is applied(entry, (0,)) is sigmoid
    assert applied(entry, (1,)) is type(sigmoid(z).diff(z))
    assert sigmoid(z) == sigmoid(z)
    assert sigmoid(z) != applied(entry, (1,))(z)
    assert hash(sigmoid(z)) != hash(applied(entry, (1,))(z))


@pytest.mark.parametrize("name", activations)
def test_explicit_commutes_with_differentiation(name: str) -> None:
    entry = activations[name]
    call = applied(entry)(z)
    numbers = entry.defaults
    for order in (1, 2):
        assert explicit(call.diff(z, order)) == entry.derivative(order).subs(numbers)


def test_defaults_are_filled_in_and_wrong_counts_refused() -> None:
    assert prelu(z).args == (z, sp.Rational(1, 4))
    with pytest.raises(ArgumentTypeError):
        prelu(z, w, w)
    with pytest.raises(ArgumentTypeError):
        applied(losses["squared_error"])(z)
    with pytest.raises(ArgumentTypeError):
        applied("sigmoid")


def test_explicit_reaches_into_nested_calls() -> None:
    expression = sigmoid(2 * sigmoid(z)) + z
    inner = 1 / (1 + sp.exp(-z))
    assert explicit(expression) == 1 / (1 + sp.exp(-2 * inner)) + z
    assert explicit(z**2) == z**2


def test_losses_take_prediction_and_target() -> None:
    loss = applied(losses["squared_error"])(z, w)
    assert explicit(loss.diff(z)) == 2 * z - 2 * w
    assert explicit(loss.diff(w)) == 2 * w - 2 * z


def test_assumptions_and_evaluation() -> None:
    assert sigmoid(z).is_real
    assert sigmoid(sp.Symbol("c")).is_real is None
    assert abs(sigmoid(sp.Integer(2)).evalf(30) - (1 / (1 + sp.exp(-2))).evalf(30)) < 1e-28
