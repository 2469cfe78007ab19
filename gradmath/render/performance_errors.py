"""The tables of errors: every activation, ours beside others, in ulp of the true value."""

from __future__ import annotations

import math

from gradmath.catalogue import activations
from gradmath.claims.grades import GRADE_TITLES, RECORDED
from gradmath.claims.performance.names import name
from gradmath.claims.performance.record import DTYPES, JUDGED, OURS, Error, recording
from gradmath.claims.values import Value
from gradmath.errors import UnknownNameError
from gradmath.render.context import Context
from gradmath.render.directives import Directive
from gradmath.render.markup import escape, table

ORDERS = ("0", "1", "2")
_PEERS = [who for who in JUDGED if who not in OURS]
PLAIN = 1000  # ulp up to which a number is written out


def errors(directive: Directive, context: Context) -> str:
    """`bench errors order=1 dtype=float64`: the worst error of everybody on every activation."""
    directive.refuse_options("order", "dtype")
    order, dtype = (directive.options.get(option, "") for option in ("order", "dtype"))
    if order not in ORDERS:
        raise UnknownNameError("order", order, ORDERS)
    if dtype not in DTYPES:
        raise UnknownNameError("dtype", dtype, DTYPES)
    found = {
        (each.activation, each.contender): each
        for each in recording().errors
        if each.order == int(order) and each.dtype == dtype
    }
    there = dict.fromkeys(who for _, who in found)
    # ours as they come, then the others in the order of the record's list
    judged = sorted(there, key=lambda who: _PEERS.index(who) if who in _PEERS else -1)
    head = [context.say("bench_activation")]
    head += [escape(name(who, context.language)) for who in judged]
    rows = [
        (
            f"<strong>{escape(entry.titles[context.language])}</strong>",
            *(ulps(found.get((id, who))) for who in judged),
        )
        for id, entry in activations.items()
    ]
    title = context.say("bench_errors_caption").format(context.say(f"bench_errors_{order}"), dtype)
    grade = escape(GRADE_TITLES[RECORDED][context.language])
    caption = f'{escape(title)} <span class="gm-badge gm-grade-{RECORDED}">{grade}</span>'
    return context.keep(table(head, rows, caption=caption))


def ulps(error: Error | None) -> str:
    """An error as a cell: a dash where there is no such function, ∞ where there is no bound."""
    if error is None:
        return "–"
    if math.isinf(error.worst):
        return "∞"
    return Value(error.worst, digits=2 if error.worst < PLAIN else 1).text
