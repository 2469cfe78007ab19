"""Callable catalogue entries against their definitions: values, first and second derivatives.

An entry is a callable with `.entry` (its declaration).  Every point is judged in ulp against the
oracle, which knows the definition only; that derivatives follow from the definition is proved
symbolically beside it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import sympy
from flint import arb

from gradmath.errors import GradmathError
from gradmath.verify import balls, domains
from gradmath.verify.opaque import Operation, operation
from gradmath.verify.oracle import Answer, Ball, Inconclusive, sharpen
from gradmath.verify.parameters import others, titled
from gradmath.verify.points import points
from gradmath.verify.report import FAILED, INCONCLUSIVE, PASSED, Row
from gradmath.verify.symbolic import prove_zero
from gradmath.verify.tally import Raised, Tally, attempt, floating_point_flags, place
from gradmath.verify.ulps import FLOAT32, FLOAT64, Format, judge, lever

ORDERS = (0, 1, 2)
FORMATS = (FLOAT64, FLOAT32)
_UNIT = "of 4(1+k) ulp"
#: points asked for at parameters other than the defaults
_FEW = 40


def declaration_rows(entry: Any, orders: Sequence[int] = (1, 2)) -> list[Row]:
    """Prove that the entry's derivatives are those of its definition, off the kinks.

    At each kink the value returned must be the declared one.
    """
    rows = []
    for order in orders:
        try:
            claimed = entry.derivative(order)
        except GradmathError as error:
            rows.append(Row(_name(entry, order), "symbolic", FAILED, note=str(error)))
            continue
        # SymPy writes the jump of a sign as a Dirac delta; off the breakpoints that is 0
        true = sympy.diff(entry.definition, entry.variable, order)
        gap = claimed - true.replace(sympy.DiracDelta, lambda *_: sympy.S.Zero)
        rows.append(proof_row(_name(entry, order), gap))
    for location, kink in entry.kinks.items():
        shown = entry.derivative(kink.order).subs(entry.variable, location)
        subject = f"{_name(entry, kink.order)} at {entry.variable} = {location}"
        rows.append(proof_row(subject, shown - kink.returned, "declared value at a kink"))
    return rows


def proof_row(
    subject: str, gap: sympy.Expr, method: str = "symbolic", seconds: float = 10.0
) -> Row:
    """Prove that `gap` is 0 off the breakpoints, as a row."""
    proof = prove_zero(gap, seconds=seconds, breakpoints=False)
    domain = domains.assumed(gap.free_symbols, *["off the breakpoints"] * bool(gap.free_symbols))
    if proof.proved:
        return Row(subject, method, PASSED, note=proof.how, domain=domain)
    if proof.proved is False:
        return Row(
            subject, method, FAILED, where=place(proof.counterexample or {}),
            got=proof.found, expected="0", note=proof.how, domain=domain,
        )  # fmt: skip
    return Row(subject, method, INCONCLUSIVE, note=proof.how, domain=domain)


def _name(entry: Any, order: int) -> str:
    return entry.name + "'" * order


def entry_rows(function: Any) -> list[Row]:
    """Check a callable activation: its declaration by proof, its numbers by the oracle.

    Its numbers are checked at the default parameters, and on fewer points at other ones.
    """
    rows = [*declaration_rows(function.entry), *activation_rows(function)]
    for given in others(function.entry):
        floats: dict[str, Any] = {name: float(number) for name, number in given.items()}
        rows += titled(activation_rows(function, count=_FEW, **floats), given)
    return rows


def activation_rows(
    function: Any,
    orders: Iterable[int] = ORDERS,
    formats: Iterable[Format] = FORMATS,
    count: int = 200,
    **parameters: Any,
) -> list[Row]:
    """Check a callable activation: value and derivatives, in every format, within 4(1 + k) ulp."""
    entry = function.entry
    values = _values(entry, parameters)
    rows = []
    for form in formats:
        xs = points(form, _breakpoints(entry, values), count)
        domain = domains.ranges({"x": xs}, form.name)
        truth = _truth(entry, values, tuple(xs), max(orders) + 1)
        for order in orders:
            evaluate = functools.partial(_call, function, order, parameters)
            tally = Tally(f"{_name(entry, order)} {form.name}", "oracle", _UNIT, domain=domain)
            _compare(tally, evaluate, [xs], truth, order, form)
            rows.append(tally.row())
    return rows


def _values(entry: Any, parameters: dict[str, Any]) -> tuple[sympy.Expr, ...]:
    """Exact values of the parameters: a float is the decimal number that it was written as."""
    return tuple(
        sympy.nsimplify(parameters[str(symbol)], rational=True)
        if str(symbol) in parameters
        else parameter.default
        for symbol, parameter in entry.parameters.items()
    )


def _breakpoints(entry: Any, values: Sequence[sympy.Expr]) -> list[float]:
    given = dict(zip(entry.parameters, values, strict=True))
    return [float(location.xreplace(given)) for location in entry.kinks]


def _call(function: Any, order: int, parameters: dict[str, Any], x: Any) -> Any:
    if order == 0:
        return function(x, **parameters)
    return function.derivative(x, order=order, **parameters)


@functools.lru_cache(maxsize=128)
def _truth(
    entry: Any, values: tuple[sympy.Expr, ...], xs: tuple[float, ...], order: int
) -> list[list[Answer]]:
    """The derivatives 0..`order` of the definition at each point."""
    act = operation(entry, values)
    return [derivatives(act, x, order) for x in xs]


def derivatives(act: Operation, x: float, order: int) -> list[Answer]:
    """The derivatives 0..`order` of a function of one variable at an exact point."""
    return sharpen(lambda: act.jet([balls.exact(x)], [1], order), order + 1)


def _compare(
    tally: Tally,
    evaluate: Callable[..., Any],
    arguments: list[list[float]],
    truth: list[list[Answer]],
    order: int,
    form: Format,
) -> None:
    """Evaluate once on all points and judge each; then the points that must overflow, apart."""
    kind = np.dtype(form.name).type
    over = [_overflows(answers[order], form) for answers in truth]
    for chosen, may_warn in ((_where(over, False), False), (_where(over, True), True)):
        if not chosen:
            continue
        arrays = [np.array([column[n] for n in chosen], dtype=kind) for column in arguments]
        with floating_point_flags() as flags:
            got = attempt(lambda given: np.asarray(evaluate(*given)), arrays)
        if isinstance(got, Raised):
            tally.fail("", got.note)
            return
        if got.dtype != kind or got.shape != arrays[0].shape:
            tally.fail(
                "shape", f"returned {got.dtype} {got.shape}, not {form.name} {arrays[0].shape}"
            )
            return
        if flags and not may_warn:
            tally.fail("", f"floating-point warning: {', '.join(sorted(set(flags)))}")
        for n, value in zip(chosen, got.tolist(), strict=True):
            where = place(dict(zip(("x", "y"), (column[n] for column in arguments), strict=False)))
            true, slope = truth[n][order], truth[n][order + 1]
            if isinstance(true, Inconclusive):
                tally.undecide(where, true.reason)
                continue
            if isinstance(slope, Inconclusive):
                tally.undecide(where, slope.reason)
                continue
            verdict = judge(value, true, lever(arguments[0][n], slope), form)
            tally.add(verdict.ok, verdict.share, where, value, true)


def _where(flags: list[bool], wanted: bool) -> list[int]:
    return [n for n, flag in enumerate(flags) if flag is wanted]


def _overflows(answer: Answer, form: Format) -> bool:
    if not isinstance(answer, Ball):
        return False
    return bool(answer.arb.abs_upper() > arb(form.largest))
