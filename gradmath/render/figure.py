"""Figures on a page: the drawing and its caption."""

from __future__ import annotations

from gradmath import figures
from gradmath.render.context import Context
from gradmath.render.directives import Directive
from gradmath.render.markup import escape, plain_text


def figure(directive: Directive, context: Context) -> str:
    """`figure ID`: the drawing, with a caption that says what to see."""
    directive.refuse_options()
    name = directive.one()
    drawing = figures.svg(name, context.language)
    title = figures.title(name, context.language)
    caption = figures.caption(name, context.language)
    return context.keep(
        f'<figure class="gm-figure" id="figure-{escape(name)}">{drawing}'
        f"<figcaption><strong>{escape(title)}.</strong> {plain_text(escape(caption))}"
        "</figcaption></figure>"
    )
