"""A derivation as ordered steps."""

from __future__ import annotations

from itertools import groupby

from ..claims.derivations import DERIVATIONS
from ..derivation import Derivation, Step, derive
from ..errors import UnknownNameError
from .context import Context
from .directives import Directive
from .markup import escape, maths


def steps(directive: Directive, context: Context) -> str:
    """`steps NAME [wrt=NAME,NAME]`: a derivation by its name, or one by fewer names."""
    directive.refuse_options("wrt")
    name = directive.one()
    if name not in DERIVATIONS:
        raise UnknownNameError("derivation", name, DERIVATIONS)
    derivation = DERIVATIONS[name]()
    if "wrt" in directive.options:
        names = directive.options["wrt"].split(",")
        derivation = derive(list(derivation.equations.items()), wrt=names)
    return context.keep(derivation_html(derivation, context))


def derivation_html(derivation: Derivation, context: Context) -> str:
    """All steps, grouped by kind."""
    groups = []
    for kind, members in groupby(derivation.steps, key=lambda step: step.kind):
        lines = "".join(line(step, context) for step in members)
        groups.append(f"<h4>{context.say(kind)}</h4><ol>{lines}</ol>")
    return f'<div class="gm-steps">{"".join(groups)}</div>'


def line(step: Step, context: Context) -> str:
    """One step: the formula, its shape where it has one, and why it holds."""
    shape = ""
    if step.shape:
        sizes = " × ".join(str(size) for size in step.shape)
        shape = f' <span class="gm-shape">{context.say("shape")} {escape(sizes)}</span>'
    return (
        f'<li><div class="gm-step">{maths(step.latex(), display=True)}</div>'
        f'<div class="gm-reason">{escape(step.reason)}{shape}</div></li>'
    )
