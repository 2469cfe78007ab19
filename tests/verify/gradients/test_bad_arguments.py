"""Every argument that makes no sense is refused by an error that names it."""

from __future__ import annotations

import numpy as np
import pytest

import gradmath as gm
from gradmath.errors import (
    ArgumentTypeError,
    EquationError,
    GradmathError,
    UnknownNameError,
    ValueRangeError,
)


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: gm.check_gradient("x + y", "1"), ArgumentTypeError),
        (lambda: gm.check_gradient("5*x - 5*x", "0"), ArgumentTypeError),
        (lambda: gm.check_gradient("x", "1", "q"), UnknownNameError),
        (lambda: gm.check_gradient("x", "q", "x"), UnknownNameError),
        (lambda: gm.check_gradient("x", "1", "x", {"q": (0, 1)}), UnknownNameError),
        (lambda: gm.check_gradient("x", "1", "x", (1, 0)), ValueRangeError),
        (lambda: gm.check_gradient("x", "1", "x", "everywhere"), ArgumentTypeError),
        (lambda: gm.check_gradient("x", "1", "x", (0, 10**400)), ArgumentTypeError),
        (lambda: gm.check_gradient("x", "1", order=3), ValueRangeError),
        (lambda: gm.check_gradient("x", "1", rtol=-1), ValueRangeError),
        (lambda: gm.check_gradient("x", "1", reduction="max"), UnknownNameError),
        (lambda: gm.check_gradient("x", "1", at={"x": float("nan")}), ValueRangeError),
        (lambda: gm.check_gradient("x", "1", at={"q": 1.0}), UnknownNameError),
        (lambda: gm.check_gradient("x", "1", dtypes=["int8"]), UnknownNameError),
        (lambda: gm.check_gradient(lambda x: x, lambda x: x, at=np.ones(0)), ValueRangeError),
        (lambda: gm.check_gradient(lambda x: x, lambda x: x, shapes={"y": (2,)}), UnknownNameError),
        (lambda: gm.check_gradient("import os", "1"), EquationError),
        (lambda: gm.check_gradient(3, "1"), ArgumentTypeError),
        (lambda: gm.check_gradient("x*y", {"x": "y"}, ["x", "y"]), UnknownNameError),
        (lambda: gm.check_gradient("x", True), ArgumentTypeError),
        (lambda: gm.check_gradient("x*y", ["y"], ["x", "y"]), ArgumentTypeError),
    ],
)
def test_bad_arguments_say_what_is_wrong(call, error):
    with pytest.raises(error) as caught:
        call()
    assert isinstance(caught.value, GradmathError)
    assert caught.value.argument
