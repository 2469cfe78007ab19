"""Parts of pages, written from claims, derivations, figures and the catalogue.

A page holds directives such as `<!-- gm: claim sigmoid-slope-bound -->`; `expand` replaces them
by Markdown.  An unknown directive, id or value is an error, so no page can quote what does not
exist, and no claim is stated whose evidence has not passed.
"""

from __future__ import annotations

from gradmath.render import (
    catalogue,
    claims,
    directives,
    errata,
    exhibits,
    figure,
    gains,
    gallery,
    glossary,
    ledger,
    performance,
    reading,
    slopes,
    steps,
)
from gradmath.render.context import Context, Number, Numbers
from gradmath.render.directives import Renderer, numbers
from gradmath.render.ledger import generated

__all__ = ["BLOCK", "INLINE", "Context", "Number", "Numbers", "expand", "generated", "numbers"]

INLINE: dict[str, Renderer] = {
    "cite": catalogue.cite,
    "formula": claims.formula,
    "see": claims.see,
    "value": claims.value,
}
BLOCK: dict[str, Renderer] = {
    "activations": catalogue.activation_list,
    "bench": performance.bench,
    "citations": catalogue.citations,
    "claim": claims.claim,
    "counts": ledger.counts,
    "entries": catalogue.entry_table,
    "errata": errata.errata,
    "exercise": claims.exercise,
    "exhibits": exhibits.exhibits,
    "figure": figure.figure,
    "formula-block": claims.formula_block,
    "gains": gains.gain_table,
    "gallery": gallery.gallery,
    "glossary": glossary.glossary,
    "kinks": catalogue.kink_table,
    "ledger": ledger.ledger,
    "passport": ledger.passport,
    "recorded": gallery.recorded,
    "retired": ledger.retired,
    "slopes": slopes.slope_table,
    "steps": steps.steps,
    "work": reading.work,
}


def expand(text: str, context: Context) -> str:
    """The Markdown of a page with every directive replaced."""
    return directives.expand(text, context, INLINE, BLOCK)
