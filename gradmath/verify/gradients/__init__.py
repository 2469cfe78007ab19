"""`check_gradient`: is this the gradient of that?  For anyone's formulas and anyone's code.

    import gradmath as gm

    gm.check_gradient("sigmoid(z)", "sigmoid(z)*(1 - sigmoid(z))").require()
    gm.check_gradient(lambda w: ((X @ w - y)**2).mean(), lambda w: 2 * X.T @ (X @ w - y) / len(y),
                      shapes={"w": (3,)})

The rooms, from the bottom:

    rules, noise, number, trace      a formula's operations in balls, noted on a tape
    scalar_functions, arrays, array_functions, linear, special, entries, rebind
                                     NumPy code on such numbers
    matrix_nodes, expressions, functions, matrices      SymPy expressions and callables as formulas
    running, shifts, truth, claimed  the derivative of the definition, and what claims say
    stepwise, read_*, reading, question      what a person asked
    inquiry, saying, comparing, numbers, rounding, ledger, check      the claims held against it
    beyond, one_sample               other values of what is held, several samples for one
    tangents                         whether entries of a claim at a kink are one subgradient's
    agreement, blame                 whether code is the same when traced, and whose error it is
    intervals, places, constants, breakpoints, together, along, pointwise      where
    tape_words, pairs, factors, altered, repairs, explain    which mistake it was
    opaque, differences              code that cannot be traced
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gradmath.errors import ValueRangeError
from gradmath.verify.gradients import beyond, check, matrices, opaque
from gradmath.verify.gradients.by_mpmath import NoOracle
from gradmath.verify.gradients.functions import Code
from gradmath.verify.gradients.number import NotTraceable
from gradmath.verify.gradients.question import Question
from gradmath.verify.gradients.reading import read
from gradmath.verify.report import FAILED, INCONCLUSIVE, PASSED, Report, Row
from gradmath.verify.ulps import Format, format_of

__all__ = ["check_gradient"]


def check_gradient(
    function: Any,
    gradient: Any,
    wrt: Any = None,
    domain: Any = None,
    *,
    order: int = 1,
    at: Any = None,
    shapes: Mapping[str, Any] | None = None,
    reduction: str | None = None,
    dtypes: Sequence[Any] | None = None,
    rtol: float | None = None,
    count: int | None = None,
) -> Report:
    """Check that `gradient` is the derivative of `function` by `wrt`, on all of `domain`.

    function:
        a SymPy expression, of numbers or of matrices; text such as ``"(sigmoid(w*x + b) - y)**2"``;
        named equations such as ``"z = w*x + b; L = z**2"``, the last of which is meant; or a
        callable on numbers or arrays (NumPy, or a library of the array API), which gives one number
        or an array of values.
    gradient:
        the same kinds, in the same names; also a number, if it is claimed to be constant.  Text of
        one formula may also hold ``sign(x)``, ``Heaviside(x)``, ``a if x > 0 else b`` and SymPy's
        ``Piecewise``.  For
        several names a mapping from name to gradient or a list in the order of `wrt`; a callable
        is called with the function's arguments and may return a tuple or a mapping of arrays.
    wrt:
        the name or names to differentiate by; of a callable, its arguments' names (the first one,
        if not given).  An argument may be a number, an array, or a list or mapping of arrays.
    domain:
        ``(low, high)``, a SymPy interval, or a mapping from name to such; None leaves an end open.
        Without it: all finite real numbers, and what the symbols themselves assume.
    order:
        1, or 2 for second derivatives: by one number, ``wrt="z"``; by two, ``wrt=("w", "x")``, or
        ``{("w", "x"): ...}`` as gradient; or by an array, the Hessian of shape ``(n, n)``.
    at:
        values of the arguments, or a list of such mappings: they give shapes and are the first
        points.  Arguments that are not in `wrt` or `domain` are held at them, and what the report
        says is said of these values only.  Single numbers and constant arrays among them are tried
        at other values too, for a gradient that is right at w = 1 or b = 0 alone: such a one does
        not pass, but is inconclusive.  Data of one sample are tried with several, for a gradient
        that takes the sum for the mean.
    shapes:
        shapes of array arguments, where there is no `at`.  A matrix symbol of symbolic size needs
        none: without it (or the size itself, ``{"n": 5}``) several small sizes are looked at.
    reduction:
        "sum" or "mean" over the first axis, if the function gives an array and the gradient is
        that of one number.  Without it the gradient is per entry, per sample, or the Jacobian.
    dtypes:
        the formats in which a callable's numbers are judged; float64 and float32 if not given.
    rtol:
        the relative error that a callable's numbers must keep everywhere, however they are
        computed.  Without it they are judged by what rounding does to the code as it is written.
    count:
        how many points to begin with; points beside breakpoints are added.

    How it is decided.  The function runs on numbers in ball arithmetic, at deterministic points
    that reach from the smallest subnormal numbers to the largest, into both tails and to both sides
    of every branch; a sweep back gives the true derivative to 80 bits or more.  The claim runs in
    the same way, and must agree to 2^-60 relative to the truth: a claimed 0 for a true 1e-300 is
    wrong, 1e-300 is right, whatever the size of the arrays; below 2^-8000 nothing is told from 0.
    For expressions a symbolic proof is tried, and without one 1900 bits must agree.  At a kink any
    value between the one-sided derivatives is accepted; entries that together are no subgradient,
    as where all that tie for the largest count in full, make the report inconclusive.  The numbers
    that code returns are judged beside the formula.  Where code cannot be traced its gradient is
    judged by its numbers, and a function that cannot be traced by the complex step or by Ridders'
    differences with their error; points where these decide nothing make the report inconclusive.

    Returns a `Report`; ``report.require()`` raises `VerificationError` with the point, both values
    and, where a known mistake explains the difference, its name.  Raises a `GradmathError` for
    arguments that do not fit together.

    >>> import gradmath as gm
    >>> gm.check_gradient("sigmoid(z)", "sigmoid(z)*(1 - sigmoid(z))").status
    'passed'
    >>> gm.check_gradient("sigmoid(z)", 0).status
    'failed'
    >>> wrong = gm.check_gradient("(w*x - y)**2", "2*(w*x - y)", wrt="w")
    >>> wrong.rows[-1].note.split("; ")[1]
    'the gradient is that with the factor x lost [lost-factor]'
    """
    if rtol is not None and not (isinstance(rtol, int | float) and 0 < rtol < 1):
        raise ValueRangeError("rtol", got=repr(rtol), allowed="a number between 0 and 1")
    if count is not None and not (isinstance(count, int) and count > 0):
        raise ValueRangeError("count", got=repr(count), allowed="a whole number above 0")
    formats = _formats(dtypes or (("float64",) if rtol else ("float64", "float32")))
    total: Report | None = None
    for size in matrices.sizes(function, shapes, at):  # one, but for matrices of symbolic sizes
        sized = matrices.at_size(function, size), matrices.at_size(gradient, size)
        given = matrices.without_sizes(shapes, size), matrices.without_sizes(at, size)
        try:
            question = read(*sized, wrt, domain, order, given[1], given[0], reduction, count)
            report = _answered(question, formats, rtol).within(
                f"{question.places.text()}{matrices.in_words(size)}"
            )
        except NoOracle as error:  # an expression that has no values cannot be looked at
            row = Row("gradient", "values", INCONCLUSIVE, 0, note=error.reason)
            report = Report([row], "gradient of f")
        total = report if total is None else total + report
        if report.status == FAILED:
            break
    assert total is not None
    return total


def _answered(question: Question, formats: list[Format], rtol: float | None) -> Report:
    try:
        rows = check.rows(question, formats, rtol)
        if all(row.status == PASSED for row in rows):
            proofs = sum(row.points is None for row in rows)
            rows += beyond.rows(question, formats, proofs == len(question.wrt))
    except (NotTraceable, NoOracle) as error:
        if not isinstance(question.formula, Code):
            raise
        rows = opaque.rows(question, error.reason)  # its values tell something still
    return Report(rows, f"gradient of {question.output}")


def _formats(dtypes: Any) -> list[Format]:
    """The formats of names, NumPy types or dtypes; one alone counts as a list of one."""
    listed = dtypes if isinstance(dtypes, list | tuple) else [dtypes]
    return [format_of(getattr(dtype, "__name__", dtype)) for dtype in listed]
