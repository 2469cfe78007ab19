"""Claims on pages: the numbered statement, its quoted numbers, the answer to an exercise."""

from __future__ import annotations

from gradmath import figures
from gradmath.claims import claims
from gradmath.claims.claim import Claim
from gradmath.claims.grades import GRADE_TITLES, Status
from gradmath.claims.values import Value
from gradmath.errors import DeclarationError, UnknownNameError, VerificationError
from gradmath.render.context import Context
from gradmath.render.directives import Directive
from gradmath.render.markup import escape, plain_text


def passed(claim: Claim) -> Claim:
    """The claim, once its evidence has passed; no page states one that has not."""
    if claim.status is not Status.PASSED:
        raise VerificationError(
            f"claim {claim.id}", got=claim.status, allowed="passed", remedy=claim.judgement.reason
        )
    return claim


def claim(directive: Directive, context: Context) -> str:
    """`claim ID`: the statement with its number, in words and as a formula, and its badge."""
    directive.refuse_options()
    stated = passed(claims[directive.one()])
    lines = [
        f'<div class="gm-claim gm-grade-{stated.grade}" id="claim-{stated.id}" markdown="1">',
        f'<div class="gm-claim-head" markdown="span"><span>**{label(stated, context)}** '
        f"{stated.titles[context.language]}</span> {badge(stated, context)}</div>",
        "",
        plain_text(stated.statement_text[context.language]),
        "",
        f"$$\n{stated.statement.latex}\n$$",
        "",
    ]
    if stated.assumptions:
        word = context.say("assumptions")
        assumed = plain_text(stated.assumptions[context.language])
        lines += [f"{word}: {assumed}", "{: .gm-assumptions }", ""]
    return "\n".join([*lines, "</div>"])


def label(stated: Claim, context: Context) -> str:
    """`Claim 1.3`, or `Claim` for one that no page of the chapter states."""
    number = context.numbers.get(stated.id)
    return context.say("claim") + (f" {number.label}" if number else "")


def linked(stated: Claim, context: Context) -> str:
    """A link to the claim's passport: its number, if a page gives it one, and its title."""
    number = f"{label(stated, context)} " if stated.id in context.numbers else ""
    address = context.link(f"ledger/{stated.id}.md")
    return f"[{number}{stated.titles[context.language]}]({address})"


def see(directive: Directive, context: Context) -> str:
    """`see ID`: a link in running text to where the chapter states a claim."""
    directive.refuse_options()
    stated = passed(claims[directive.one()])
    number = context.numbers.get(stated.id)
    if number is None:
        return linked(stated, context)
    return f"[{label(stated, context)}]({context.link(number.home)}#claim-{stated.id})"


def badge(stated: Claim, context: Context) -> str:
    """The grade, linked to the claim's passport."""
    grade = GRADE_TITLES[stated.grade][context.language]
    about = f"{context.say('passport')}: {stated.titles[context.language]}"
    return (
        f"[{grade}]({context.link(f'ledger/{stated.id}.md')})"
        f'{{ .gm-badge .gm-grade-{stated.grade} aria-label="{grade}, {escape(plain(about))}" }}'
    )


def plain(text: str) -> str:
    """Text for an attribute: no formula signs, no code ticks."""
    return text.replace("$", "").replace("`", "").replace("\\", "")


def quoted(directive: Directive) -> Value:
    """The value OWNER.NAME of a claim or of a figure."""
    directive.refuse_options()
    owner, name = directive.pair()
    known = {**dict.fromkeys(claims, "claim"), **dict.fromkeys(figures.figures, "figure")}
    if owner not in known:
        raise UnknownNameError("claim or figure", owner, known)
    values = claims[owner].values if owner in claims else figures.values(owner)
    if name not in values:
        raise UnknownNameError(f"value of {owner}", name, values)
    return values[name]


def value(directive: Directive, context: Context) -> str:
    """`value OWNER.NAME`: a computed number in running text."""
    number = quoted(directive)
    if number.is_formula:
        raise DeclarationError(
            f"directive value {directive.one()}", got="a formula", remedy="write gm: formula"
        )
    return f'<span class="gm-value">{escape(number.text)}</span>'


def formula(directive: Directive, context: Context) -> str:
    """`formula OWNER.NAME`: a computed value as a formula in running text."""
    return f"${quoted(directive).latex}$"


def formula_block(directive: Directive, context: Context) -> str:
    """`formula-block OWNER.NAME`: a computed value as a displayed formula."""
    return f"$$\n{quoted(directive).latex}\n$$"


def exercise(directive: Directive, context: Context) -> str:
    """`exercise ID`: the answer, folded; its numbers come from the claim that checks it."""
    directive.refuse_options()
    checked = passed(claims[directive.one()])
    if checked.answer is None:
        raise DeclarationError(f"exercise {checked.id}", got="a claim without an answer")
    answer = checked.answer.markdown(context.language, checked.values)
    body = f"{answer}\n\n{badge(checked, context)}"
    indented = "\n".join(f"    {line}".rstrip() for line in body.splitlines())
    return f'??? success "{context.say("answer")}"\n{indented}'
