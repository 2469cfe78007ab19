"""Named equations: every line of a derivation.

A derivation is an object with `equations` (name -> right-hand side), `symbols`, `inputs`, `output`,
`wrt`, `steps` and `gradient`.  Local derivatives are proved; every line is also evaluated in balls
and compared with a reverse sweep over the equations' own definitions, which knows nothing of how
the lines came about.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

import sympy
from flint import arb

from gradmath.catalogue.applied import explicit
from gradmath.verify import balls, domains, lookout, named_lines, tape
from gradmath.verify.lower import State, lower
from gradmath.verify.oracle import LIMIT
from gradmath.verify.report import FAILED, PASSED, Row
from gradmath.verify.symbolic import Proof, prove_zero
from gradmath.verify.tally import Tally, place

#: two balls of the same quantity must agree to this
_AGREE = 2.0**-90
_BITS = 512
#: what no floating-point type can tell from 0
_NOTHING = arb(2) ** -1100

#: fewer points than this inside the domain show nothing
FEWEST: Final = 3


def derivation_rows(
    derivation: Any,
    count: int = 5,
    seconds: float = 10.0,
    lines: Collection[int] | None = None,
    first: bool = False,
) -> list[Row]:
    """Prove every local derivative, and hold every line against the oracle.

    The points are `count` ordinary ones, some far out, and some on the kinks that are declared.
    `lines` are the places of the lines to look at (none given: all).  With `first`, the first
    failure ends the search and its row is the only one.
    """
    steps = [s for n, s in enumerate(derivation.steps) if lines is None or n in lines]
    rows, unproved = _local_rows(derivation, steps, seconds)
    if first and (refuted := [row for row in rows if row.status == FAILED]):
        return refuted[:1]
    seen = lookout.looked_at(derivation, count)
    tallies: dict[tuple[str, str], Tally] = {}
    expressions = [(step, step.expression) for step in steps] + _given_out(derivation)
    domain = domains.over([view.at for view in seen.views])
    for step, _ in expressions:
        tally = _tally(tallies, step)
        tally.left_out, tally.fewest, tally.domain = seen.left_out, min(count, FEWEST), domain
        tally.notes += [seen.note] * bool(seen.note and not tally.notes)
    for view in seen.views:
        for step, expression in expressions:
            if isinstance(view, lookout.Undecided):
                _tally(tallies, step).undecide(place(view.at), view.reason)
            else:
                _hold(_tally(tallies, step), step, expression, view, derivation)
                if first and _tally(tallies, step).failures:
                    return [_tally(tallies, step).row()]
    for step in steps:
        if step.kind == "local":
            names = {symbol.name for symbol in lower(step.expression).symbols}
            for view in lookout.own_kinks(derivation, step.of):
                if names <= set(view.recorded.places):  # a wrong line may name anything
                    _hold(_tally(tallies, step), step, step.expression, view, derivation)
    for (kind, name), tally in tallies.items():
        if kind == "local" and name in unproved:
            tally.notes.append(f"checked, not proved: {unproved[name]}")
        rows.append(tally.row())
    rows += named_lines.line_rows(
        derivation,
        [(f"{s.kind} {s.name}", s, e) for s, e in expressions],
    )
    rows.append(_completeness(derivation))
    return rows


def _given_out(derivation: Any) -> list[tuple[Any, sympy.Expr]]:
    """What `gradient` holds, where that is another expression than the line's."""
    found = []
    for step in derivation.steps:
        if step.kind == "gradient" and step.by in derivation.gradient:
            given = derivation.gradient[step.by]
            if given is not step.expression and given != step.expression:
                found.append((_Given(step), given))
    return found


class _Given:
    """A gradient line under another title: not as the line has it, but as it is given out."""

    def __init__(self, step: Any) -> None:
        self.kind, self.of, self.by = "gradient given out", step.of, step.by
        self.name = step.name


def _completeness(derivation: Any) -> Row:
    """Every name in `wrt` must have a gradient line and a gradient."""
    shown = {step.by for step in derivation.steps if step.kind == "gradient"}
    missing = [name for name in derivation.wrt if name not in shown]
    missing += [name for name in derivation.wrt if name not in derivation.gradient]
    note = f"no gradient by {', '.join(missing)}" if missing else ""
    return Row(
        "gradients",
        "all there",
        FAILED if missing else PASSED,
        len(derivation.wrt),
        note=note,
        domain="every name in wrt",
    )


def _tally(tallies: dict[tuple[str, str], Tally], step: Any) -> Tally:
    key = (step.kind, step.name)
    if key not in tallies:
        tallies[key] = Tally(f"{step.kind} {step.name}", "oracle", "relative")
    return tallies[key]


# -- local derivatives ------------------------------------------------------------------------


def _local_rows(
    derivation: Any, steps: Iterable[Any], seconds: float
) -> tuple[list[Row], dict[str, str]]:
    """A row for each local derivative that is proved or disproved, and the names of the others.

    The others are only checked: their lines are held against the oracle at points, like all lines.
    """
    rows = []
    unproved: dict[str, str] = {}
    for step in steps:
        if step.kind != "local":
            continue
        right = explicit(derivation.equations[step.of])
        true = sympy.diff(right, derivation.symbols[step.by])
        gap = explicit(step.expression) - true.replace(sympy.DiracDelta, lambda *_: sympy.S.Zero)
        # z5 = w5*a4 and z6 = w6*a5 have one and the same rule: it is proved once
        proof = _proof(prove_zero, _anonymous(gap), seconds)
        if proof.proved is None:
            unproved[step.name] = proof.how
        else:
            domain = domains.assumed(gap.free_symbols, "off the breakpoints")
            rows.append(replace(_proved(f"local {step.name}", proof), domain=domain))
    return rows, unproved


@functools.lru_cache(maxsize=512)
def _proof(prove: Callable[..., Proof], form: sympy.Expr, seconds: float) -> Proof:
    """A proof that is looked for once, however many lines and derivations ask for it."""
    return prove(form, seconds=seconds, breakpoints=False)


def _anonymous(e: sympy.Expr) -> sympy.Expr:
    """The expression with its symbols renamed by their order, assumptions kept."""
    symbols = sorted(e.free_symbols, key=str)
    names = {s: sympy.Symbol(f"place_{n}", **s.assumptions0) for n, s in enumerate(symbols)}
    return e.xreplace(names)


def _proved(subject: str, proof: Proof) -> Row:
    if proof.proved is False:
        where = place(proof.counterexample or {})
        return Row(
            subject, "symbolic", FAILED, where=where, got=proof.found, expected="0", note=proof.how
        )
    return Row(subject, "symbolic", PASSED, note=proof.how)


# -- lines in balls ---------------------------------------------------------------------------


def _hold(
    tally: Tally, step: Any, expression: sympy.Expr, view: lookout.View, derivation: Any
) -> None:
    """Compare a line with the sweep at one point, with as many bits as it takes."""
    where, bits, reason = view.where, _BITS, ""
    while bits <= LIMIT:
        with balls.precision(bits, 3):
            try:
                swept = view.swept(bits)
                got = _evaluated(expression, _table(derivation, expression, view.recorded, swept))
                true = _true(step, view.recorded, swept)
            except balls.UndefinedHere as error:
                tally.undecide(where, str(error))
                return
            except balls.Undecided as error:
                reason = str(error)
            else:
                ok = _same(got, true)
                if ok is not None:
                    gap = abs(got - true)
                    share = gap / abs(true) if not true.contains(0) else gap
                    tally.add(ok, float(share.abs_upper()), where, got.str(17, radius=False),
                              true.str(17, radius=False))  # fmt: skip
                    return
                reason = f"balls too wide at {bits} bits"
        bits *= 2
    tally.undecide(where, reason)


def _same(got: arb, true: arb) -> bool | None:
    """Whether two balls hold one number: surely so, surely not, or not to be told.

    Numbers that are both next to nothing, below what any type can hold, count as one.
    """
    if bool(abs(got) < _NOTHING) and bool(abs(true) < _NOTHING):
        return True
    if not got.is_finite() or not true.is_finite():
        return None
    if not true.contains(0) and bool(abs(got - true) < abs(true) * arb(_AGREE)):
        return True
    return None if got.overlaps(true) else False


def _table(
    derivation: Any, expression: sympy.Expr, recorded: tape.Tape, swept: tape.Swept
) -> dict[Any, Any]:
    """Balls for every symbol that a line holds: names, and adjoints dL/da."""
    table = {}
    adjoints = f"d{recorded.output}/d"
    for symbol in lower(expression).symbols:
        name = symbol.name
        if name in recorded.places and derivation.symbols.get(name) == symbol:
            table[symbol] = swept.values[recorded.places[name]]
        elif name.startswith(adjoints):
            table[symbol] = swept.adjoints[recorded.places[name.removeprefix(adjoints)]]
    return table


def _evaluated(expression: sympy.Expr, table: Mapping[Any, Any]) -> arb:
    return balls.real(balls.coefficients(lower(expression).run(State(table)), 1)[0])


def _true(step: Any, recorded: tape.Tape, swept: tape.Swept) -> arb:
    """The ball of what the line claims to be."""
    if step.by is None:
        return balls.real(swept.values[recorded.places[step.of]])
    if step.kind == "local":
        return _partial(step, recorded, swept)
    return balls.real(balls.coefficients(swept.adjoints[recorded.places[step.by]], 1)[0])


def _partial(step: Any, recorded: tape.Tape, swept: tape.Swept) -> arb:
    """The derivative of one equation by one name in it: a reverse sweep that stops at names."""
    named = {p: n for n, p in recorded.places.items()}
    adjoints = {recorded.places[step.of]: balls.exact(1)}
    for at in range(recorded.places[step.of], -1, -1):
        if at not in adjoints or (at in named and named[at] != step.of):
            continue
        node = recorded.nodes[at]
        x = [swept.values[n] for n in node.operands]
        slopes = tape.slopes(node, x)
        for operand, slope in zip(node.operands, slopes, strict=True):
            part = balls.multiply(adjoints[at], slope)
            adjoints[operand] = balls.add(adjoints.get(operand, balls.exact(0)), part)
    return balls.real(adjoints.get(recorded.places[step.by], balls.exact(0)))
