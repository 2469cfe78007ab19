"""The machinery itself: it fails false claims, survivors, gaps and empty checks."""

from __future__ import annotations

import pytest
import sympy as sp

from gradmath.claims import PROVED, REFUTED, Case, Mistake, Status, ball, manifest
from gradmath.claims import registry as registry_module
from gradmath.claims.claim import Claim, claim
from gradmath.claims.computed import AllOf, Computed, Quantity
from gradmath.claims.derivations import one_neuron
from gradmath.claims.evidence import (
    Refutation,
    certificate,
    enclosure,
    identity,
    points,
    slope,
)
from gradmath.claims.judge import judge
from gradmath.claims.kernel import KernelValues
from gradmath.claims.measured import Runs
from gradmath.claims.planted import derived_parts, with_rule
from gradmath.claims.relation import at_least, at_most, equal, greater, less, partial, unequal
from gradmath.claims.statement import ForAll
from gradmath.claims.symbols import Reals, sigmoid, x, z
from gradmath.errors import DeclarationError, UnknownNameError

S = sigmoid(z)
TRUE = ForAll({"slope": equal(S.diff(z), S * (1 - S))}, {z: Reals})
FALSE = TRUE.but(slope=equal(S.diff(z), S * (1 + S)))
BOUND = ForAll({"bound": at_most(S.diff(z), sp.Rational(1, 4))}, {z: Reals})


def outcome(statement, evidence, mistakes=(), grade=PROVED):
    return judge(grade, Case(statement, evidence, mistakes))


def planted(statement, **more):
    return Mistake("wrong", "错", statement, **more)


def test_a_true_claim_with_a_false_neighbour_passes():
    made = outcome(TRUE, [identity()], [planted(FALSE)])
    assert made.status is Status.PASSED
    assert made.reason == ""


@pytest.mark.parametrize("evidence", [identity(), points(), slope("slope", of=S, by=z)])
def test_a_false_claim_fails(evidence):
    made = outcome(FALSE, [evidence], [planted(TRUE)])
    assert made.status is Status.FAILED


def test_a_survivor_fails_the_claim():
    # the mistake is weaker, but true: the check on points cannot tell, and must not pass
    weaker = BOUND.but(bound=at_most(S.diff(z), 1))
    proof = certificate(bound=(S - sp.Rational(1, 2)) ** 2)
    made = outcome(BOUND, [proof, points()], [planted(weaker)])
    assert made.status is Status.FAILED
    assert "not shown to be false" in made.reason


def test_a_mistake_that_the_evidence_accepts_is_named():
    too_low = BOUND.but(bound=at_most(S.diff(z), sp.Rational(1, 5)))
    blind = points(count=0)
    made = judge(PROVED, Case(BOUND, [identity()], [planted(too_low)]))
    assert made.status is Status.FAILED  # an identity is no evidence for an inequality
    assert blind.check(BOUND)[0].status == "failed"  # and no points are no evidence for anything


def test_a_claim_without_mistakes_fails():
    assert "no mistake planted" in outcome(TRUE, [identity()]).reason


def test_evidence_that_rejects_no_mistake_fails_the_claim():
    both = ForAll({"slope": TRUE.parts["slope"], "bound": BOUND.parts["bound"]}, {z: Reals})
    wrong = both.but(slope=FALSE.parts["slope"])
    proof = certificate(bound=(S - sp.Rational(1, 2)) ** 2)
    made = outcome(both, [identity("slope"), proof], [planted(wrong)])
    assert made.status is Status.FAILED
    assert made.reason == "evidence that rejects no planted mistake: Certificate"
    assert made.unattacked == ("bound",)
    too_low = both.but(bound=at_most(S.diff(z), sp.Rational(1, 5)))
    full = outcome(both, [identity("slope"), proof], [planted(wrong), planted(too_low)])
    assert full.status is Status.PASSED
    assert full.unattacked == ()


def test_a_part_that_is_changed_but_not_refused_is_not_attacked():
    both = ForAll({"slope": TRUE.parts["slope"], "bound": BOUND.parts["bound"]}, {z: Reals})
    # one change is false, the other says the same in other words
    wrong = both.but(slope=FALSE.parts["slope"], bound=at_most(4 * S.diff(z), 1))
    made = outcome(both, [identity("slope"), points("bound")], [planted(wrong)])
    assert made.unattacked == ("bound",)


def test_a_wrong_derivation_changes_the_kernel_and_the_gradient():
    derivation = one_neuron()
    own, point = derivation.symbols, {"w": 0, "b": 0, "x": 1, "y": 1}
    at = {name: sp.Integer(number) for name, number in point.items()}
    wrong = with_rule(derivation, "a", "z", sigmoid(own["x"]).diff(own["x"]))
    stated = {"w": -sp.Rational(1, 4)}
    right = ForAll(derived_parts(derivation, at, stated, "l"))
    kernel = KernelValues(derivation, at, {"derived dl/dw": "w"})
    assert kernel.check(right)[0].status == "passed"
    assert kernel.given(wrong).check(right)[0].status == "failed"
    mistake = Mistake(
        "x for z", "以 x 代 z", ForAll(derived_parts(wrong, at, stated, "l")), derivation=wrong
    )
    made = outcome(right, [identity(), kernel], [mistake])
    assert made.status is Status.PASSED
    assert made.trials[0].rejected_by == {place: {"derived dl/dw"} for place in (0, 1)}
    assert derivation.gradient["w"] != wrong.gradient["w"]


def test_points_are_no_proof():
    made = outcome(TRUE, [points()], [planted(FALSE)])
    assert made.status is Status.FAILED
    assert "no evidence of grade proved for: slope" in made.reason


def test_every_part_needs_evidence():
    both = ForAll({"slope": TRUE.parts["slope"], "bound": BOUND.parts["bound"]}, {z: Reals})
    wrong = both.but(slope=FALSE.parts["slope"])
    made = outcome(both, [identity("slope")], [planted(wrong)])
    assert "for: bound" in made.reason


def test_a_mistake_must_differ():
    with pytest.raises(DeclarationError, match="a statement that differs"):
        outcome(TRUE, [identity()], [planted(TRUE)])


def test_a_refuted_claim_shows_its_counterexample_and_spares_the_truth():
    made = outcome(FALSE, [Refutation()], [planted(TRUE, proof=[identity()])], REFUTED)
    assert made.status is Status.PASSED
    assert made.report.rows[0].where.startswith("z = ")


def test_a_refutation_of_a_true_statement_fails():
    made = outcome(TRUE, [Refutation()], [planted(BOUND, proof=[points()])], REFUTED)
    assert made.status is Status.FAILED


@pytest.mark.parametrize(
    ("relation", "good", "bad"),
    [
        (at_most(z**2, z**2 + 1), sp.Integer(1), z),
        (less(z, z + sp.exp(z)), sp.exp(z), sp.exp(z) * z),
        (at_least(sp.Abs(z), z), sp.Abs(z) - z, z - sp.Abs(z)),
        (greater(1 + z**2, 0), 1 + z**2, 1 + z),
    ],
)
def test_a_certificate_must_fit_and_have_a_manifest_sign(relation, good, bad):
    statement = ForAll({"r": relation}, {z: Reals})
    assert certificate(r=good).check(statement)[0].status == "passed"
    assert certificate(r=bad).check(statement)[0].status != "passed"


def test_a_certificate_of_unknown_sign_is_inconclusive():
    statement = ForAll({"r": at_most(z, z + sp.sin(z) + 1)}, {z: Reals})
    assert certificate(r=sp.sin(z) + 1).check(statement)[0].status == "inconclusive"


def test_a_strict_inequality_needs_a_positive_certificate():
    statement = ForAll({"r": less(0, z**2)}, {z: Reals})
    assert certificate(r=z**2).check(statement)[0].status == "inconclusive"
    nonzero = sp.Symbol("z", real=True, nonzero=True)
    apart = ForAll({"r": less(0, nonzero**2)}, {nonzero: Reals}, given=(unequal(nonzero, 0),))
    assert certificate(r=nonzero**2).check(apart)[0].status == "passed"


def test_an_enclosure_decides_inequalities_of_numbers_only():
    def row(relation):
        return enclosure().check(ForAll({"r": relation}))[0].status

    assert row(less(sp.pi, sp.Rational(22, 7))) == "passed"
    assert row(greater(sp.pi, sp.Rational(22, 7))) == "failed"
    assert row(equal(sp.sqrt(2) ** 2, 2)) == "inconclusive"  # a ball never proves equality
    with pytest.raises(DeclarationError, match="numbers only"):
        enclosure().check(TRUE)


def test_assumptions_on_symbols_must_stand_in_the_domain():
    positive = sp.Symbol("p", positive=True)
    with pytest.raises(DeclarationError, match="assumed"):
        ForAll({"r": greater(positive, 0)}, {positive: Reals})
    with pytest.raises(DeclarationError, match="no set for x"):
        ForAll({"r": greater(x, 0)}, {z: Reals})


def test_a_counterexample_lies_in_the_domain():
    tail = ForAll({"r": less(z, 3)}, {z: sp.Interval(0, 2)})
    assert tail.counterexample({z: 5}) is None
    assert ForAll({"r": less(z, 3)}, {z: sp.Interval(0, 4)}).counterexample({z: 4}) is not None


def test_unknown_parts_are_refused():
    with pytest.raises(UnknownNameError, match="did you mean 'slope'"):
        TRUE.but(slop=FALSE.parts["slope"])
    with pytest.raises(UnknownNameError):
        identity("slop").check(TRUE)


def test_derivatives_stay_as_written_until_checked():
    relation = equal(partial(x**2, x), 2 * x)
    assert "Derivative" in relation.text
    assert identity().check(ForAll({"r": relation}, {x: Reals}))[0].status == "passed"


def test_runs_are_held_to_their_interval_and_to_their_repetition():
    def rows(number, again, low, high):
        return (
            Runs()
            .check(Computed({"n": Quantity(lambda: number, lambda: again, low, high)}, "n", "n"))[0]
            .status
        )

    assert rows(1.0, 1.0, 0.5, 1.5) == "passed"
    assert rows(2.0, 2.0, 0.5, 1.5) == "failed"
    assert rows(1.0, 1.1, 0.5, 1.5) == "failed"
    assert rows(float("nan"), float("nan"), 0.5, 1.5) == "failed"


def test_statements_together_keep_their_parts_apart():
    assert set(AllOf((TRUE, BOUND)).parts) == {"slope", "bound"}
    with pytest.raises(DeclarationError, match="names used once"):
        AllOf((TRUE, TRUE))


TEXTS = {"en": "text", "zh": "文字"}


def declare(**changed):
    given = {"page": "one-neuron", "grade": PROVED, "titles": TEXTS, "statement_text": TEXTS}
    ran = []
    name = changed.pop("id", "made-for-a-test")
    made = claim(name, **{**given, **changed})(lambda: ran.append(1) or Case(TRUE, [identity()]))
    return made, ran


@pytest.fixture
def empty_registry(monkeypatch):
    monkeypatch.setattr(registry_module, "_CLAIMS", dict(registry_module._CLAIMS))


@pytest.mark.usefixtures("empty_registry")
def test_a_claim_runs_nothing_until_asked():
    made, ran = declare()
    assert isinstance(made, Claim)
    assert not ran
    assert made.statement is TRUE
    assert made.values == {}
    assert len(ran) == 1


@pytest.mark.usefixtures("empty_registry")
@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"id": "by-hand"}, "it is taken by gradmath/claims/chain_rule/by_hand.py"),
        ({"id": "By-Hand"}, "it is taken by"),
        ({"id": "no spaces"}, "words of letters and digits"),
        ({"page": "no-page"}, "page"),
        ({"titles": {"en": "only one"}}, "en and zh"),
        ({"statement_text": {"en": "text", "zh": ""}}, "en and zh"),
        ({"assumptions": {"en": "only one"}}, "en and zh"),
    ],
)
def test_incomplete_declarations_are_refused(changed, message):
    with pytest.raises((DeclarationError, UnknownNameError), match=message):
        declare(**changed)


def test_a_difference_too_small_to_see_disproves_nothing():
    # e^-1000 > 0 is true; a difference that cancels to nothing visible tells nothing either way
    assert ball.holds(greater(sp.exp(-1000), 0), {}) is True
    hidden = sp.cosh(3) ** 2 - sp.sinh(3) ** 2 - 1
    assert ball.sign(hidden, {}) is None
    assert ball.holds(equal(hidden, 0), {}) is True
    assert ball.holds(at_most(hidden, 0), {}) is True
    assert ball.holds(less(hidden, 0), {}) is None
    assert ball.holds(unequal(hidden, 0), {}) is None


@pytest.mark.parametrize(
    ("expression", "positive", "nonnegative"),
    [
        (z**2, False, True),
        (1 + z**2, True, True),
        (sp.exp(-z) / (1 + sp.exp(-z)), True, True),
        (sp.Abs(z) - z, False, True),
        (-z, False, False),
        (-(z**2), False, False),
        (z * z * z, False, False),
        (-2 * sp.Abs(z) - 1, False, False),
        (sp.sin(z) + 1, False, False),
        (-sp.exp(-1000) + z**2, False, False),
        (sp.cosh(3) ** 2 - sp.sinh(3) ** 2 - 1, False, False),
        (sp.sqrt(33) - 5, True, True),
        (sp.sqrt(33) - 6, False, False),
    ],
)
def test_signs_that_can_be_read_off(expression, positive, nonnegative):
    assert manifest.positive(expression, {z: Reals}) is positive
    assert manifest.nonnegative(expression, {z: Reals}) is nonnegative


def test_affine_signs_come_from_the_corners():
    box = {x: sp.Interval(-10, 10), z: sp.Interval.open(0, 1)}
    assert manifest.nonnegative(10 - x, box)
    assert not manifest.positive(10 - x, box)
    assert manifest.positive(11 + x, box)
    assert manifest.positive(z, box)
    assert manifest.positive(1 - z, box)
    assert not manifest.nonnegative(z - x, box)
    assert manifest.positive(10 + x + z, box)
