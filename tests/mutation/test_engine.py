"""The engine that plants mistakes: it finds some of every kind, and it can itself fail."""

from __future__ import annotations

import dataclasses
import functools

import pytest
import sympy as sp

import gradmath as gm
from gradmath.checking import check, kept
from gradmath.mutation import Mutant, rows, trials
from gradmath.mutation import named as named_mistakes
from gradmath.mutation.expressions import Context, changes
from gradmath.mutation.outcome import attempt
from gradmath.mutation.points import points
from gradmath.mutation.rules import with_rule
from gradmath.mutation.subjects import subjects
from gradmath.verify import FAILED, INCONCLUSIVE, PASSED, Report, Row, verify
from gradmath.verify.operators import Operator

NEURON = "z = w*x + b; a = sigmoid(z); l = (a - y)**2"
x, y, z = sp.symbols("x y z", real=True)

SUBJECTS = subjects()


#: The operators whose mutants count somewhere: a few light subjects show them all.
LIGHT = [
    f"mistakes-in-{name}"
    for name in (
        "a-mean", "square-network", "rectangular-network", "kernel-of-a-network",
        "kernel-of-a-residual-network", "callable-leaky_relu", "clip-by-norm",
    )
]  # fmt: skip
#: All questions about them go to one worker.
TOGETHER = pytest.mark.xdist_group("light mistakes")


@functools.cache
def outcome(id):
    """As `gradmath verify` has just found out, of this very source; else found out here."""
    return kept.recall(id) or check(id)


@pytest.mark.parametrize(
    "id", [pytest.param(id, marks=[TOGETHER] if id in LIGHT else []) for id in SUBJECTS]
)
def test_every_mistake_that_counts_is_rejected(id):
    assert outcome(id).status == PASSED, outcome(id).problems
    assert outcome(id).report["rows"][-1]["points"] >= 5


@TOGETHER
@pytest.mark.parametrize("operator", Operator)
def test_each_operator_plants_a_mistake_that_counts(operator):
    rows = [row for id in LIGHT for row in outcome(id).report["rows"]]
    own = [row for row in rows if row["subject"] == operator.titles["en"]]
    assert any(row["points"] > 0 for row in own)
    assert {row["status"] for row in own} == {PASSED}


def test_what_is_rejected_was_shown_false_and_says_by_what():
    planted = SUBJECTS["mistakes-in-a-mean"]
    found = list(trials(planted.mutants(), planted.check))
    assert {trial.fate for trial in found} <= {"killed", "equivalent"}
    killed = [trial for trial in found if trial.fate == "killed"]
    assert killed
    assert all(trial.shown and trial.by for trial in killed)


def test_the_skip_path_is_lost_in_every_place():
    """In a layer's line and in its adjoint; in the sweep forward, the sweep back, and both."""
    planted = SUBJECTS["mistakes-in-residual-network"]
    found = [m.what for m in planted.mutants() if m.operator is Operator.LOST_SKIP_PATH]
    assert {what.split(":")[0] for what in found} >= {
        "forward line a1", "forward line a2", "adjoint line dL/da1", "gradient line dL/dx",
    }  # fmt: skip
    kernel = SUBJECTS["mistakes-in-kernel-of-a-residual-network"]
    own = [m for m in kernel.mutants() if m.operator is Operator.LOST_SKIP_PATH]
    assert [trial.fate for trial in trials(own, kernel.check)] == ["killed"] * 3
    assert own[-1].what == "no layer adds its input"


def always_passes(subject):
    return [Row("whatever", "a check that cannot fail", PASSED)]


@pytest.mark.parametrize(
    "id", ["mistakes-in-one-neuron", "mistakes-in-kernel-of-a-network", "mistakes-in-clip-by-norm"]
)
def test_a_check_that_always_passes_leaves_survivors(id):
    blind = dataclasses.replace(SUBJECTS[id], check=always_passes)
    report = blind.verify()
    assert report.status == FAILED
    last = report.rows[-1]
    assert last.points > 0
    assert f"{last.points} survived" in last.note
    assert all("false: " in row.where for row in report.rows[:-1] if row.status == FAILED)


def test_a_check_that_sees_only_signs_is_found_out():
    def signs(changed):
        found = named_mistakes.check(changed)
        return [row for row in found if row.got.startswith("-") != row.expected.startswith("-")]

    report = Report(rows(trials(named_mistakes.mutants(gm.derive(NEURON)), signs)))
    assert report.status == FAILED


def test_what_is_equal_is_left_out():
    derivation = gm.derive("z = w*x + b; a = relu(z); l = (a - y)**2", wrt=["w"])
    found = list(trials(named_mistakes.mutants(derivation), named_mistakes.check))
    equal = [trial.what for trial in found if trial.fate == "equivalent"]
    assert any("relu'(a) for relu'(z)" in what for what in equal)
    assert all(trial.fate != "undecided" for trial in found)


def mutant(shown, equal):
    return Mutant(Operator.LOST_FACTOR, "made up", None, lambda: shown, lambda: equal)


def test_neither_false_nor_equal_is_inconclusive_and_not_dropped():
    assert attempt(mutant("", False), always_passes).fate == "undecided"
    assert attempt(mutant("", True), always_passes).fate == "equivalent"
    assert attempt(mutant("1 against 2", False), always_passes).fate == "survived"
    found = rows([attempt(mutant("", False), always_passes)])
    assert {row.status for row in found} == {FAILED, INCONCLUSIVE} or {
        row.status for row in found
    } == {INCONCLUSIVE}
    assert "1 neither shown false nor proved equal" in found[0].note
    assert Report(found).status != PASSED


def test_only_equal_ones_are_no_pass():
    found = rows([attempt(mutant("", True), always_passes)])
    assert Report(found).status != PASSED
    assert "only equal ones: lost-factor" in found[-1].note


def made(expression, context=None):
    return {(op, str(e)) for op, _, e in changes(expression, context or Context(), most=9)}


def test_changes_of_an_expression():
    found = made(2 * x * y)
    assert (Operator.LOST_FACTOR, "2*y") in found
    assert (Operator.LOST_FACTOR, "x*y") in found
    assert (Operator.FLIPPED_SIGN, "-2*x*y") in found
    assert (Operator.DOUBLED_FACTOR, "2*x**2*y") in found
    found = made(x - y**2)
    assert (Operator.LOST_TERM, "x") in found
    assert (Operator.FLIPPED_SIGN, "x + y**2") in found
    assert (Operator.LOST_FACTOR, "x - y") in found


def test_slopes_are_taken_at_other_places_and_dropped():
    slope = x * gm.derive("a = sigmoid(z); L = a*x", wrt=["z"]).gradient["z"] / x
    symbol = next(s for s in slope.free_symbols if s.name == "z")
    found = made(y * slope, Context(places=(x, symbol)))
    assert (Operator.WRONG_PLACE, "x*y*sigmoid'(x)") in found
    assert any(op is Operator.DROPPED_CHAIN_FACTOR for op, _ in found)


def test_branches_tails_layers_and_habits():
    step = sp.Piecewise((0, z < 0), (1, True))
    assert (Operator.WRONG_BRANCH, "Piecewise((1, z < 0), (0, True))") in made(step)
    w1, w2 = sp.symbols("w1 w2", real=True)
    found = made(w1 * x, Context(neighbours={w1: (w2,)}, defaults={w1: 1}, tails=(x,)))
    assert (Operator.WRONG_LAYER, "w2*x") in found
    assert (Operator.TAIL_ONLY, "Piecewise((0, Abs(x) > 20), (w1*x, True))") in found


def test_a_name_is_taken_for_its_usual_value():
    found = made(x * sp.exp(z), Context(defaults={z: 1}))
    assert (Operator.DEFAULTS_ONLY, "E*x") in found


def test_the_number_of_changes_is_capped_and_always_the_same():
    long = sp.Add(*sp.symbols("a:9", real=True))
    first, again = (list(changes(long, Context(), most=2)) for _ in range(2))
    assert first == again
    for operator in Operator:
        assert sum(op is operator for op, _, _ in first) <= 2


def test_points_reach_far_and_keep_signs():
    positive = sp.Symbol("p", nonnegative=True)
    found = list(points([x, positive]))
    assert all(at[positive] >= 0 for at in found)
    assert max(abs(at[x]) for at in found) > 100


def test_a_wrong_rule_goes_through_everything():
    derivation = gm.derive(NEURON, wrt=["w"])
    wrong = with_rule(derivation, "a", "z", sp.Integer(1))
    assert wrong.gradient["w"] != derivation.gradient["w"]
    assert verify(wrong).status == FAILED
    assert verify(gm.compile(wrong, backend="numpy")).status == FAILED
