"""The shorter program for exponents that are not large, and the samples computed apart from it."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
import pytest

import gradmath as gm
from gradmath.errors import ValueRangeError
from gradmath.kernels.numpy import bodies
from gradmath.kernels.numpy.forms import numpy_program
from gradmath.kernels.numpy.near import near_program
from gradmath.kernels.numpy.runner import NumpyRunner
from gradmath.kernels.numpy.source import numpy_calls
from gradmath.program import program_of
from gradmath.verify import PASSED
from tests.kernels.on_runner import activation_report

CHAIN = gm.derive(
    "s = sigmoid(w*x); t = sigmoid(v*(s - y)); L = (t - y)**2 + x", wrt=["w", "v", "x", "s"]
)
TYPES = pytest.mark.parametrize("dtype", ["float32", "float64"])


def bits(result: tuple[Any, dict[str, Any]]) -> list[bytes]:
    return [np.asarray(one).tobytes() for one in (result[0], *result[1].values())]


def data(dtype: str) -> dict[str, Any]:
    """Some samples far in the first sigmoid, some in the second, most in none."""
    rng = np.random.default_rng(0)
    top = np.log(np.finfo(dtype).max)
    x, y = rng.normal(size=2000) * 3, rng.uniform(size=2000)
    x[::97] = top * rng.uniform(0.9, 1.4, size=x[::97].shape)
    y[::89] = -top * rng.uniform(0.3, 2.0, size=y[::89].shape)
    return {"x": x.astype(dtype), "y": y.astype(dtype), "w": 1.25, "v": 1.5}


def test_the_oracle_finds_nothing_worse_than_promised() -> None:
    report = activation_report("sigmoid", NumpyRunner)
    assert report.status == PASSED, str(report)


@TYPES
def test_no_sample_depends_on_its_neighbours(dtype: str) -> None:
    """Alone, among samples that are all near, all far, or of both kinds: the same bits."""
    kernel, values = gm.compile(CHAIN, "numpy"), data(dtype)
    loss, grads = kernel(**values)
    for k in range(0, 2000, 7):
        alone = {**values, "x": values["x"][k : k + 1], "y": values["y"][k : k + 1]}
        one, slopes = kernel(**alone)
        assert one.tobytes() == loss[k : k + 1].tobytes()
        for name, slope in slopes.items():
            assert slope.tobytes() == grads[name][k : k + 1].tobytes()


@TYPES
@pytest.mark.parametrize("reduce", [None, "sum", "mean"])
def test_threads_layout_and_destination_change_no_bit(dtype: str, reduce: Any) -> None:
    small = data(dtype)
    values = {**small, "x": np.tile(small["x"], 200), "y": np.tile(small["y"], 200)}
    expected = bits(gm.compile(CHAIN, "numpy")(**values, reduce=reduce))
    assert bits(gm.compile(CHAIN, "numpy", threads=3)(**values, reduce=reduce)) == expected
    turned = {**values, "x": values["x"][::-1].copy()[::-1]}
    assert bits(gm.compile(CHAIN, "numpy")(**turned, reduce=reduce)) == expected
    if reduce is None:
        out = {name: np.zeros(2 * 400_000, dtype)[::2] for name in ("L", "w", "x")}
        assert bits(gm.compile(CHAIN, "numpy")(**values, out=out)) == expected
        assert out["w"].tobytes() == expected[1]


@TYPES
def test_where_processors_tell_nothing_the_bits_are_the_same(
    dtype: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in WebAssembly, where no quotient is found to be inf/inf."""
    values = data(dtype)
    small = {**values, "x": values["x"][1:90], "y": values["y"][1:89]}
    small["x"] = small["x"][:88]
    expected = [bits(gm.compile(CHAIN, "numpy")(**given)) for given in (values, small)]
    monkeypatch.setattr(bodies, "quotients_tell", lambda: False)
    assert [bits(gm.compile(CHAIN, "numpy")(**given)) for given in (values, small)] == expected


def test_this_machine_finds_quotients_of_infinities() -> None:
    assert bodies.quotients_tell()


def test_what_is_changed_within_a_strict_call_ends_with_it() -> None:
    """As by the handler of a signal, which runs wherever it comes."""
    infinite = np.full(3, np.inf)

    def changing(value: Any) -> Any:
        np.seterr(all="ignore")
        return np.divide(value, value)

    before = np.geterr()
    for function in (changing, changing, lambda value: np.divide(value, value)):
        with pytest.raises(FloatingPointError):
            bodies.strictly(function)(infinite)
        assert np.geterr() == before
    strict = bodies.strictly(lambda value: bodies.strictly(np.multiply)(value, value))
    assert (strict(np.full(3, 1e-200)) == 0).all()  # one within the other, and an underflow


@pytest.mark.parametrize("far", [False, True])
def test_overflows_are_told_as_numpy_is_asked_to(far: bool) -> None:
    kernel = gm.compile(gm.derive("L = (sigmoid(x) - y)**2", wrt=["x"]), "numpy")
    given = {"x": np.array([1.0, 900.0 if far else 4.0]), "y": np.array([1e200, 0.0])}
    told: list[str] = []
    for positional in ([], [given]):
        named = {} if positional else given
        with np.errstate(all="call", call=lambda kind, _: told.append(kind)):
            assert kernel(*positional, **named)[0][0] == np.inf
        assert set(told) == {"overflow"}
        with pytest.warns(RuntimeWarning, match="overflow"):
            kernel(*positional, **named)
        with np.errstate(over="raise"), pytest.raises(FloatingPointError, match="overflow"):
            kernel(*positional, **named)


@TYPES
def test_up_to_the_last_finite_exponential(dtype: str) -> None:
    """One step of the exponent decides which program computes a sample: both are right there."""
    top = np.log(np.finfo(dtype).max)
    x = top.astype(dtype) * np.linspace(1 - 1e-3, 1 + 1e-3, 4001).astype(dtype)
    derivation = gm.derive("s = sigmoid(x)", wrt=["x"])
    value, grads = gm.compile(derivation, "numpy")(x=x)
    assert (value == 1).all()
    exact = np.exp(-x.astype("longdouble"))
    assert (np.abs(grads["x"] - exact) <= np.finfo(dtype).smallest_subnormal).all()
    for k in range(0, 4001, 50):
        alone = gm.compile(derivation, "numpy")(x=x[k : k + 1])[1]["x"]
        assert alone.tobytes() == grads["x"][k : k + 1].tobytes()


@TYPES
def test_sums_are_those_of_the_samples(dtype: str) -> None:
    kernel, values = gm.compile(CHAIN, "numpy"), data(dtype)
    loss, grads = kernel(**values)
    total, sums = kernel(**values, reduce="sum")
    allowed = 100 * np.finfo(dtype).eps
    assert math.isclose(total, math.fsum(loss), rel_tol=allowed)
    for name in ("w", "v"):
        scale = math.fsum(np.abs(grads[name]))
        assert abs(float(sums[name]) - math.fsum(grads[name])) <= allowed * scale


def test_nothing_warns_and_what_is_not_finite_is_found() -> None:
    kernel, values = gm.compile(CHAIN, "numpy"), data("float64")
    with warnings.catch_warnings(), np.errstate(all="raise"):
        warnings.simplefilter("error")
        kernel(**values)
        kernel(**values, reduce="mean")
    for bad, slope in ((np.nan, np.nan), (-np.inf, 0.0)):
        values["x"][5] = bad
        with pytest.raises(ValueRangeError, match="flat index 5"):
            kernel(**values)
        with np.errstate(all="ignore"):
            got = kernel(**values, check_finite=False)[1]["v"]
        assert np.isnan(got[5]) == np.isnan(slope)
        assert np.isfinite(np.delete(got, 5)).all()


@pytest.mark.parametrize(
    ("right", "shorter"),
    [
        ("sigmoid(z)", True),
        ("sigmoid(z)**2 * z", True),
        ("softplus(z)", False),  # log1p(e) needs e itself
        ("sigmoid(z) + exp(-abs(z))", False),
        ("tanh(z)", False),
    ],
)
def test_the_program_gets_shorter_where_only_a_sigmoid_is_made(right: str, shorter: bool) -> None:
    program = numpy_program(program_of(gm.derive([("L", right)]), frozenset()))
    found = near_program(program)
    assert (found is not None) == shorter
    if found:
        long, short = (numpy_calls(one).calls for one in (program, found[0]))
        assert len(short) + 2 < len(long)


def test_an_array_made_read_only_or_shared_since_is_noticed() -> None:
    kernel = gm.compile(CHAIN, "numpy")
    values = data("float64")
    out = {name: np.empty(2000) for name in ("L", "w", "v", "x", "s")}
    expected = kernel(**values)
    for _ in range(3):
        assert bits(kernel(**values, out=out)) == bits(expected)
    out["w"].flags.writeable = False
    with pytest.raises(gm.errors.ArgumentTypeError, match="w"):
        kernel(**values, out=out)
    out["w"] = values["x"]  # now where an argument is read from
    kernel(**values, out=out)
    assert out["w"].tobytes() == bits(expected)[1]


def test_zeros_of_both_signs_are_different_numbers() -> None:
    kernel = gm.compile(gm.derive("L = w*x", wrt=["w", "x"]), "numpy")
    for w in (0.0, -0.0, 1.0, -0.0, 0.0):
        loss, grads = kernel(x=np.ones(3), w=w)
        assert np.signbit(loss).all() == np.signbit(grads["x"]).all() == np.signbit(w)


def test_arrays_that_come_where_others_were_are_looked_at() -> None:
    """What is remembered of arrays goes with them: another may get the identity of one."""
    kernel, values = gm.compile(CHAIN, "numpy"), data("float64")
    expected = kernel(**values)
    for _ in range(200):
        out = {name: np.empty(2000) for name in ("L", "w", "v", "x", "s")}
        assert bits(kernel(**values, out=out)) == bits(expected)
        out["L"] = np.empty(2000)
        assert bits(kernel(**values, out=out)) == bits(expected)
        out["L"] = out["w"][:]  # a new array, in another's memory
        with pytest.raises(gm.errors.ArgumentTypeError, match="memory"):
            kernel(**values, out=out)
        del out["L"]
        assert bits(kernel(**values, out=out)) == bits(expected)
