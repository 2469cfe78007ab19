"""Whose error it is: code that is not traced is judged by its values, our mistakes surface."""

from __future__ import annotations

import dataclasses
import json
import types

import numpy as np
import pytest

import gradmath as gm
from gradmath.verify.gradients import arrays, scalar_functions
from gradmath.verify.gradients.blame import is_ours
from gradmath.verify.gradients.number import Number
from gradmath.verify.gradients.rules import RULES


def untraceable(report):
    return any("cannot be traced" in row.note for row in report.rows)


def of_ours(function):
    """The function as if it stood in a module of ours."""
    names = {"__name__": "gradmath.verify.gradients.somewhere", "__builtins__": __builtins__}
    return types.FunctionType(function.__code__, names)


# -- ours -------------------------------------------------------------------------------------


def test_a_mistake_in_a_rule_of_ours_is_an_error_and_not_code_that_cannot_be_traced(monkeypatch):
    broken = dataclasses.replace(RULES["tanh"], value=of_ours(lambda x: {}["ours"]))
    monkeypatch.setitem(RULES, "tanh", broken)
    for function in ("tanh(x)", np.tanh, lambda x: np.sum(np.tanh(x) * np.ones(3))):
        with pytest.raises(KeyError, match="ours"):
            gm.check_gradient(function, lambda x: 1 - np.tanh(x) ** 2, "x")
    with pytest.raises(KeyError, match="ours"):  # in the claim alone
        gm.check_gradient("z", lambda z: 1 + 0 * np.tanh(z), "z")


def test_a_mistake_in_a_method_of_ours_is_an_error(monkeypatch):
    monkeypatch.setattr(Number, "__mul__", of_ours(lambda self, other: self.no_such_thing))
    with pytest.raises(AttributeError, match="no_such_thing"):
        gm.check_gradient(lambda x: x * x, lambda x: 2 * x)
    with pytest.raises(AttributeError, match="no_such_thing"):  # NumPy's loop in between
        gm.check_gradient(lambda x: np.sum(np.asarray(x) @ x), lambda x: 2 * x, at=np.ones(2))


def test_a_mistake_in_a_function_of_arrays_is_an_error(monkeypatch):
    broken = of_ours(lambda x: [][0])
    monkeypatch.setitem(arrays._FUNCTIONS, "mean", broken)
    with pytest.raises(IndexError, match="list index"):
        gm.check_gradient(lambda x: np.mean(x), lambda x: np.ones(2) / 2, at=np.ones(2))
    monkeypatch.setitem(scalar_functions.UNARY, "square", broken)
    with pytest.raises(IndexError, match="list index"):
        gm.check_gradient(lambda x: np.square(x), lambda x: 2 * x)


# -- theirs -----------------------------------------------------------------------------------


def cubed(x):
    return x * x * x


TABLE = {"x": 3}


@pytest.mark.parametrize(
    "function",
    [
        lambda x: cubed(json.loads(json.dumps(x))),
        lambda x: cubed(x.real_part if isinstance(x, Number) else x),
        lambda x: cubed(np.nextafter(x, 10.0)) if x > 100 else cubed(np.spacing(x) * 0 + x),
        lambda x: cubed(x) if not isinstance(x, Number) else np.ones(3) @ np.ones(2),
        lambda x: cubed(x) if not isinstance(x, Number) else np.mean(x, nonsense=1),
        lambda x: cubed(x) if not isinstance(x, Number) else np.linalg.solve(np.eye(3), [x, x]),
        lambda x: cubed(x) if not isinstance(x, Number) else x**np.inf,
        lambda x: cubed(x) if not isinstance(x, Number) else [x][1],
        lambda x: cubed(x) if not isinstance(x, Number) else TABLE[x],
        lambda x: cubed(x) if not isinstance(x, Number) else np.asarray([x, x]).reshape(3),
    ],
)
def test_code_that_refuses_traced_numbers_is_judged_by_its_values(function):
    report = gm.check_gradient(function, lambda x: 3 * x**2, domain=(1, 3))
    assert untraceable(report)
    report.require()
    assert gm.check_gradient(function, lambda x: 3.01 * x**2, domain=(1, 3)).status == "failed"


def test_the_reason_is_the_error_of_the_code():
    def deep(x, n=5000):
        return x * x if n == 0 else deep(x, n - 1)

    report = gm.check_gradient(lambda x: json.dumps(x) and x * x, lambda x: 2 * x, domain=(1, 3))
    assert "TypeError: Object of type Number is not JSON serializable" in report.rows[0].note
    # what overflows the stack is the code's doing, wherever the last call was made
    assert gm.check_gradient(deep, lambda x: 2 * x, domain=(1, 3)).status == "failed"


def test_remainders_of_numbers_by_arrays():
    weights = np.array([2.0, 3.0])
    gm.check_gradient(lambda x: np.sum(x % weights), lambda x: 2.0, domain=(0.1, 1.9)).require()
    gm.check_gradient(lambda x: np.sum(x // weights), lambda x: 0.0, domain=(0.1, 1.9)).require()


def test_blame_goes_to_the_innermost_code_that_had_a_say():
    def error_of(call):
        with pytest.raises(Exception) as caught:  # noqa: PT011
            call()
        return caught.value

    assert not is_ours(error_of(lambda: {}["theirs"]))
    assert not is_ours(error_of(lambda: json.loads("theirs")))
    assert is_ours(error_of(lambda: RULES["exp"].value([])))
