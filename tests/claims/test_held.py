"""Values that pages quote: each is held by something other than its own formula."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
import sympy as sp

from gradmath.claims import PROVED, Case, Mistake, Status, claims
from gradmath.claims.agreement import agree
from gradmath.claims.computed import Computed, Quantity
from gradmath.claims.evidence import identity
from gradmath.claims.held import holding
from gradmath.claims.judge import as_report, judge
from gradmath.claims.located import Extremal, Located
from gradmath.claims.relation import at_most, equal, equal_entries
from gradmath.claims.statement import ForAll
from gradmath.claims.symbols import Reals, sigmoid, z
from gradmath.claims.values import Instance, Value
from gradmath.errors import DeclarationError, UnknownNameError

S = sigmoid(z)
QUARTER = sp.Rational(1, 4)
SLOPE = ForAll({"slope": equal(S.diff(z), S * (1 - S))}, {z: Reals})
WORDS = ("thirty layers, 40 units", "30 层，40 个单元")


def why(value: Value, statement=SLOPE, words=WORDS) -> str:
    """Why a value is not held; an empty string if it is."""
    return holding(statement, {"v": value}, words).loose.get("v", "")


@pytest.mark.parametrize(
    "wrong",
    [S * (2 - S), S * (1 + S), S, 1 - S, S**2 * (1 - S), 2 * S * (1 - S), -S * (1 - S), S - S**3],
    ids=str,
)
def test_a_wrong_formula_is_held_by_nothing(wrong):
    assert "no part of the statement says" in why(Value(wrong))


@pytest.mark.parametrize("right", [S * (1 - S), S - S**2, S.diff(z)], ids=str)
def test_the_formula_of_a_part_is_held_however_it_is_written(right):
    assert why(Value(right)) == ""


def test_a_number_is_held_as_an_instance_of_a_part():
    at_2 = Instance("slope", {z: 2})
    right = S.diff(z).subs(z, 2).doit()
    assert why(Value(sp.exp(-2) / (1 + sp.exp(-2)) ** 2, digits=4, again=at_2)) == ""
    assert why(Value(right, digits=4, again=at_2)) == ""
    wrong = sp.exp(-2) / (1 + sp.exp(-2))
    assert "found another way" in why(Value(wrong, digits=4, again=at_2))
    assert why(Value(QUARTER, again=Instance("slope", {z: 0}))) == ""
    assert "found another way" in why(Value(sp.Rational(1, 2), again=Instance("slope", {z: 0})))


def test_an_instance_lies_in_the_domain_and_names_a_part():
    bounded = ForAll({"slope": at_most(S, 1)}, {z: sp.Interval(0, 1)})
    with pytest.raises(DeclarationError):
        why(Value(QUARTER, again=Instance("slope", {z: 2})), bounded)
    with pytest.raises(UnknownNameError):
        why(Value(QUARTER, again=Instance("lost", {z: 0})))
    with pytest.raises(UnknownNameError):
        why(Value(QUARTER, again=Instance("slope", {sp.Symbol("q"): 0})))


@pytest.mark.parametrize("error", [0.0, 1e-13, 1e-8, 1e-4, 0.01])
def test_a_second_computation_holds_to_a_share_of_1e_9(error):
    value = Value(math.exp(-3) * (1 + error), digits=3, again=lambda: math.exp(-3))
    assert (why(value) == "") is (error < 1e-9)


def test_an_exact_number_is_held_exactly():
    power = sp.Rational(3, 4) ** 50
    assert why(Value(power, digits=2, again=lambda: Fraction(3, 4) ** 50)) == ""
    assert why(Value(power * sp.Rational(3, 4), digits=2, again=sp.Rational(3, 4) ** 50)) != ""


def test_a_setting_is_held_by_the_words_in_every_language():
    assert why(Value(40)) == ""
    assert why(Value(30)) != ""  # in one language alone
    assert why(Value(41)) != ""
    assert why(Value(4)) != ""  # a digit of another number


def test_a_number_between_others_of_its_kind_is_held_too_loosely():
    words = ("480 and 240 networks",) * 2
    assert "too loosely" in why(Value(240), words=words)


def test_a_located_number_is_held_within_its_error():
    of = S.diff(z)
    statement = Located({"top": Extremal(of, "greatest", QUARTER, (sp.S.Zero,))})
    assert why(Value(QUARTER), statement) == ""
    assert why(Value(QUARTER + sp.Rational(1, 10**6), digits=9), statement) != ""


def test_a_computed_number_is_held_by_its_part():
    statement = Computed({"p": Quantity(lambda: 0.3, lambda: 0.3, 0.0, 1.0)}, "p", "p")
    assert why(Value(0.3, digits=2), statement) == ""
    assert why(Value(0.6, digits=2), statement) != ""


def test_a_matrix_is_held_entry_by_entry():
    a, b = sp.Matrix([[1, 2], [0, 1]]), sp.Matrix([[1, 0], [3, 1]])
    statement = ForAll(equal_entries(a * b, sp.Matrix([[7, 2], [3, 1]]), "AB "))
    assert why(Value(sp.ImmutableMatrix(a * b)), statement) == ""
    assert why(Value(sp.ImmutableMatrix(b * a)), statement) != ""
    assert why(Value(sp.ImmutableMatrix((a * b).T)), statement) != ""


def test_a_claim_with_a_value_that_nothing_holds_fails():
    wrong = Mistake("wrong", "错", SLOPE.but(slope=equal(S.diff(z), S * (1 + S))))

    def outcome(value):
        return judge(PROVED, Case(SLOPE, [identity()], [wrong], {"slope": value}))

    good, bad = outcome(Value(S * (1 - S))), outcome(Value(S * (2 - S)))
    assert (good.status, bad.status) == (Status.PASSED, Status.FAILED)
    assert "'slope'" in bad.reason
    assert "second computation" in bad.reason
    row = as_report("one", good).rows[-1]
    assert row.status == "passed"
    assert "all let go of" in row.note
    assert good.held.changed >= 5
    with pytest.raises(Exception, match="slope"):
        as_report("one", bad).require()


#: One mistake in the formula of a value of the chapter each, as an author could make it.
PLANTED = [
    ("sigmoid-derivative", "product", lambda v: S * (2 - S)),
    ("sigmoid-derivative", "at_zero", lambda v: sp.Rational(1, 2)),
    ("descent-small-step", "limit", lambda v: v / 2),
    ("descent-small-step", "beta", lambda v: v * sp.Rational(10001, 10000)),
    ("one-dial", "vanished", lambda v: v / 2),
    ("one-dial", "layers", lambda v: v + 1),
    ("by-hand", "w1_after", lambda v: -v),
    ("confidently-wrong", "z", lambda v: -v),
    ("escape-from-saturation", "steps", lambda v: 2 * v),
    ("depth-bound", "quarter", lambda v: 2 * v),
    ("residual-identity-path", "low", lambda v: v * sp.Rational(9, 10)),
    ("lstm-carry-product", "carried_5", lambda v: v**2),
    ("l2-shrinks", "kept", lambda v: 1 - v),
    ("clip-value-turns", "turned", lambda v: 45 - v),
    ("exercise-edge-hand", "half_width", lambda v: v / sp.sqrt(3)),
    ("orthogonal-isometry", "ten", lambda v: v - 1),
    ("oscillating-loss", "outer", lambda v: v**2),
    ("exercise-before-hand", "ab", lambda v: v.T),
    ("gallery-seven-sigmoids", "slope", lambda v: 1.01 * v),
    ("gallery-gelu-tail", "percent", lambda v: v / 2),
]


@pytest.mark.parametrize(
    ("id", "name", "wrong"), PLANTED, ids=[f"{id}.{name}" for id, name, _ in PLANTED]
)
def test_a_mistake_in_a_value_of_the_chapter_is_caught(id, name, wrong):
    claim = claims[id]
    value = claim.values[name]
    texts = (claim.titles, claim.statement_text, claim.assumptions)
    words = [" ".join(text.get(language, "") for text in texts) for language in ("en", "zh")]
    planted = Value(wrong(value.value), value.digits, value.unit, again=value.again)
    assert name not in holding(claim.statement, {name: value}, words).loose
    assert name in holding(claim.statement, {name: planted}, words).loose


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (sp.exp(-700), sp.exp(-700) * (1 + sp.Rational(1, 10**30)), True),
        (sp.exp(-700), sp.S.Zero, False),
        (sp.exp(-700), sp.exp(-701), False),
        (0.0, 1e-300, False),
        (float("inf"), 1e308, False),
        (sp.Integer(3), sp.Rational(3000000001, 10**9), False),
        (S, z, False),
        (sp.Matrix([1, 2]), sp.Integer(1), False),
    ],
)
def test_agreement_is_relative(one, other, same):
    assert agree(one, other) is same
