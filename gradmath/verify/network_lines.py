"""Networks: the matrix lines of a derivation, entry by entry.

Lines are looked at with ordinary parameters, with some that carry the pre-activations far out, and
with some that put those of one layer exactly on the kinks of its activation.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import numpy as np
import sympy
from flint import arb, arb_mat

from gradmath.verify import balls, matrices, sweep
from gradmath.verify.networks import Case, case_domain, cases
from gradmath.verify.report import FAILED, INCONCLUSIVE, PASSED, Row
from gradmath.verify.tally import Tally

#: the precision at which lines are compared first
_LINES = 1024
#: and the highest at which they are
_MOST = 4096
#: how far the biases of a layer are moved, unit by unit
_FAR = (31.0, -47.0, 90.0, -310.0)
#: besides the batch that is asked for, a batch of so many samples
_SINGLE = 1
#: two balls of the same quantity must agree to this
_AGREE = arb(2) ** -90
#: what no floating-point type can tell from 0
_NOTHING = arb(2) ** -1200


@dataclass(frozen=True)
class View:
    """A network in one case: its sweep and the matrices that a line may name."""

    case: Case
    found: sweep.Sweep
    named: Callable[[str], arb_mat]
    bits: int


def derivation_rows(
    derivation: Any,
    batch: int = 3,
    lines: Collection[int] | None = None,
    first: bool = False,
) -> list[Row]:
    """Hold every entry of every matrix line, and of what `gradient` gives out, against the sweep.

    `lines` are the places of the lines to look at (none given: all).  With `first`, the first
    failure ends the search and its row is the only one.
    """
    net = derivation.network
    try:
        ordinary = _view(net, batch, 0, _LINES)
    except (balls.Undecided, balls.UndefinedHere) as error:
        return [Row(repr(derivation), "ball sweep", INCONCLUSIVE, note=str(error))]
    chosen = [s for n, s in enumerate(derivation.steps) if lines is None or n in lines]
    # a factor that ought to be 1/n must not be right for one batch size alone
    looks = [(batch, number) for number in range(1 + _others(net, batch))] + [(_SINGLE, 0)]
    count = len(looks)
    rows = []
    for step in chosen:
        tally = Tally(f"{step.kind} {step.name}", "ball sweep", "relative")
        silent = 0
        for samples, number in looks:
            expression = _for_batch(derivation, step.expression, samples)
            silent += not _looked(tally, step, expression, net, samples, number)
            if first and tally.failures:
                return [tally.row()]
        if silent:
            tally.notes.append(f"{silent} of {count} cases far out or on kinks without an answer")
        tally.domain = domain(ordinary.case, count)
        rows.append(tally.row())
    rows += _given_out(derivation, chosen, looks, first)
    rows.append(_completeness(derivation, set(ordinary.found.grads)))
    return rows


def domain(first: Case, count: int) -> str:
    """Where the lines are looked at, in words."""
    return f"{case_domain(first)}, and {count - 1} cases far out, on kinks, and of one sample"


def _looked(
    tally: Tally,
    step: Any,
    expression: Any,
    net: Any,
    batch: int,
    number: int,
    memo: dict[Any, arb_mat] | None = None,
) -> bool:
    """Compare a line in one case; whether there was an answer, which the first case must give.

    `step` is the line, or the name of what a gradient is by; a `memo` serves the first precision.
    """
    bits = _LINES
    while True:
        trial = replace(tally, notes=list(tally.notes))
        try:
            view = _view(net, batch, number, bits)
            true = (
                view.found.grads[step] if isinstance(step, str) else _claimed(step, view.found, net)
            )
            with balls.precision(bits):
                _hold(trial, expression, true, view, memo if bits == _LINES else None)
        except (balls.Undecided, balls.UndefinedHere) as error:
            trial.undecide("", str(error))
        bits *= 2
        if not trial.undecided or trial.failures > tally.failures or bits > _MOST:
            break
    if number and trial.undecided and trial.failures == tally.failures:
        return False
    vars(tally).update(vars(trial))
    return True


def _given_out(
    derivation: Any, chosen: list[Any], looks: list[tuple[int, int]], first: bool
) -> Iterator[Row]:
    """A row for what `gradient` holds, which is written in other names than the lines."""
    tally = Tally("gradients given out", "ball sweep", "relative")
    chosen = [s for s in chosen if s.kind == "gradient" and s.by in derivation.gradient]
    given = {step.by: derivation.gradient[step.by] for step in chosen}
    for samples, number in looks:
        memo: dict[Any, arb_mat] = {}
        for name, expression in given.items():
            fixed = _for_batch(derivation, expression, samples)
            _looked(tally, name, fixed, derivation.network, samples, number, memo)
        if first and tally.failures:
            break
    if tally.points or tally.failures:
        ordinary = _view(derivation.network, *looks[0], _LINES).case
        tally.domain = domain(ordinary, len(looks))
        yield tally.row()


def _for_batch(derivation: Any, expression: Any, samples: int) -> Any:
    """A line for a number of samples."""
    return expression.xreplace({derivation.symbols["n"]: sympy.Integer(samples)})


def _completeness(derivation: Any, wanted: set[str]) -> Row:
    lines = [step.by for step in derivation.steps if step.kind == "gradient"]
    missing = sorted(
        name for name in wanted if name not in lines or name not in derivation.gradient
    )
    note = f"no gradient by {', '.join(missing)}" if missing else ""
    return Row("gradients", "all there", FAILED if missing else PASSED, len(lines), note=note,
               domain="every parameter and the input")  # fmt: skip


# -- cases ------------------------------------------------------------------------------------


@functools.lru_cache(maxsize=64)
def _view(net: Any, batch: int, number: int, bits: int) -> View:
    """The sweep of a case: 0 is the ordinary one."""
    case = next(cases(net, batch=batch)) if number == 0 else _further(net, batch)[number - 1]
    found = sweep.sweep(sweep.setting(net, case.params, case.x, case.y), bits)
    return View(case, found, _named(net, case, found), bits)


def _others(net: Any, batch: int) -> int:
    return len(_further(net, batch))


@functools.lru_cache(maxsize=16)
def _further(net: Any, batch: int) -> tuple[Case, ...]:
    """Every other layer far out, its units on both sides, and every other layer on its kinks."""
    ordinary, second = islice(cases(net, batch=batch), 2)
    # with numbers of one sign fewer units are dead, behind which nothing would be seen; the second
    # case gives classes by their probabilities
    whole = {name: abs(p) for name, p in ordinary.params.items()}
    positive = replace(ordinary, params=whole, y=second.y)
    found = []
    for first in (1, 2):
        layers = range(first, len(net.layers) + 1, 2)
        if layers:
            found += [_far(ordinary, layers, 1), _far(positive, layers, 1)]
            found.append(_far(positive, layers, -1))
        found += _on_kinks(net, ordinary, layers)
    return tuple(found)


def _far(ordinary: Case, layers: range, side: int) -> Case:
    """The biases of some layers so large that their units are far out, one to either side."""
    params = dict(ordinary.params)
    for k in layers:
        bias = params[f"b{k}"]
        params[f"b{k}"] = bias + side * np.resize(_FAR, bias.shape)
    return replace(ordinary, name=f"layers {_listed(layers)} far out", params=params)


def _on_kinks(net: Any, ordinary: Case, layers: range) -> Iterator[Case]:
    """With W_k = 0 every pre-activation of layer k is its bias, exactly."""
    params, moved = dict(ordinary.params), []
    for k in layers:
        entry, values = net.layers[k - 1].activation.entry, net.layers[k - 1].activation.values
        given = dict(zip(entry.parameters, values, strict=True))
        locations = [sympy.sympify(place).xreplace(given) for place in entry.kinks]
        exact = [float(x) for x in locations if x.is_Rational and sympy.Rational(float(x)) == x]
        if exact:
            moved.append(k)
            params[f"W{k}"] = np.zeros_like(params[f"W{k}"])
            params[f"b{k}"] = np.resize(exact, params[f"b{k}"].shape)
    if moved:
        yield replace(ordinary, name=f"layers {_listed(moved)} on their kinks", params=params)


def _listed(layers: Iterable[int]) -> str:
    return ", ".join(map(str, layers))


def _named(net: Any, case: Case, found: sweep.Sweep) -> Callable[[str], arb_mat]:
    """The balls of a named matrix, in the layout (batch, features) of the lines."""
    targets = sweep.setting(net, case.params, case.x, case.y).targets

    def matrix(name: str) -> arb_mat:
        if name in case.params:
            return arb_mat(np.atleast_2d(case.params[name]).tolist())
        if name == "x":
            return found.posts[0].transpose()
        if name == "y":
            return arb_mat([list(row) for row in targets])
        kind = name.rstrip("0123456789")
        k = int(name[len(kind) :])
        table = {
            "z": found.pres, "a": found.posts[1:], "delta": found.deltas, "g": found.post_adjoints,
        }[kind]  # fmt: skip
        return table[k - 1].transpose()

    return matrix


def _claimed(step: Any, found: sweep.Sweep, net: Any) -> Any:
    """The balls of what a line claims to be, rows being samples (or a gradient's own rows)."""
    if step.kind == "gradient":
        return found.grads[step.by]
    if step.kind == "forward" and step.of == "L":
        return found.loss
    if step.of == "L" and step.kind == "local":
        return found.post_adjoints[-1].transpose()
    k = int((step.by if step.kind == "adjoint" else step.of)[1:]) - 1
    table = {
        "forward": found.pres if step.of[0] == "z" else found.posts[1:],
        "local": found.slopes,
        "adjoint": found.deltas if step.by and step.by[0] == "z" else found.post_adjoints,
    }[step.kind]
    if step.kind == "local" and step.by[0] != "z":  # z held: 1 where the layer adds its input
        direct = arb(int(net.layers[k].residual))
        return sweep.entrywise(lambda _: direct, table[k].transpose())
    return table[k].transpose()


def _hold(
    tally: Tally, expression: Any, true: Any, view: View, memo: dict[Any, arb_mat] | None = None
) -> None:
    """Compare the balls of a line with the true ones."""
    if isinstance(true, arb):
        _line(tally, matrices.scalar(expression, view.named), true, view.case.name)
        return
    shape = (true.nrows(), true.ncols())
    if tuple(expression.shape) != shape:
        tally.fail("shape", f"shape {tuple(expression.shape)}, not {shape}")
        return
    got = matrices.evaluate(expression, view.named, memo)
    for index, a, b in zip(np.ndindex(*shape), got.entries(), true.entries(), strict=True):
        _line(tally, a, b, f"{list(index)}, {view.case.name}")


def _line(tally: Tally, got: arb, true: arb, where: str) -> None:
    """Two balls of one number must overlap and be narrow, or both be next to nothing."""
    gap, size = abs(got - true), abs(true)
    same = bool(gap < _AGREE * size) or (bool(abs(got) < _NOTHING) and bool(size < _NOTHING))
    if not same and (got.overlaps(true) or not (got.is_finite() and true.is_finite())):
        tally.undecide(where, f"balls too wide: {got} and {true}")
        return
    share = gap / size if not true.contains(0) else gap
    shown = (got.str(17, radius=False), true.str(17, radius=False))
    tally.add(same, float(share.abs_upper()), where, *shown)
