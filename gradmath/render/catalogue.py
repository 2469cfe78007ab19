"""Tables of the catalogue: what is declared, and what follows from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import sympy as sp

from gradmath import notation
from gradmath.catalogue import BIBLIOGRAPHY, activations, clips, initialisers, losses, penalties
from gradmath.catalogue.declaration import Activation, Entry, ScalarEntry
from gradmath.claims.values import Value
from gradmath.errors import UnknownNameError
from gradmath.render.context import Context
from gradmath.render.directives import Directive
from gradmath.render.markup import escape, external, maths, table

LONG = 12  # operations: a constant of more has a name in a formula
DIGITS = 8  # of such a constant

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
    """Definition, slope, limits, long constants and parameters, one below the other."""
    names: dict[sp.Expr, sp.Symbol] = {}
    definition, slope, *ends = (
        notation.latex(with_names(expression, names))
        for expression in (entry.definition, entry.derivative(), *entry.limits)
    )
    limits = r",\quad ".join(
        rf"{limit} \;\; (z \to {end})"
        for limit, end in zip(ends, (r"-\infty", r"\infty"), strict=True)
    )
    lines = [
        (context.say("definition"), maths(f"f(z) = {definition}", display=True)),
        (context.say("slope"), maths(f"f'(z) = {slope}", display=True)),
        (context.say("limits"), maths(limits, display=True)),
    ]
    for constant, name in names.items():
        tex = notation.latex(name)
        both = rf"{tex} {decimal(constant)}, \quad {tex} = {notation.latex(constant)}"
        lines.append((context.say("constant"), maths(both, display=True)))
    if entry.parameters:
        lines.append((context.say("parameters"), parameters(entry)))
    items = "".join(f"<dt>{word}</dt><dd>{line}</dd>" for word, line in lines)
    return f"<dl>{items}</dl>"


def with_names(expression: sp.Expr, names: dict[sp.Expr, sp.Symbol]) -> sp.Expr:
    """The expression with a name for each constant whose closed form would fill a line."""
    if isinstance(expression, sp.Piecewise):
        pieces = [(with_names(piece, names), where) for piece, where in expression.args]
        return sp.Piecewise(*pieces, evaluate=False)
    if not expression.free_symbols:
        if sp.count_ops(expression) <= LONG:
            return expression
        size = -expression if expression.could_extract_minus_sign() else expression
        name = names.setdefault(size, sp.Symbol(f"c{len(names) + 1}"))
        return name if size == expression else -name
    if not expression.args:
        return expression
    if expression.is_Mul:
        constant, rest = expression.as_independent(*expression.free_symbols, as_Add=False)
        if sp.count_ops(constant) > LONG:
            return with_names(constant, names) * with_names(rest, names)
    return expression.func(*(with_names(part, names) for part in expression.args))


def decimal(constant: sp.Expr) -> str:
    """What a constant is about."""
    return rf"\approx {Value(constant, digits=DIGITS).latex}"


def short(expression: sp.Expr) -> str:
    """The expression as a formula, or what it is about if it is a constant that fills a line."""
    is_long = not expression.free_symbols and sp.count_ops(expression) > LONG
    return decimal(expression) if is_long else notation.latex(expression)


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
            named(entry, context, sources=False),
            maths(f"{notation.latex(entry.variable)} = {notation.latex(point)}"),
            str(kink.order),
            *(maths(short(part)) for part in (kink.left, kink.right, kink.returned)),
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


def named(entry: Entry, context: Context, *, sources: bool = True) -> str:
    """Title, the name to call it by, and its sources."""
    name = (
        f"<strong>{escape(entry.titles[context.language])}</strong> "
        f"<code>{escape(entry.name)}</code>"
    )
    if not sources:
        return name
    works = "; ".join(
        external(BIBLIOGRAPHY[key].url, BIBLIOGRAPHY[key].short) for key in entry.references
    )
    return f'{name} <span class="gm-sources">{works}</span>'


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
