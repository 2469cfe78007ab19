"""The glossary: terms in both languages, each with the claims that show it."""

from __future__ import annotations

from gradmath.claims import claims
from gradmath.claims.glossary import GROUPS, TERMS, Term
from gradmath.errors import UnknownNameError
from gradmath.render.claims import linked, passed
from gradmath.render.context import Context
from gradmath.render.directives import Directive
from gradmath.render.markup import escape

INDEX = "index"
#: How HTML calls the languages.
TAGS = {"en": "en", "zh": "zh-Hans"}


def glossary(directive: Directive, context: Context) -> str:
    """`glossary GROUP`: the terms of a group; `glossary index`: all names, A to Z, as links."""
    directive.refuse_options()
    group = directive.one()
    if group == INDEX:
        return index(context)
    if group not in GROUPS:
        raise UnknownNameError("group of terms", group, [*GROUPS, INDEX])
    return "\n\n".join(entry(term, context) for term in GROUPS[group])


def index(context: Context) -> str:
    """Every term by its English name, beside its name in the page's language."""
    links = []
    for term in sorted(TERMS.values(), key=lambda term: term.names["en"].lower()):
        names = dict.fromkeys((term.names[context.language], term.names["en"]))
        links.append(f'<a href="#term-{term.id}">{escape(" · ".join(names))}</a>')
    return context.keep(f'<p class="gm-terms">{" ".join(links)}</p>')


def entry(term: Term, context: Context) -> str:
    """A term with its symbol, its name in the other language, its sentence and its claims."""
    other = next(language for language in TAGS if language != context.language)
    symbol = f"${term.symbol}$ " if term.symbol else ""
    lines = [
        f'<div class="gm-term" id="term-{term.id}" markdown="1">',
        f"**{term.names[context.language]}** {symbol}"
        f'<span class="gm-other" lang="{TAGS[other]}">{escape(term.names[other])}</span>',
        "{: .gm-term-head }",
        "",
        term.sentences[context.language],
        "",
    ]
    if term.claims:
        shown = ", ".join(linked(passed(claims[name]), context) for name in term.claims)
        lines += [f"{context.say('see')} {shown}", "{: .gm-source }", ""]
    return "\n".join([*lines, "</div>"])
