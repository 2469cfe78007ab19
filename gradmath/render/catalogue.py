"""Tables of the catalogue: what is declared, and what follows from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from gradmath import notation
from gradmath.catalogue import BIBLIOGRAPHY, activations, clips, initialisers, losses, penalties
from gradmath.catalogue.declaration import Activation, Entry, ScalarEntry
from gradmath.errors import UnknownNameError
from gradmath.render.context import Context
from gradmath.render.directives import Directive
from gradmath.render.markup import escape, external, maths, table

OTHERS: Mapping[str, Mapping[str, Entry]] = {
    "losses": losses,
    "penalties": penalties,
    "clips": clips,
    "initialisers": initialisers,
}


def activation_list(directive: Directive, context: Context) -> str:
    """`activations`: definition, slope, limits and parameters of every activation."""
    directive.refuse_options()
    entries = "".join(
        f'<section class="gm-entry" id="activation-{entry.name}">'
        f"<p>{named(entry, context)}</p>{properties(entry, context)}</section>"
        for entry in activations.values()
    )
    return context.keep(entries)


def properties(entry: Activation, context: Context) -> str:
    """Definition, slope, limits and parameters, one below the other."""
    limits = r",\quad ".join(
        rf"{notation.latex(limit)} \;\; (z \to {end})"
        for limit, end in zip(entry.limits, (r"-\infty", r"\infty"), strict=True)
    )
    lines = [
        (
            context.say("definition"),
            maths(f"f(z) = {notation.latex(entry.definition)}", display=True),
        ),
        (
            context.say("slope"),
            maths(f"f'(z) = {notation.latex(entry.derivative())}", display=True),
        ),
        (context.say("limits"), maths(limits, display=True)),
    ]
    if entry.parameters:
        lines.append((context.say("parameters"), parameters(entry)))
    items = "".join(f"<dt>{word}</dt><dd>{line}</dd>" for word, line in lines)
    return f"<dl>{items}</dl>"


def entry_table(directive: Directive, context: Context) -> str:
    """`entries KIND`: the definitions of losses, penalties, clips or initialisers."""
    directive.refuse_options()
    kind = directive.one()
    if kind not in OTHERS:
        raise UnknownNameError("kind of entry", kind, OTHERS)
    head = [context.say(word) for word in ("entry", "definition", "parameters")]
    rows = [
        (
            named(entry, context),
            maths(rf"\displaystyle {notation.latex(entry.definition)}"),
            parameters(entry),
        )
        for entry in OTHERS[kind].values()
    ]
    return context.keep(table(head, rows, kind="gm-catalogue"))


def kink_table(directive: Directive, context: Context) -> str:
    """`kinks`: each point where a derivative jumps, its two limits and what we return."""
    directive.refuse_options()
    words = ("entry", "kink", "order", "left", "right", "returned")
    head = [context.say(word) for word in words]
    rows = [
        (
            named(entry, context),
            maths(f"{notation.latex(entry.variable)} = {notation.latex(point)}"),
            str(kink.order),
            *(maths(notation.latex(part)) for part in (kink.left, kink.right, kink.returned)),
        )
        for entry in with_kinks()
        for point, kink in entry.kinks.items()
    ]
    return context.keep(table(head, rows, kind="gm-catalogue"))


def with_kinks() -> Iterable[ScalarEntry]:
    """Every entry that has a kink."""
    for entries in (activations, losses, penalties, clips):
        for entry in entries.values():
            if isinstance(entry, ScalarEntry) and entry.kinks:
                yield entry


def named(entry: Entry, context: Context) -> str:
    """Title, the name to call it by, and its sources."""
    sources = "; ".join(
        external(BIBLIOGRAPHY[key].url, BIBLIOGRAPHY[key].short) for key in entry.references
    )
    return (
        f"<strong>{escape(entry.titles[context.language])}</strong> "
        f'<code>{escape(entry.name)}</code> <span class="gm-sources">{sources}</span>'
    )


def parameters(entry: Entry) -> str:
    """Defaults of the parameters with their ranges."""
    if not isinstance(entry, ScalarEntry):
        return ""
    return "<br>".join(
        f"<code>{escape(symbol.name)}={notation.text(parameter.default)}</code> "
        + maths(rf"\in {notation.latex(parameter.interval)}")
        for symbol, parameter in entry.parameters.items()
    )


def citations(directive: Directive, context: Context) -> str:
    """`citations KEY...`: entries of the bibliography as a list."""
    directive.refuse_options()
    for key in directive.arguments:
        if key not in BIBLIOGRAPHY:
            raise UnknownNameError("reference", key, BIBLIOGRAPHY)
    lines = map(cited, directive.arguments)
    return context.keep(f'<ul class="gm-citations">{"".join(lines)}</ul>')


def cite(directive: Directive, context: Context) -> str:
    """`cite KEY`: names and year in running text, linked to the work."""
    directive.refuse_options()
    key = directive.one()
    if key not in BIBLIOGRAPHY:
        raise UnknownNameError("reference", key, BIBLIOGRAPHY)
    return f"[{BIBLIOGRAPHY[key].short}]({BIBLIOGRAPHY[key].url})"


def cited(key: str) -> str:
    """One entry of the bibliography as an item of a list."""
    work = BIBLIOGRAPHY[key]
    authors = "; ".join(work.authors)
    return (
        f'<li id="ref-{escape(key)}">{escape(authors)} ({work.year}). '
        f"{external(work.url, work.title)}. <i>{escape(work.venue)}</i>.</li>"
    )
