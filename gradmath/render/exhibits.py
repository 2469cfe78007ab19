"""The museum's exhibits: each with the verdict that its claim gave at this build."""

from __future__ import annotations

import re

import sympy as sp

from gradmath.claims import claims
from gradmath.claims.claim import Claim
from gradmath.claims.exercise import filled
from gradmath.claims.grades import REFUTED
from gradmath.claims.museum.caught import METHOD
from gradmath.claims.museum.exhibit import Exhibit, Thread
from gradmath.claims.museum.exhibits import EXHIBITS
from gradmath.claims.relation import Relation
from gradmath.claims.values import Value
from gradmath.errors import UnknownNameError
from gradmath.render.claims import badge, passed
from gradmath.render.context import Context
from gradmath.render.directives import Directive
from gradmath.render.markup import plain_text
from gradmath.verify.operators import Operator
from gradmath.verify.report import Row

KINDS = {"": False, "alarms": True}
GREEK = {"alpha": "α", "lam": "λ"}  # as the page's formulas write them
DIGITS = 4  # of the values shown at a point
_OPERATOR = re.compile(r"\[([a-z]+(?:-[a-z]+)*)\]")
_SHAPE = re.compile(r"shape = (?P<shape>.*), entry = (?P<entry>[\d, ]+)")


def exhibits(directive: Directive, context: Context) -> str:
    """`exhibits`: the mistakes; `exhibits alarms`: what was reported as one and is right."""
    directive.refuse_options()
    kind = " ".join(directive.arguments)
    if kind not in KINDS:
        raise UnknownNameError("kind of exhibits", kind, KINDS)
    return "\n\n".join(card(each, context) for each in EXHIBITS if each.alarm is KINDS[kind])


def card(exhibit: Exhibit, context: Context) -> str:
    """One exhibit: as printed, what is right, the verdict, what happened, what to take away."""
    claim = passed(claims[exhibit.claim])
    verdict = accepted(claim, context) if exhibit.alarm else caught(claim, context)
    words = ("printed", "put_right", "caught_live")
    if exhibit.alarm:
        words = ("reported", "why_right", "held")
    texts = (exhibit.printed, exhibit.right)
    shown = [filled(text[context.language], claim.values) for text in texts]
    rows = [
        *zip(words, [*shown, f"{verdict} {badge(claim, context)}"], strict=True),
        ("told", filled(exhibit.told[context.language], claim.values)),
        ("lesson", exhibit.lesson[context.language]),
        ("threads", ", ".join(link(thread, context) for thread in exhibit.threads)),
    ]
    return "\n".join(
        [
            f"### {claim.titles[context.language]} {{ #{claim.id} }}",
            "",
            f'<div class="gm-exhibit gm-grade-{claim.grade}" markdown="1">',
            "",
            *(f"**{context.say(word)}**{context.say('colon')}{text}\n" for word, text in rows),
            "</div>",
        ]
    )


def link(thread: Thread, context: Context) -> str:
    """The thread, and whether it could be read again."""
    note = "" if thread.read else f" ({context.say('not_read_again')})"
    return f"[{thread.name}]({thread.url}){note}"


def caught(claim: Claim, context: Context) -> str:
    """The point at which the printed formula fails, both values, and what the checker said."""
    assert claim.grade == REFUTED
    rows = {row.method: row for row in claim.evidence}
    sentences = [at_a_point(rows["counterexample"], claim, context)]
    if METHOD in rows:
        sentences.append(by_the_checker(rows[METHOD], context))
    return " ".join(sentences)


def at_a_point(row: Row, claim: Claim, context: Context) -> str:
    """The counterexample in words."""
    true, printed = (number(text) for text in (row.got, row.expected))
    part = claim.statement.parts["statement"]
    inequality = isinstance(part, Relation) and part.operator != "=="
    form = context.say("sides_are" if inequality else "printed_gives")
    start = context.say("at_point").format(place(row.where, context)) if row.where else ""
    sentence = start + form.format(printed=printed, true=true)
    return sentence[0].upper() + sentence[1:]


def place(where: str, context: Context) -> str:
    """Where it is, for a reader: `n = 2, d = 2, entry (1, 1)`, `α = 2, z = −1`."""
    found = _SHAPE.fullmatch(where)
    if found:
        entry = context.say("entry_at").format(found["entry"])
        return f"{found['shape']}, {entry}"
    for name, letter in GREEK.items():
        where = re.sub(rf"\b{name}\b", letter, where)
    return plain_text(where.replace("-", "−"))


def number(text: str) -> str:
    """A value to a few digits."""
    return Value(sp.Rational(text), digits=DIGITS).text


def by_the_checker(row: Row, context: Context) -> str:
    """What `gm.check_gradient` says, with the kind of mistake where it knows one."""
    known = [Operator(key) for key in _OPERATOR.findall(row.note)]
    reasons = "".join(
        context.say("because") + operator.titles[context.language] for operator in known[:1]
    )
    return f"`{METHOD}` {context.say('rejects')}{reasons}{context.say('stop')}"


def accepted(claim: Claim, context: Context) -> str:
    """That the formula is proved, and what the checker said."""
    methods = {row.method for row in claim.evidence}
    checker = f" `{METHOD}` {context.say('accepts')}{context.say('stop')}"
    return context.say("proved_here") + (checker if METHOD in methods else "")
