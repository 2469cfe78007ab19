"""A derivation as ordered steps."""

from __future__ import annotations

from itertools import groupby

from gradmath.claims.derivations import DERIVATIONS
from gradmath.derivation import Derivation, NamedDerivation, Step, derive
from gradmath.errors import DeclarationError, UnknownNameError
from gradmath.render.context import Context
from gradmath.render.directives import Directive
from gradmath.render.markup import escape, maths


def steps(directive: Directive, context: Context) -> str:
    """`steps NAME [wrt=NAME,NAME]`: a derivation by its name, or one by fewer names."""
    directive.refuse_options("wrt")
    name = directive.one()
    if name not in DERIVATIONS:
        raise UnknownNameError("derivation", name, DERIVATIONS)
    derivation = DERIVATIONS[name]()
    if "wrt" in directive.options:
        if not isinstance(derivation, NamedDerivation):
            raise DeclarationError(
                f"directive steps {name}", got="wrt", allowed="derivations of named equations only"
            )
        names = directive.options["wrt"].split(",")
        derivation = derive(list(derivation.equations.items()), wrt=names)
    return context.keep(derivation_html(derivation, context))


def derivation_html(derivation: Derivation, context: Context) -> str:
    """All steps, grouped by kind."""
    groups = []
    for kind, group in groupby(derivation.steps, key=lambda step: step.kind):
        members = list(group)
        # what every line of a group has in common, its heading says already
        telling = len({step.reason for step in members}) > 1
        lines = "".join(line(step, context, telling) for step in members)
        groups.append(f'<p class="gm-kind">{context.say(kind)}</p><ol>{lines}</ol>')
    return f'<div class="gm-steps">{"".join(groups)}</div>'


def line(step: Step, context: Context, telling: bool) -> str:
    """One step: the formula, its shape where it has one, and, if `telling`, why it holds."""
    notes = [escape(step.reason)] if telling else []
    if step.shape:
        sizes = " × ".join(str(size) for size in step.shape)
        notes.append(f'<span class="gm-shape">{context.say("shape")} {escape(sizes)}</span>')
    aside = f'<div class="gm-reason">{", ".join(notes)}</div>' if notes else ""
    formula = maths(step.latex(), display=True)
    return f'<li><div class="gm-step">{formula}</div>{aside}</li>'
