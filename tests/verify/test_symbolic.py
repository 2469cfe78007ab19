"""Proofs end in exactly zero, disproofs show a point, and time limits hold."""

from __future__ import annotations

import threading
import time

import pytest
import sympy as sp

from gradmath.catalogue import activations
from gradmath.catalogue.applied import applied
from gradmath.errors import ArgumentTypeError
from gradmath.verify import prover
from gradmath.verify.normalform import vanishes
from gradmath.verify.oracle import Ball, value
from gradmath.verify.symbolic import prove_zero

z, w = sp.symbols("z w", real=True)
p, delta = sp.symbols("p delta", positive=True)
n = sp.Symbol("n", integer=True, positive=True)
k = sp.Symbol("k", integer=True)
S = 1 / (1 + sp.exp(-z))
HUBER = sp.Piecewise(
    ((z - w) ** 2 / 2, sp.Abs(z - w) <= delta), (delta * (sp.Abs(z - w) - delta / 2), True)
)

TRUE = [
    S.diff(z) - S * (1 - S),
    S.diff(z, 2) - S * (1 - S) * (1 - 2 * S),
    sp.tanh(z) + 1 - 2 / (1 + sp.exp(-2 * z)),
    sp.sech(z) ** 2 - 1 + sp.tanh(z) ** 2,
    sp.log(1 + sp.exp(-z)) + z - sp.log(1 + sp.exp(z)),
    sp.tanh(sp.log(1 + sp.exp(z))) - ((1 + sp.exp(z)) ** 2 - 1) / ((1 + sp.exp(z)) ** 2 + 1),
    z * (1 + sp.erf(z / sp.sqrt(2))) / 2 - z * sp.erfc(-z / sp.sqrt(2)) / 2,
    sp.sqrt(1 + p) * sp.sqrt(1 + p) ** 3 - (1 + p) ** 2,
    1 / (1 + sp.sqrt(2)) - (sp.sqrt(2) - 1),
    sp.sin(z + w) - sp.sin(z) * sp.cos(w) - sp.cos(z) * sp.sin(w),
    sp.Sum(k, (k, 1, n)) - n * (n + 1) / 2,
    sp.Max(z, 0) - (z + sp.Abs(z)) / 2,
    z * sp.sign(z) - sp.Abs(z),
    HUBER - sp.Piecewise(
        (-delta * (z - w) - delta**2 / 2, z - w < -delta),
        ((z - w) ** 2 / 2, z - w <= delta),
        (delta * (z - w) - delta**2 / 2, True),
    ),
    applied(activations["sigmoid"])(z).diff(z) - S * (1 - S),
]  # fmt: skip

FALSE = [
    S.diff(z) - S * (1 + S),
    S.diff(z) - sp.Rational(10001, 10000) * S * (1 - S),
    sp.tanh(z) - z,
    sp.Abs(z) - z,
    sp.sqrt(z**2) - z,
    sp.log(p**2) - sp.log(p),
    HUBER - (z - w) ** 2 / 2,
    1 - sp.Rational(1, 10**40) - 1,
]


@pytest.mark.parametrize("e", TRUE, ids=str)
def test_identities_are_proved(e):
    assert prove_zero(e).proved is True


@pytest.mark.parametrize("e", FALSE, ids=str)
def test_false_ones_are_disproved_at_a_point_where_they_are_false(e):
    proof = prove_zero(e)
    assert proof.proved is False
    found = value(e, proof.counterexample)
    assert isinstance(found, Ball)
    assert found.kind == "relative"


@pytest.mark.parametrize("e", FALSE, ids=str)
def test_the_normal_form_proves_nothing_false(e):
    if not e.has(sp.Abs, sp.Piecewise):
        assert not vanishes(e)


def test_wrong_at_one_point_only_is_not_proved():
    step = sp.Piecewise((1, z > 0), (0, True)) - sp.Piecewise((1, z >= 0), (0, True))
    proof = prove_zero(step)
    assert proof.proved is False
    assert "z = 0" in proof.how
    assert prove_zero(step, breakpoints=False).proved is True


def test_assumptions_are_used_and_kept():
    assert prove_zero(sp.Abs(z) - z, [z > 0]).proved is True
    assert prove_zero(sp.Abs(z - 3) - z + 3, [z >= 3]).proved is True
    assert prove_zero(sp.Abs(z) + z, [z < 0]).proved is True
    proof = prove_zero(sp.Abs(z - 3) - z + 3, [z >= 2])
    assert proof.proved is False
    assert proof.counterexample[z] >= 2
    with pytest.raises(ArgumentTypeError):
        prove_zero(z, ["z > 0"])
    with pytest.raises(ArgumentTypeError):
        prove_zero("z")


def hard():
    """An expression of opaque functions over a power that no simplifier finishes with."""
    f = sp.Function("f")
    total = sum(sp.sin(sp.Symbol(f"x{m}", real=True) * sp.sqrt(m + 2)) for m in range(8))
    return f(z) * total**60 - f(z) * (total + sp.sin(f(w)) ** 2 + sp.cos(f(w)) ** 2 - 1) ** 60


def test_time_limits_hold_and_the_next_proof_works():
    start = time.monotonic()
    proof = prove_zero(hard(), seconds=2.0)
    assert proof.proved is None
    assert time.monotonic() - start < 20
    assert prove_zero(sp.cos(2 * z) - 2 * sp.cos(z) ** 2 + 1).proved is True


def test_proofs_from_several_threads():
    results = []

    def ask(u):
        results.append(prove_zero(sp.sin(2 * u) - 2 * sp.sin(u) * sp.cos(u)).proved)

    threads = [threading.Thread(target=ask, args=(u,)) for u in (w, z * w, z + w)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [True] * 3


def test_a_process_that_dies_is_no_proof(monkeypatch):
    monkeypatch.setattr(prover, "attempt", dead)
    doubled = sp.sin(2 * z) - 2 * sp.sin(z) * sp.cos(z)
    assert prove_zero(doubled).proved is None
    monkeypatch.undo()
    assert prove_zero(doubled).proved is True  # an unknown is not remembered


def test_the_squares_of_sine_and_cosine_are_one_in_the_normal_form():
    s, c = sp.sin(z - w), sp.cos(w - z)
    turned = (w * c - z * s) ** 2 + (w * s + z * c) ** 2
    assert vanishes(turned - w**2 - z**2)
    assert vanishes((1 - c**2) / s - s)
    assert vanishes(c**3 - c + c * s**2)
    assert not vanishes(c - c * s**2)
    assert not vanishes(turned - w**2 + z**2)


def test_what_is_certain_is_found_once(monkeypatch):
    assert prove_zero(sp.tanh(3 * z) + sp.tanh(-3 * z)).proved is True
    false = sp.tanh(3 * z) - 3 * z
    first = prove_zero(false)
    assert first.proved is False
    monkeypatch.setitem(prove_zero.__globals__, "_sought", None)  # nothing is sought
    assert prove_zero(false) is first
    with pytest.raises(TypeError):  # another question, although it is the same number
        prove_zero(false, breakpoints=False)


def dead(expression, seconds):
    raise prover.BackendError("prover", got="the process ended without an answer")


@pytest.fixture(autouse=True, scope="module")
def end_processes():
    yield
    prover.close()
