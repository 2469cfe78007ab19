"""Further reading: a work, and the claims of this site that cite it."""

from __future__ import annotations

from gradmath.catalogue import BIBLIOGRAPHY
from gradmath.claims import claims
from gradmath.errors import UnknownNameError
from gradmath.render.catalogue import cited
from gradmath.render.claims import linked, passed
from gradmath.render.context import Context
from gradmath.render.directives import Directive


def work(directive: Directive, context: Context) -> str:
    """`work KEY`: an entry of the bibliography, and every claim that names it as a reference."""
    directive.refuse_options()
    key = directive.one()
    if key not in BIBLIOGRAPHY:
        raise UnknownNameError("reference", key, BIBLIOGRAPHY)
    parts = [context.keep(f'<ul class="gm-citations">{cited(key)}</ul>')]
    citing = [claim for claim in claims.values() if key in claim.references]
    if citing:
        links = ", ".join(linked(passed(claim), context) for claim in citing)
        parts.append(f"{context.say('cited_by')} {links}\n{{: .gm-source }}")
    return "\n\n".join(parts)
