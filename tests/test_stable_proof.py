"""Every form is proved equal to its original, and the prover refuses what is not."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sympy as sp

from gradmath.catalogue import activations, losses, penalties
from gradmath.stable import Form, form, scaled_erfc
from gradmath.stable.lets import Tail

z = sp.Symbol("z", real=True)
ENTRIES = {
    entry.name: entry
    for table in (activations, losses, penalties)
    for entry in table.values()
    if hasattr(entry, "derivative")
}
ALLOWED = {
    sp.Add, sp.Mul, sp.Pow, sp.exp, sp.Abs, sp.Min, sp.Max, sp.sign, sp.tanh, sp.floor,
    sp.Piecewise, scaled_erfc, sp.codegen.cfunctions.expm1, sp.codegen.cfunctions.log1p,
}  # fmt: skip


@pytest.mark.parametrize("order", [0, 1, 2])
@pytest.mark.parametrize("name", ENTRIES)
def test_form_is_proved_equal_to_the_definition(name: str, order: int) -> None:
    entry = ENTRIES[name]
    lines = form(entry.derivative(order), entry.variable).prove()
    assert lines
    assert [what for what, proved in lines if not proved] == []


@pytest.mark.parametrize("order", [0, 1, 2])
@pytest.mark.parametrize("name", ENTRIES)
def test_bindings_are_single_operations_from_the_agreed_set(name: str, order: int) -> None:
    entry = ENTRIES[name]
    written = form(entry.derivative(order), entry.variable)
    for _, bound in (*written.bindings, (z, written.value)):
        for node in sp.preorder_traversal(bound):
            leaf = not isinstance(node, sp.Expr) or node.is_number or node.is_Symbol
            assert leaf or type(node) in ALLOWED, node
        if not bound.is_number and (bound.is_Add or bound.is_Mul):
            assert len(bound.args) <= 3


@pytest.mark.parametrize("name", ["sigmoid", "silu", "gelu", "softplus", "elu", "softsign"])
@pytest.mark.parametrize("order", [0, 1, 2])
def test_a_wrong_form_is_not_proved(name: str, order: int) -> None:
    """The value doubled, and every exponential squared."""
    entry = activations[name]
    written = form(entry.derivative(order), entry.variable)
    assert not all(ok for _, ok in replace(written, value=2 * written.value).prove())
    squared = tuple(
        (s, sp.exp(2 * b.args[0]) if isinstance(b, sp.exp) else b) for s, b in written.bindings
    )
    if squared != written.bindings:
        assert not all(ok for _, ok in replace(written, bindings=squared).prove())


def test_a_clamp_too_near_is_not_proved() -> None:
    written = form(activations["silu"].definition, activations["silu"].variable)
    short = tuple(
        Tail(t.variable, t.what, sp.Integer(8), sp.Integer(8), t.size, t.first, t.rest, t.signs)
        for t in written.tails
    )
    assert not all(ok for _, ok in replace(written, tails=short).prove())


def test_a_series_cut_short_is_not_proved() -> None:
    written = form(activations["gelu"].definition, activations["gelu"].variable)
    far = tuple(replace(s, edge=sp.Integer(3)) if s.edge else s for s in written.stands)
    assert not all(ok for _, ok in replace(written, stands=far).prove())


@pytest.mark.parametrize(
    "expression",
    [
        sp.sin(z) * sp.exp(z), sp.cosh(z), 1 / (z + sp.exp(z)), sp.exp(z), sp.log(2 + sp.exp(z)),
        sp.exp(-z**2) * sp.exp(z), sp.erf(z) ** 2, sp.tanh(z), sp.Symbol("w") * sp.erf(z),
    ],
)  # fmt: skip
def test_what_is_not_known_is_returned_as_it_is(expression: sp.Expr) -> None:
    written = form(expression, z)
    assert written == Form((), expression, expression, z)
    assert all(ok for _, ok in written.prove())


@pytest.mark.parametrize(
    "expression",
    [
        1 / (1 + sp.exp(-z)), z / (1 + sp.exp(-z)) ** 2, sp.sech(z) ** 2, 1 - sp.tanh(z) ** 2,
        sp.log(1 + sp.exp(3 * z)), sp.Max(0, z) + sp.exp(-sp.Abs(z)), sp.Abs(z) / (2 + sp.Abs(z)),
        sp.exp(-z) / (1 + sp.exp(-z)), 1 / (1 + sp.exp(-z)) - sp.Rational(1, 2),
        1 - sp.erf(z), 2 + sp.erf(z), z * (1 - sp.erf(z)), 3 - 3 * sp.erf(2 * z),
    ],
)  # fmt: skip
def test_expressions_a_person_types_are_proved_too(expression: sp.Expr) -> None:
    written = form(expression, z)
    assert all(ok for _, ok in written.prove())


def test_forms_are_cached_and_avoid_taken_names() -> None:
    other = sp.Symbol("let0", real=True)
    written = form(other / (1 + sp.exp(-z)), z)
    assert written is form(other / (1 + sp.exp(-z)), z)
    assert other not in {symbol for symbol, _ in written.bindings}


def test_scaled_erfc_is_what_it_says() -> None:
    x = sp.Symbol("x", positive=True)
    assert scaled_erfc(x).rewrite(sp.erfc) == sp.exp(x**2) * sp.erfc(x)
    slope = scaled_erfc(x).diff(x) - (sp.exp(x**2) * sp.erfc(x)).diff(x)
    assert sp.simplify(slope.rewrite(sp.erfc)) == 0
    assert scaled_erfc(0) == 1
