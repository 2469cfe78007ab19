"""The museum: every exhibit rests on a claim, every claim hangs in it, and the texts are whole."""

from __future__ import annotations

import re

import pytest
import sympy as sp

from gradmath.claims import PROVED, REFUTED, Case, Mistake, Status, claims
from gradmath.claims.evidence import Refutation, identity
from gradmath.claims.exercise import filled
from gradmath.claims.judge import judge
from gradmath.claims.museum.caught import METHOD, accepted, caught, caught_on_arrays
from gradmath.claims.museum.exhibit import Exhibit, Thread
from gradmath.claims.museum.exhibits import EXHIBITS
from gradmath.claims.relation import equal, partial
from gradmath.claims.shapes import ForShapes, Gradient
from gradmath.claims.statement import ForAll
from gradmath.claims.symbols import Reals, sigmoid, z
from gradmath.errors import DeclarationError, UnknownNameError

CHINESE = re.compile("[\u4e00-\u9fff]")
S = sigmoid(z)
RIGHT = ForAll({"statement": equal(partial(S, z), S * (1 - S))}, {z: Reals})
WRONG = RIGHT.but(statement=equal(partial(S, z), 1 - S))
TEXTS = {"en": "text", "zh": "文字"}


@pytest.mark.parametrize("exhibit", EXHIBITS, ids=lambda exhibit: exhibit.claim)
def test_an_exhibit_is_whole(exhibit):
    claim = claims[exhibit.claim]
    assert claim.page == "museum"
    assert claim.status is Status.PASSED, claim.judgement.reason
    assert exhibit.alarm == claim.id.startswith("museum-alarm-")
    for text in (exhibit.printed, exhibit.right, exhibit.told, exhibit.lesson):
        assert not CHINESE.search(text["en"])
        assert CHINESE.search(text["zh"])
        for language in ("en", "zh"):
            assert "{=" not in filled(text[language], claim.values)
    for thread in exhibit.threads:
        assert thread.url.startswith("https://github.com/")
        assert thread.url.endswith(f"/{thread.number}")


def test_every_claim_of_the_museum_hangs_in_it_once():
    shown = [exhibit.claim for exhibit in EXHIBITS]
    assert sorted(shown) == sorted(claim.id for claim in claims.values() if claim.page == "museum")


def test_a_printed_formula_is_refuted_and_put_right():
    for exhibit in EXHIBITS:
        claim = claims[exhibit.claim]
        if exhibit.alarm:
            assert claim.grade is PROVED
            continue
        assert claim.grade is REFUTED
        refuted = next(row for row in claim.evidence if row.method == "counterexample")
        assert refuted.got != refuted.expected
        # every true neighbour is proved, and the refutation leaves it alone
        assert all(trial.killed and trial.shown for trial in claim.mistakes)


def test_the_checker_names_the_lost_factor():
    for name in ("museum-sigmoid-slope", "museum-l2-without-weight"):
        row = next(row for row in claims[name].evidence if row.method == METHOD)
        assert "lost-factor" in row.note


def test_the_checker_rejects_what_was_printed_and_accepts_what_is_right():
    assert caught().check(WRONG)[0].status == "passed"
    assert caught().check(RIGHT)[0].status == "failed"
    assert accepted().check(RIGHT)[0].status == "passed"
    assert accepted().check(WRONG)[0].status == "failed"
    assert caught().check(WRONG)[0].points > 0


def test_a_statement_without_a_derivative_is_left_undecided():
    other = ForAll({"statement": equal(S, 1 - sigmoid(-z))}, {z: Reals})
    assert caught().check(other)[0].status == "inconclusive"
    assert not caught().covers(other)


def test_higher_derivatives_are_asked_for():
    second = ForAll({"statement": equal(partial(S, z, z), S * (1 - S) * (1 - 2 * S))}, {z: Reals})
    assert accepted().check(second)[0].status == "passed"
    assert accepted().check(second.but(statement=equal(partial(S, z, z), S * (1 - S))))[
        0
    ].status == "failed"  # fmt: skip


def test_a_matrix_rule_is_run_as_code():
    rule = ForShapes(
        {"x": "nd", "w": "dm", "delta": "nm"},
        Gradient(lambda a: (a.delta * (a.x @ a.w)).sum(), by="x"),
        lambda a: a.delta @ a.w.T,
        "",
        "dL/dx = delta w^T",
        "statement",
    )
    assert caught_on_arrays().check(rule)[0].status == "failed"
    wrong = rule.but(lambda a: a.delta @ a.w, words="delta w")
    assert caught_on_arrays().check(wrong)[0].status == "passed"


def test_a_right_formula_declared_wrong_fails_the_claim():
    neighbour = Mistake("another", "另一个", WRONG, proof=[identity()])
    made = judge(REFUTED, Case(RIGHT, [Refutation(), caught()], [neighbour]))
    assert made.status is Status.FAILED


def test_exhibits_are_checked_when_declared():
    thread = Thread("someone/something", 3)
    with pytest.raises(DeclarationError, match="claim's id"):
        Exhibit("no-such-claim", (thread,), TEXTS, TEXTS, TEXTS, TEXTS)
    with pytest.raises(DeclarationError, match="no thread"):
        Exhibit("museum-sigmoid-slope", (), TEXTS, TEXTS, TEXTS, TEXTS)
    with pytest.raises(DeclarationError, match="no text"):
        Exhibit("museum-sigmoid-slope", (thread,), TEXTS, {"en": "only"}, TEXTS, TEXTS)
    with pytest.raises(DeclarationError):
        Thread("not a repository", 3)
    with pytest.raises(DeclarationError):
        Thread("someone/something", 0)
    with pytest.raises(UnknownNameError):
        filled("{=nothing}", {})


def test_known_numbers():
    """Against values computed elsewhere."""
    gain = claims["museum-selu-gain"]
    assert float(gain.value("once").value) == pytest.approx(0.636, abs=1e-3)
    assert float(gain.value("kept").value) == pytest.approx(1, abs=1e-9)


def test_many_layers_do_what_a_real_stack_does():
    import numpy as np

    from gradmath.catalogue.activations import selu_alpha, selu_scale

    claim, width = claims["museum-selu-gain"], 500
    random = np.random.Generator(np.random.PCG64(7))
    for gain, name in ((0.75, "deep"), (1.0, "kept")):
        a = random.standard_normal((200, width))
        for _ in range(int(claim.value("layers").value)):
            u = a @ (random.standard_normal((width, width)) * gain / np.sqrt(width))
            a = float(selu_scale) * np.where(u > 0, u, float(selu_alpha) * np.expm1(u))
        assert np.mean(a**2) == pytest.approx(float(claim.value(name).value), rel=0.25)


def test_the_second_moment_is_that_of_a_sample():
    import numpy as np

    from gradmath.catalogue.activations import selu_alpha, selu_scale
    from gradmath.claims.museum.starts import mean, second_moment

    u = 0.75 * np.random.Generator(np.random.PCG64(5)).standard_normal(400_000)
    a = float(selu_scale) * np.where(u > 0, u, float(selu_alpha) * np.expm1(u))
    gain = sp.Rational(3, 4)
    assert np.mean(a**2) == pytest.approx(float(second_moment(gain)), abs=0.01)
    assert np.mean(a) == pytest.approx(float(mean(gain)), abs=0.01)
