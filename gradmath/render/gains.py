"""The table of gains: for every activation, what keeps the signal and what keeps the gradients."""

from __future__ import annotations

from gradmath.catalogue import activations
from gradmath.claims import claims
from gradmath.claims.edge.gains import FRAMEWORK
from gradmath.claims.values import Value
from gradmath.render.claims import passed
from gradmath.render.context import Context
from gradmath.render.directives import Directive
from gradmath.render.markup import escape, maths, table


def gain_table(directive: Directive, context: Context) -> str:
    """`gains`: both gains of every activation, the gradient's factor a layer while the first is in
    force, and what PyTorch recommends.
    """
    directive.refuse_options()
    values = passed(claims["gain-table"]).values
    head = [
        context.say(word)
        for word in ("entry", "gain_forward", "gain_backward", "gain_layer", "gain_pytorch")
    ]
    rows = [
        (
            f"<strong>{escape(entry.titles[context.language])}</strong>",
            *(maths(values[f"{name}_{kind}"].latex) for kind in ("forward", "backward", "layer")),
            maths(_framework(name)) if name in FRAMEWORK else "–",
        )
        for name, entry in activations.items()
    ]
    return context.keep(table(head, rows, kind="gm-catalogue gm-numbers"))


def _framework(name: str) -> str:
    """A recommended gain: as it is defined where that is short, else as a number."""
    gain = FRAMEWORK[name]
    exact = Value(gain).latex
    return exact if len(exact) < 14 else Value(gain, digits=7).latex
