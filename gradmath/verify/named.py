"""Named equations: every line of a derivation.

A derivation is an object with `equations` (name -> right-hand side), `symbols`, `inputs`, `output`,
`wrt`, `steps` and `gradient`.  Local derivatives are proved; every line is also evaluated in balls
and compared with a reverse sweep over the equations' own definitions, which knows nothing of how
the lines came about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final

import sympy
from flint import arb

from gradmath.catalogue.applied import explicit
from gradmath.errors import GradmathError
from gradmath.verify import balls, domains, tape
from gradmath.verify.lower import State, lower
from gradmath.verify.oracle import LIMIT
from gradmath.verify.report import FAILED, PASSED, Row
from gradmath.verify.symbolic import Proof, prove_zero
from gradmath.verify.tally import Tally, place

#: two balls of the same quantity must agree to this
_AGREE = 2.0**-90
_BITS = 256

#: fewer points than this inside the domain show nothing
FEWEST: Final = 3
#: how many candidates are drawn for each point that is wanted
_TRIES: Final = 8
#: this many further points have all their numbers positive
_SAME_SIGN: Final = 2

Point = dict[str, float]


def derivation_rows(derivation: Any, count: int = 5, seconds: float = 10.0) -> list[Row]:
    """Prove every local derivative, and hold every line against the oracle at `count` points."""
    rows, unproved = _local_rows(derivation, seconds)
    recorded = tape.record(derivation.equations, derivation.symbols)
    tallies: dict[tuple[str, str], Tally] = {}
    sweep = partial(sharp_sweep, recorded)
    found, left_out = inside(points_for(derivation, _TRIES * count), sweep, count)
    # few points may all lie on the flat side of a kink such as max(w*x, 0): add some of one sign
    same_sign = (_moduli(at) for at in points_for(derivation, min(count, _SAME_SIGN)))
    more, more_left_out = inside(same_sign, sweep, _SAME_SIGN)
    found, left_out = found + more, left_out + more_left_out
    domain = domains.over([at for at, _ in found])
    for step in derivation.steps:
        tally = _tally(tallies, step)
        tally.left_out, tally.fewest, tally.domain = left_out, min(count, FEWEST), domain
    for at, swept in found:
        if isinstance(swept, GradmathError):
            for step in derivation.steps:
                _tally(tallies, step).undecide(place(at), str(swept))
            continue
        table = _table(derivation, recorded, swept)
        for step in derivation.steps:
            _hold(_tally(tallies, step), step, table, recorded, swept, at)
    for (kind, name), tally in tallies.items():
        if kind == "local" and name in unproved:
            tally.notes.append(f"checked, not proved: {unproved[name]}")
        rows.append(tally.row())
    rows.append(_completeness(derivation))
    return rows


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


def _local_rows(derivation: Any, seconds: float) -> tuple[list[Row], dict[str, str]]:
    """A row for each local derivative that is proved or disproved, and the names of the others.

    The others are only checked: their lines are held against the oracle at points, like all lines.
    """
    rows = []
    unproved: dict[str, str] = {}
    known: dict[sympy.Expr, Proof] = {}
    for step in derivation.steps:
        if step.kind != "local":
            continue
        right = explicit(derivation.equations[step.of])
        true = sympy.diff(right, derivation.symbols[step.by])
        gap = explicit(step.expression) - true.replace(sympy.DiracDelta, lambda *_: sympy.S.Zero)
        # z5 = w5*a4 and z6 = w6*a5 have one and the same rule: it is proved once
        form = _anonymous(gap)
        if form not in known:
            known[form] = prove_zero(form, seconds=seconds, breakpoints=False)
        if known[form].proved is None:
            unproved[step.name] = known[form].how
        else:
            domain = domains.assumed(gap.free_symbols, "off the breakpoints")
            rows.append(replace(_proved(f"local {step.name}", known[form]), domain=domain))
    return rows, unproved


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


def points_for(derivation: Any, count: int) -> Iterator[Point]:
    """Deterministic points without a pattern, growing in size."""
    golden = (5**0.5 - 1) / 2
    for n in range(count):
        scale = (1.0, 0.25, 3.0, 1.0, 12.0)[n % 5]
        yield {
            name: fitting(
                derivation.symbols[name], scale * (2 * ((golden * (17 * n + m + 1)) % 1.0) - 1)
            )
            for m, name in enumerate(derivation.inputs)
        }


def inside[Answer](
    candidates: Iterable[Point], evaluate: Callable[[Point], Answer], count: int
) -> tuple[list[tuple[Point, Answer | GradmathError]], int]:
    """Up to `count` points at which the definition has a value, and how many were left out.

    A point outside the domain (the logarithm of a negative number, a tie of a maximum) is left out
    and the same point with all its numbers positive is tried in its stead.  A point that the oracle
    cannot decide is kept, with the reason.
    """
    found: list[tuple[Point, Answer | GradmathError]] = []
    left_out = 0
    for candidate in candidates:
        if len(found) >= count:
            break
        for at in (candidate, _moduli(candidate)):
            try:
                found.append((at, evaluate(at)))
                break
            except balls.UndefinedHere:
                left_out += at is candidate
            except GradmathError as error:
                found.append((at, error))
                break
    return found, left_out


def _moduli(at: Point) -> Point:
    return {name: abs(x) for name, x in at.items()}


def fitting(symbol: sympy.Symbol, x: float) -> float:
    """`x`, or its modulus where the symbol is not negative."""
    return abs(x) if symbol.is_nonnegative else x


def sharp_sweep(recorded: tape.Tape, at: Mapping[str, object]) -> tape.Swept:
    """Sweep at rising precision until every adjoint is sharp."""
    bits = _BITS
    while True:
        try:
            with balls.precision(bits, 3):
                swept = tape.sweep(recorded, at)
                if all(map(_sharp, (*swept.values, *swept.adjoints))):
                    return swept
        except balls.Undecided:
            if 2 * bits > LIMIT:
                raise
        bits *= 2
        if bits > LIMIT:
            raise balls.Undecided("sweep", got=f"balls too wide at {LIMIT} bits")


def _sharp(x: Any) -> bool:
    ball = balls.real(balls.coefficients(x, 1)[0])
    return bool(
        ball.is_finite()
        and (ball.rel_accuracy_bits() > 100 or abs(ball) < arb(2) ** -1200 or ball.is_zero())
    )


def _table(derivation: Any, recorded: tape.Tape, swept: tape.Swept) -> dict[Any, Any]:
    """Balls for every symbol that a line may hold: names, and adjoints dL/da."""
    table = {
        symbol: swept.values[recorded.places[name]]
        for name, symbol in derivation.symbols.items()
        if name in recorded.places
    }
    adjoints = {f"d{recorded.output}/d{name}": place for name, place in recorded.places.items()}
    for step in derivation.steps:
        for symbol in step.expression.free_symbols:
            if symbol not in table and symbol.name in adjoints:
                table[symbol] = swept.adjoints[adjoints[symbol.name]]
    return table


def _hold(
    tally: Tally,
    step: Any,
    table: Mapping[Any, Any],
    recorded: tape.Tape,
    swept: tape.Swept,
    at: Point,
) -> None:
    where = place(at)
    try:
        with balls.precision(2 * _BITS, 3):
            got = _evaluated(step.expression, table)
            true = _true(step, recorded, swept)
            gap = abs(got - true)
            share = gap / abs(true) if not true.contains(0) else gap
            small = abs(true) < arb(2) ** -1100
            ok = bool(share < arb(_AGREE)) or bool(small and gap < arb(2) ** -1100)
            tally.add(ok, float(share.abs_upper()), where, got.str(17, radius=False),
                      true.str(17, radius=False))  # fmt: skip
    except (balls.Undecided, balls.UndefinedHere) as error:
        tally.undecide(where, str(error))


def _evaluated(expression: sympy.Expr, table: Mapping[Any, Any]) -> arb:
    return balls.real(balls.coefficients(lower(expression).run(State(table)), 1)[0])


def _true(step: Any, recorded: tape.Tape, swept: tape.Swept) -> arb:
    """The ball of what the line claims to be."""
    if step.kind == "forward":
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
