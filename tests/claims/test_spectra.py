"""Statements about spectra of given matrices: true ones pass, false ones fail, wide ones wait."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy as sp

from gradmath.claims import measures
from gradmath.claims.spectra import Between, OfMatrices, Printed, Spectra
from gradmath.errors import DeclarationError, UnknownNameError

R = sp.Rational
A = Printed.of("A", [["0", "4"], ["1", "0"]])  # eigenvalues 2, -2; singular values 4, 1
T = Printed.of("T", [["0.5", "100"], ["0", "0.25"]])
B = Printed.of("B", [["3.0", "1.0"], ["0.0", "1.0"]], places=1)
HAIR = R(1, 10**15)

TRUE = {
    "radius": Between(measures.RADIUS, (A,), 2 - HAIR, 2 + HAIR),
    "norm": Between(measures.NORM, (A,), 4 - HAIR, 4 + HAIR),
    "second": Between(measures.singular_value(2), (A,), 1 - HAIR, 1 + HAIR),
    "leading": Between(measures.LEADING, (T,), R(1, 2) - HAIR, R(1, 2) + HAIR),
    "power": Between(measures.power_entry(10), (A,), R(1024), R(1024)),
    "first": Between(measures.first_power_reaching(R(1000)), (A,), R(9), R(9)),
    "commutator": Between(measures.COMMUTATOR, (A, T), R(100), R(801)),
    "rounded": Between(measures.NORM, (B,), R(3), R(7, 2)),
}


def rows(statement):
    return {row.subject: row for row in Spectra().check(statement)}


def test_what_is_true_passes_and_has_no_counterexample():
    statement = OfMatrices(TRUE)
    assert {row.status for row in rows(statement).values()} == {"passed"}
    assert statement.counterexample() is None
    assert all(row.got and row.expected for row in rows(statement).values())
    assert statement.domain_text("radius") == "A exactly as printed"
    assert statement.domain_text("rounded") == "every matrix within 0.05 of B, entry by entry"


@pytest.mark.parametrize("name", TRUE)
@pytest.mark.parametrize("side", [1, -1])
def test_what_is_false_fails_and_is_shown_false(name, side):
    part = TRUE[name]
    off = side * (part.high - part.low + 1) + (side if name != "rounded" else 0)
    planted = OfMatrices(TRUE).but(**{name: {"low": part.low + off, "high": part.high + off}})
    found = rows(planted)
    assert found.pop(name).status == "failed"
    assert {row.status for row in found.values()} == {"passed"}
    shown = planted.counterexample()
    assert shown is not None
    assert shown.part == name
    assert name in planted.text


def test_a_bound_inside_the_enclosure_is_undecided():
    narrow = OfMatrices({"norm": Between(measures.NORM, (B,), R(315, 100), R(320, 100))})
    assert rows(narrow)["norm"].status == "inconclusive"


def test_an_eigenvalue_that_is_not_simple_is_undecided():
    leading = Between(measures.LEADING, (A,), R(2), R(2))  # 2 and -2 have one modulus
    twice = Between(measures.LEADING, (Printed.of("I", [["1", "0"], ["0", "1"]]),), R(1), R(1))
    found = rows(OfMatrices({"leading": leading, "twice": twice}))
    assert found["twice"].status == "inconclusive"
    assert "simple" in found["twice"].note


def test_a_power_that_no_ball_decides_is_undecided():
    rounded = Printed.of("C", [["2.0"]], places=1)
    found = rows(
        OfMatrices(
            {
                "grows": Between(measures.first_power_reaching(R(1000)), (rounded,), R(10), R(10)),
                "never": Between(measures.first_power_reaching(R(9), 3), (T,), R(4), R(5)),
            }
        )
    )
    assert found["grows"].status == "inconclusive"
    assert found["never"].status == "failed"  # T itself reaches 100: the first power does


def test_the_bounds_are_shown_as_decimals():
    part = Between(measures.RADIUS, (T,), R(49, 100), R(51, 100))
    assert part.latex == r"0.49 \le \rho(T) \le 0.51"
    assert part.text == "49/100 <= spectral radius of T <= 51/100"
    assert Between(measures.power_entry(2), (A,), R(4), R(4)).latex == (
        r"\max_{ij} \bigl|(A^{2})_{ij}\bigr| = 4"
    )
    assert Between(measures.singular_value(2), (A,), R(1), R(1)).latex == "s_{2}(A) = 1"
    assert r"\ge 1000\bigr\}" in TRUE["first"].latex
    assert Between(measures.RADIUS, (T,), R(1, 3), R(1)).latex.startswith(r"\frac{1}{3}")


def test_values_are_good_to_many_digits():
    value = Between(measures.NORM, (Printed.of("G", [["1", "1"], ["1", "0"]]),), R(1), R(2)).value()
    assert abs(sp.N(value - sp.GoldenRatio, 40)) < 1e-24


def test_parts_are_named_and_matrices_are_rectangles():
    with pytest.raises(UnknownNameError):
        Spectra(("radus",)).check(OfMatrices(TRUE))
    with pytest.raises(UnknownNameError):
        OfMatrices(TRUE).but(radus={"low": R(0)})
    assert Spectra(("radius",)).covers(OfMatrices(TRUE)) == {"radius"}
    with pytest.raises(DeclarationError):
        OfMatrices({})
    for ragged in ([["1", "2"], ["3"]], []):
        with pytest.raises(DeclarationError, match="matrix"):
            Printed.of("A", ragged)
    assert B.error == Fraction(1, 20)
    assert B.exact.error == 0
    assert B.matrix == sp.Matrix([[3, 1], [0, 1]])
