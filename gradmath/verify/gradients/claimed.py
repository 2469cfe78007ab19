"""What claims say at a point, in sharp balls, and where an exact one differs from the truth."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from flint import arb

from gradmath.verify import balls
from gradmath.verify.gradients.functions import Formula
from gradmath.verify.gradients.noise import Noise
from gradmath.verify.gradients.number import Number, defined
from gradmath.verify.gradients.places import Point
from gradmath.verify.gradients.running import forward, run
from gradmath.verify.gradients.trace import Trace
from gradmath.verify.gradients.truth import SMALLEST, TINY, settled
from gradmath.verify.oracle import Answer, Inconclusive, sharpen

Pick = Callable[[Any], list[Any]]


def claimed(
    formula: Formula, claims: Mapping[str, Formula], point: Point, picks: Mapping[str, Pick]
) -> dict[str, list[Answer]]:
    """What claims that can be traced say at a point, in sharp balls; `picks` take their entries.

    Claims that share a formula, as the parts of one callable's result do, share its run.
    """
    try:
        return _claimed(formula, claims, point, picks)
    except balls.UndefinedHere as error:
        if len(claims) == 1:
            reason = f"undefined: {error}"
            return {name: [Inconclusive(reason)] for name in claims}
    found: dict[str, list[Answer]] = {}
    for name, claim in claims.items():
        found |= claimed(formula, {name: claim}, point, picks)
    return found


def _claimed(
    formula: Formula, claims: Mapping[str, Formula], point: Point, picks: Mapping[str, Pick]
) -> dict[str, list[Answer]]:
    counts: dict[str, int] = {}

    def compute() -> list[balls.Number]:
        traced = run(formula, point, tuple(point), names_only=True)
        forward(formula, traced)
        outputs: dict[Formula, Any] = {}
        entries: list[balls.Number] = []
        for name, claim in claims.items():
            if claim not in outputs:  # each on its own copies: code may write into them
                outputs[claim] = claim.run({**traced.copies(), **traced.middle}, traced.trace)
            own = [_value(x, traced.trace) for x in picks[name](outputs[claim])]
            counts[name] = len(own)
            entries += own
        return entries

    answers = [settled(answer) for answer in sharpen(compute, 1, SMALLEST, growth=4)]
    if any(isinstance(a, Inconclusive) and a.reason.startswith("undefined") for a in answers):
        raise balls.UndefinedHere("claim", got=str(answers[0]))
    if len(answers) < sum(counts.values()) or not counts:
        return {name: [answers[0]] * counts.get(name, 1) for name in claims}
    found, start = {}, 0
    for name in claims:
        found[name] = answers[start : start + counts[name]]
        start += counts[name]
    return found


#: bits at which two exact formulas are compared once more, and to how many of them they must agree
DOUBT: Final = 4096
_EXACTLY: Final = arb(2) ** -1900


def differs(
    formula: Formula, claim: Formula, point: Point, pick: Pick, true: Sequence[arb]
) -> tuple[int, arb] | None:
    """An entry, and its claimed value that is certainly not the true one to 1900 bits.

    For exact formulas where no proof was found: a mistake of a relative 1e-300 is one all the same.
    """
    with balls.precision(DOUBT):
        traced = run(formula, point, tuple(point), names_only=True)
        said = pick(claim.run({**traced.values, **traced.middle}, traced.trace))
        for n, (entry, exact) in enumerate(zip(said, true, strict=True)):
            own = balls.real(_value(entry, traced.trace))
            off = abs(own - exact)
            if bool(off > abs(exact) * _EXACTLY) and bool(off > TINY):
                return n, own
    return None


def disturbed_claim(
    formula: Formula, claim: Formula, point: Point, pick: Callable[[Any], list[Any]], noise: Noise
) -> list[arb]:
    """The same with a rounding in every operation."""
    with balls.precision(noise.bits):
        traced = run(formula, point, tuple(point), noise, also=claim)
        return [balls.real(_value(x, traced.trace)) for x in pick(traced.output)]


def _value(x: Any, trace: Trace) -> balls.Number:
    if isinstance(x, Number):
        return balls.coefficients(defined(x).value, 1)[0]
    return trace.constant(x)
