"""One entry point: everything that can be verified, and nothing that cannot."""

from __future__ import annotations

import pytest

import gradmath as gm
from gradmath.errors import ArgumentTypeError
from gradmath.verify import FAILED, PASSED, Report, Row, subjects, verify


class Claim:
    id = "a-claim"

    def __init__(self, status):
        self.status = status

    def verify(self):
        return Report([Row("part", "symbolic", self.status)], title=self.id)


@pytest.mark.parametrize("bad", [3, "sigmoid", object(), {"x": 1.0}, [gm.sigmoid, 4]])
def test_what_is_no_subject_is_refused(bad):
    with pytest.raises(ArgumentTypeError):
        verify(bad)


def test_claims_report_for_themselves():
    assert verify(Claim(PASSED)).status == PASSED
    assert verify(Claim(FAILED)).status == FAILED


def test_several_subjects_keep_their_names():
    report = verify([Claim(PASSED), Claim(FAILED)])
    assert [row.subject for row in report] == ["a-claim: part"] * 2
    assert report.status == FAILED


def test_a_subject_without_rows_fails_the_whole():
    class Empty(Claim):
        def verify(self):
            return Report([], title="empty")

    assert verify(Empty(PASSED)).status != PASSED
    assert verify([Claim(PASSED), Empty(PASSED)]).status == FAILED


def test_a_claim_whose_verify_returns_no_report_is_refused():
    class Odd(Claim):
        def verify(self):
            return True

    with pytest.raises(ArgumentTypeError):
        verify(Odd(PASSED))


def test_nothing_is_everything_that_was_registered(monkeypatch):
    monkeypatch.setattr(subjects, "_providers", [])
    assert verify().status != PASSED
    subjects.register(lambda: [Claim(PASSED)])
    assert verify().status == PASSED
    subjects.register(lambda: [Claim(FAILED)])
    assert verify().status == FAILED


def test_declarations_alone_can_be_verified():
    assert verify(gm.sigmoid.entry).status == PASSED


def test_a_plain_function_is_named_and_not_addressed() -> None:
    derivation = gm.derive("a = sigmoid(w*x)", wrt="w")
    kernel = gm.compile(derivation)

    def doubled(values, reduce=None):
        value, grads = kernel(values, reduce=reduce)
        return value, {name: 2 * grad for name, grad in grads.items()}

    doubled.derivation = derivation
    report = verify(doubled)
    assert report.title == "doubled"
    assert report.status == "failed"


def test_a_title_is_never_a_place_in_memory():
    class Wrap:
        def __init__(self, function):
            self.function, self.entry = function, function.entry

        def __call__(self, x, **parameters):
            return self.function(x, **parameters)

        def derivative(self, x, order=1, **parameters):
            return self.function.derivative(x, order=order, **parameters)

    report = verify(Wrap(gm.identity))
    assert report.title == "Wrap"
    assert report.status == PASSED
