"""Code that cannot be traced: derivatives from its values alone, each with its error.

The complex step is taken where the code is analytic and works on complex numbers; else Ridders'
extrapolated differences.  Both say how far they may be off.  Where that is more than a hundred
thousandth of what is claimed nothing is decided: a claimed 0 in a flat tail is neither confirmed
nor refuted by values that do not change.  A claim counts as right only where it was decided.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from gradmath.errors import ShapeError
from gradmath.verify.gradients.blame import is_ours
from gradmath.verify.gradients.claimed import claimed
from gradmath.verify.gradients.claims import Claim, leaves
from gradmath.verify.gradients.differences import Found, NotAsked, Values, compare
from gradmath.verify.gradients.functions import Code, Equations
from gradmath.verify.gradients.intervals import REALS, Interval
from gradmath.verify.gradients.places import Places, Point
from gradmath.verify.gradients.question import Question
from gradmath.verify.numeric import Estimate
from gradmath.verify.oracle import Ball
from gradmath.verify.report import FAILED, INCONCLUSIVE, PASSED, Row
from gradmath.verify.tally import Tally, quiet, raised

#: without a stated domain, values of moderate size: elsewhere differences see nothing
_MODERATE: Final = Interval(-8.0, 8.0)
#: fewer decided comparisons than this show nothing
_FEWEST: Final = 3


def rows(question: Question, reason: str) -> list[Row]:
    """The rows of the report for a function that cannot be traced; `reason` says why."""
    found = {name: Found(*_tallies(question.label(name))) for name in question.wrt}
    for point in _places(question).points():
        for name, claim in question.claims.items():
            row = _at(question, name, claim, point, found[name])
            if row is not None:
                return [row]
    looked_at = _places(question)
    rows = [row for name in question.wrt for row in _written(question, name, found[name], reason)]
    rows = [replace(row, domain=looked_at.text()) for row in rows]
    if looked_at.domains != question.places.domains and all(row.status == PASSED for row in rows):
        rows.append(
            Row(f"gradient of {question.output}", "elsewhere", INCONCLUSIVE, 0,
                note=f"only {looked_at.text()} was looked at, since differences see nothing in "
                "the tails; state a domain")
        )  # fmt: skip
    return rows


def _tallies(label: str) -> tuple[Tally, Tally, Tally]:
    return (
        Tally(label, "", "of the estimated error", fewest=_FEWEST),
        Tally(label, "one-sided differences", "", fewest=0),
        Tally(label, "slope of the Taylor remainder", "below 2", fewest=0),
    )


def _places(question: Question) -> Places:
    """The places asked about, all reals cut down to where differences see something."""
    places = question.places
    domains = {name: _MODERATE if d is REALS else d for name, d in places.domains.items()}
    return replace(places, domains=domains, count=places.count or 24)


def _at(question: Question, name: str, claim: Claim, point: Point, found: Found) -> Row | None:
    """Compare at one point; a row where the shapes do not fit or the call fails."""
    label = question.label(name)
    by = name.partition(",")[0]
    culprit = "the function"
    try:
        value = quiet(Values, question, point, by)
        culprit = "the gradient"
        said, shape = quiet(_claimed, question, claim, point)
    except ShapeError as error:
        return Row(label, "shape", FAILED, 0, got=str(error.got), expected=str(error.allowed))
    except NotAsked as error:
        return Row(label, "differences", INCONCLUSIVE, 0, note=str(error))
    # what is examined is anyone's code, and may raise anything at all
    except Exception as error:
        if is_ours(error):
            raise
        return Row(label, "call", FAILED, 0, note=f"{culprit} {raised(error)}")
    if any(isinstance(each, complex) for each in said):
        return Row(label, "call", FAILED, 0, note="the gradient returned complex numbers")
    if len(said) == 1 and value.count > 1:
        said = said * value.count
    if len(said) != value.count:
        return Row(
            label, "shape", FAILED, 0, got=f"shape {shape}", expected=f"{value.count} entries"
        )
    for where, direction, limit in value.directions():
        terms = [d * float(s) for d, s in zip(direction, said, strict=True) if d]
        claimed = Estimate(math.fsum(terms), value.epsilon * math.fsum(map(abs, terms)))
        compare(found, value, direction, limit, claimed, where)
    return None


def _claimed(question: Question, claim: Claim, point: Point) -> tuple[list[Any], tuple[int, ...]]:
    template = point.get(claim.name.partition(",")[0], 0.0)
    if isinstance(claim.formula, Code):
        output = claim.formula.call(point)
    elif isinstance(claim.formula, Equations):
        picks = {claim.name: lambda out: leaves(out, template)[0]}
        answers = claimed(question.formula, {claim.name: claim.formula}, point, picks)[claim.name]
        return [float(a) for a in answers if isinstance(a, Ball)], ()
    else:
        output = claim.formula.run({}, None)  # type: ignore[arg-type]  # a constant asks for nothing
    return leaves(claim.part(output), template)


def _written(question: Question, name: str, found: Found, reason: str) -> Iterator[Row]:
    methods = " and ".join(sorted(found.methods)) or "differences"
    found.tally.method = f"{methods} of the code's values"
    found.tally.notes.append(f"the code cannot be traced: {reason}")
    if found.sure:
        found.tally.notes.append(f"sure to a relative {found.sure:.1g} where it was decided")
    row = found.tally.row()
    if row.status == FAILED and not found.tally.failures:
        row = Row(row.subject, row.method, INCONCLUSIVE, row.points, note=row.note)
    yield row
    if found.slopes.points:
        yield found.slopes.row()
    if found.kinks.points:
        yield found.kinks.row()
    if found.undecided:
        yield Row(
            question.label(name), "differences, undecided", INCONCLUSIVE, found.undecided,
            note=f"values that hardly change decide nothing, first at {found.first}; "
            "state a smaller domain, or give the function as a formula",
        )  # fmt: skip
