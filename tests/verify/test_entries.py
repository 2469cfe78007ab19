"""Catalogue entries: the right ones pass, and every planted error is found."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import numpy as np
import pytest
import sympy as sp

import gradmath as gm
from gradmath.errors import VerificationError
from gradmath.verify import FAILED, PASSED, Report, verify
from gradmath.verify.clips import clip_rows
from gradmath.verify.losses import loss_rows, penalty_rows, vector_loss_rows
from gradmath.verify.parameters import others
from gradmath.verify.scalars import activation_rows, declaration_rows
from gradmath.verify.ulps import FLOAT32, FLOAT64

QUICK = {"count": 60}


class Planted:
    """A callable entry with something wrong: `spoil(order, x, right)` gives what it returns."""

    def __init__(self, function, spoil):
        self.function, self.entry, self.spoil = function, function.entry, spoil

    def __call__(self, x, **parameters):
        return self.spoil(0, x, self.function(x, **parameters))

    def derivative(self, x, order=1, **parameters):
        return self.spoil(order, x, self.function.derivative(x, order=order, **parameters))


def statuses(rows):
    return {row.subject: row.status for row in rows}


def at_one_point(order, x, right):
    right = right.copy()
    if order == 1:
        right[len(right) // 3] = np.nan
    return right


def warns(order, x, right):
    np.log(np.zeros(1))
    return right


MISTAKES = {
    "0.01 % in the values": (0, lambda order, x, y: y * y.dtype.type(1.0001) if order == 0 else y),
    "0.01 % in the slope": (1, lambda order, x, y: y * y.dtype.type(1.0001) if order == 1 else y),
    "zero in the tail only": (1, lambda order, x, y: np.where(abs(y) < 1e-30, 0 * y, y)),
    "a wrong second derivative": (2, lambda order, x, y: -y if order == 2 else y),
    "a lost factor": (1, lambda order, x, y: y / 2 if order == 1 else y),
    "NaN at one point": (1, at_one_point),
    "infinity at one point": (0, lambda order, x, y: np.where(x == x.max(), np.inf, y)),
    "a warning": (0, warns),
    "another type": (0, lambda order, x, y: y.astype("float16")),
    "another shape": (0, lambda order, x, y: y[:, None]),
}


def test_the_unspoiled_twin_passes():
    rows = activation_rows(Planted(gm.sigmoid, lambda order, x, y: y), **QUICK)
    assert set(statuses(rows).values()) == {PASSED}
    assert all(row.points >= 60 for row in rows)


@pytest.mark.parametrize("mistake", MISTAKES)
def test_planted_mistakes_are_found(mistake):
    order, spoil = MISTAKES[mistake]
    rows = activation_rows(Planted(gm.sigmoid, spoil), **QUICK)
    name = "sigmoid" + "'" * order
    assert statuses(rows)[f"{name} float64"] == FAILED, mistake
    with pytest.raises(VerificationError, match="sigmoid"):
        Report(rows).require()


def test_only_the_spoiled_order_fails():
    rows = activation_rows(Planted(gm.tanh, MISTAKES["a wrong second derivative"][1]), **QUICK)
    assert {s for n, s in statuses(rows).items() if "''" not in n} == {PASSED}
    assert {s for n, s in statuses(rows).items() if "''" in n} == {FAILED}


def naive(order, x, right):
    """What a textbook computes: 1 - tanh^2, which is 0 long before the slope is."""
    return 1 - np.tanh(x) ** 2 if order == 1 else right


def test_a_form_that_cancels_is_found():
    assert statuses(activation_rows(Planted(gm.tanh, naive), **QUICK))["tanh' float64"] == FAILED


def test_a_wrong_value_at_a_kink_is_found():
    half = Planted(gm.relu, lambda order, x, y: np.where(x == 0, 0.5, y).astype(y.dtype)
                   if order == 1 else y)  # fmt: skip
    found = {row.subject: row for row in activation_rows(half, **QUICK)}
    assert found["relu' float64"].status == FAILED
    assert found["relu' float64"].where == "x = 0.0"
    assert found["relu float64"].status == PASSED


def test_no_points_is_no_pass():
    assert {row.status for row in activation_rows(gm.sigmoid, formats=())} == set()
    assert verify([]).status != PASSED


@pytest.mark.parametrize("name", list(gm.activations))
def test_declarations_are_proved(name):
    rows = declaration_rows(gm.activations[name].entry)
    assert {row.status for row in rows} == {PASSED}, rows


class WrongDeclaration:
    """An entry whose first derivative lacks a factor."""

    def __init__(self, entry):
        self.entry = entry

    def __getattr__(self, name):
        return getattr(self.entry, name)

    def derivative(self, order=1):
        right = self.entry.derivative(order)
        return right / 2 if order == 1 else right


def test_a_wrong_declaration_is_disproved_at_a_point():
    rows = declaration_rows(WrongDeclaration(gm.gelu.entry))
    assert [row.status for row in rows] == [FAILED, PASSED]
    assert "z = " in rows[0].where


def test_a_wrong_value_declared_at_a_kink_is_found():
    class Other(WrongDeclaration):
        kinks: ClassVar = {sp.S.Zero: dataclasses.replace(gm.relu.entry.kinks[0], returned=1)}

        def derivative(self, order=1):
            return self.entry.derivative(order)

    rows = declaration_rows(Other(gm.relu.entry))
    assert rows[-1].status == FAILED
    assert rows[-1].method == "declared value at a kink"


@pytest.mark.parametrize("name", list(gm.losses))
def test_losses_pass(name):
    function = gm.losses[name]
    rows = (
        vector_loss_rows(function, [FLOAT64])
        if hasattr(function.entry, "instance")
        else loss_rows(function, count=40)
    )
    assert {row.status for row in rows} == {PASSED}, Report(rows)


class PlantedLoss:
    def __init__(self, function, value=lambda y: y, slope=lambda y: y):
        self.function, self.entry = function, function.entry
        self.value, self.slope = value, slope

    def __call__(self, *arguments, **options):
        return self.value(self.function(*arguments, **options))

    def gradient(self, *arguments, **options):
        return self.slope(self.function.gradient(*arguments, **options))


@pytest.mark.parametrize("name", list(gm.losses))
def test_losses_with_planted_errors_fail(name):
    function = gm.losses[name]
    rows = vector_loss_rows if hasattr(function.entry, "instance") else loss_rows
    for planted in (
        PlantedLoss(function, value=lambda y: y * y.dtype.type(1.0001)),
        PlantedLoss(function, slope=lambda y: y * y.dtype.type(1.0001)),
        PlantedLoss(function, slope=lambda y: -y),
        PlantedLoss(function, slope=lambda y: y / 2),
    ):
        assert Report(rows(planted, formats=[FLOAT64])).status == FAILED


@pytest.mark.parametrize("name", list(gm.penalties))
def test_penalties_pass_and_planted_ones_fail(name):
    function = gm.penalties[name]
    assert Report(penalty_rows(function, [FLOAT32], count=30)).status == PASSED

    class WithoutWeight(PlantedLoss):
        def derivative(self, w, strength, order=1):
            return np.full_like(w, strength) if order == 1 else 0 * w

    assert Report(penalty_rows(WithoutWeight(function), [FLOAT32], count=30)).status == FAILED


@pytest.mark.parametrize("name", list(gm.clips))
def test_clips_pass_and_planted_ones_fail(name):
    function = gm.clips[name]
    assert Report(clip_rows(function)).status == PASSED
    spoiled = PlantedLoss(function, value=lambda g: g * g.dtype.type(1.0001))
    assert Report(clip_rows(spoiled)).status == FAILED


class WithoutParameters:
    """A function that takes parameters and works with the defaults all the same."""

    def __init__(self, function):
        self.function, self.entry = function, function.entry

    def __call__(self, *arguments, reduction=None, **parameters):
        options = {"reduction": reduction} if reduction else {}
        return self.function(*arguments, **options)

    def derivative(self, x, order=1, **parameters):
        return self.function.derivative(x, order=order)

    def gradient(self, *arguments, reduction=None, **parameters):
        return self.function.gradient(*arguments, reduction=reduction)


PARAMETRIC = ["leaky_relu", "prelu", "elu", "celu"]


@pytest.mark.parametrize("name", PARAMETRIC)
def test_parameters_that_are_dropped_are_found(name):
    function = gm.activations[name]
    assert verify(function).status == PASSED
    report = verify(WithoutParameters(function))
    bad = {row.subject for row in report if row.status == FAILED}
    assert bad
    assert all(" = " in subject for subject in bad)


def test_a_loss_that_drops_its_parameter_is_found():
    report = verify(WithoutParameters(gm.huber))
    assert any("delta = 3" in row.subject for row in report if row.status == FAILED)
    assert verify(gm.huber).status == PASSED


@pytest.mark.parametrize("name", [*gm.activations, *gm.losses])
def test_other_parameters_are_allowed_exact_and_not_the_default(name):
    entry = (gm.activations if name in gm.activations else gm.losses)[name].entry
    parameters = {str(s): p for s, p in getattr(entry, "parameters", {}).items()}
    seen = [pair for given in others(entry) for pair in given.items()] if parameters else []
    assert len(seen) == 2 * len(parameters)
    for parameter, number in seen:
        assert number != parameters[parameter].default
        assert parameters[parameter].contains(number)
        assert sp.Rational(float(np.float16(float(number)))) == number


def test_a_function_that_raises_fails_its_row_and_says_so():
    def refuse(order, x, right):
        if order == 1:
            raise ZeroDivisionError("by nothing")
        return right

    report = verify(Planted(gm.tanh, refuse))
    bad = [row for row in report if row.status == FAILED]
    assert {row.subject for row in bad} == {"tanh' float64", "tanh' float32"}
    assert all("raised ZeroDivisionError: by nothing" in row.note for row in bad)
    for name in gm.losses:
        planted = PlantedLoss(gm.losses[name], value=lambda y: 1 / 0)
        notes = [row.note for row in verify(planted) if row.status == FAILED]
        assert notes
        assert all("raised ZeroDivisionError" in note for note in notes)
