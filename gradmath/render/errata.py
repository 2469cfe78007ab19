"""The errata: what is right, what the source says, and the claims that decide it."""

from __future__ import annotations

from gradmath.claims import claims
from gradmath.claims.errata import ERRATA, VERDICT_TITLES, Erratum
from gradmath.errors import UnknownNameError
from gradmath.render.claims import linked, passed
from gradmath.render.context import Context
from gradmath.render.directives import Directive

KINDS = {"": False, "slips": True}


def errata(directive: Directive, context: Context) -> str:
    """`errata`: the matters of substance; `errata slips`: the slips of the pen."""
    directive.refuse_options()
    kind = " ".join(directive.arguments)
    if kind not in KINDS:
        raise UnknownNameError("kind of errata", kind, KINDS)
    return "\n\n".join(row(each, context) for each in ERRATA if each.slip is KINDS[kind])


def row(erratum: Erratum, context: Context) -> str:
    """One statement of the source: first what is right."""
    verdict = VERDICT_TITLES[erratum.verdict][context.language]
    links = ", ".join(decided_by(name, context) for name in erratum.claims)
    says = f"{context.say('source_says')}: {erratum.source[context.language]}"
    return "\n".join(
        [
            f'<div class="gm-erratum gm-verdict-{erratum.verdict}" markdown="1">',
            erratum.right[context.language],
            "",
            says,
            "{: .gm-source }",
            "",
            f'<span class="gm-badge">{verdict}</span> {links}',
            "",
            "</div>",
        ]
    )


def decided_by(name: str, context: Context) -> str:
    """A link to the claim's passport."""
    return linked(passed(claims[name]), context)
