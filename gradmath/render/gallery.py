"""The false-pass gallery: what each peer said on record, and what gradmath says at this build."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from gradmath.claims import claims
from gradmath.claims.computed import Computed
from gradmath.claims.exercise import filled
from gradmath.claims.gallery.checker_stories import CHECKERS
from gradmath.claims.gallery.framework_stories import FRAMEWORKS
from gradmath.claims.gallery.questions import answer, questions
from gradmath.claims.gallery.recording import Record, recording
from gradmath.claims.gallery.story import Story
from gradmath.claims.values import Value
from gradmath.errors import UnknownNameError
from gradmath.render.claims import badge, passed
from gradmath.render.context import Context
from gradmath.render.directives import Directive
from gradmath.render.markup import escape, table
from gradmath.verify.operators import Operator
from gradmath.verify.report import FAILED, Row

KINDS = {"checkers": CHECKERS, "frameworks": FRAMEWORKS}
VERDICTS, NUMBERS = "gallery-our-verdicts", "gallery-our-numbers"
OFF = 2  # digits of a relative error
ROLE = re.compile(r":\w+:`~?([^`]+)`")  # as `:func:` in the peers' own documentation
_OPERATOR = re.compile(r"\[([a-z]+(?:-[a-z]+)*)\]")


def gallery(directive: Directive, context: Context) -> str:
    """`gallery checkers` or `gallery frameworks`: the cases of that kind."""
    directive.refuse_options()
    kind = directive.one()
    if kind not in KINDS:
        raise UnknownNameError("kind of gallery", kind, KINDS)
    return "\n\n".join(card(story, context) for story in KINDS[kind])


def recorded(directive: Directive, context: Context) -> str:
    """`recorded`: when the record was made, on what, and with which versions."""
    directive.refuse_options()
    whole = recording()
    versions = ", ".join(f"{name} {version}" for name, version in whole.versions.items())
    where = "{system} {machine}, Python {python}".format(**whole.platform)
    return f"{context.say('recorded_on')} {whole.date}{context.say('colon')}{versions}; {where}."


def card(story: Story, context: Context) -> str:
    """One case."""
    claim = passed(claims[story.claim])
    language = context.language
    records = recording().peers(story.exhibit)
    checked = story.exhibit in questions()

    def text(texts: Mapping[str, str]) -> str:
        return filled(texts[language], claim.values)

    said = trials(records[0], context) if checked else results(story, records, context)
    rows = [
        ("asked", text(story.asked)),
        ("truth", f"${claim.statement.latex}$"),
        ("said", f"{tools(records)} {badge(claim, context)}"),
    ]
    after = [("why_so", text(story.why)), ("catches", text(story.catches))]
    promise = records[0].promise
    if promise:
        after.insert(1, ("promise", f"“{escape(ROLE.sub(r'\1', promise))}”"))
    after.append(("ours", ours(story, context)))
    after.append(("lesson", text(story.lesson)))
    return "\n".join(
        [
            f"### {claim.titles[language]} {{ #{claim.id} }}",
            "",
            f'<div class="gm-exhibit gm-grade-{claim.grade}" markdown="1">',
            "",
            *(line(word, words, context) for word, words in rows),
            context.keep(said),
            "",
            *(line(word, words, context) for word, words in after),
            "</div>",
        ]
    )


def line(word: str, words: str, context: Context) -> str:
    """A paragraph that begins with its heading."""
    return f"**{context.say(word)}**{context.say('colon')}{words}\n"


def tools(records: Sequence[Record]) -> str:
    """Who answered: the tool and its version."""
    versions = recording().versions
    return ", ".join(
        f"`{record.tool}` ({record.peer} {versions[record.peer]})" for record in records
    )


def trials(record: Record, context: Context) -> str:
    """A checker's verdicts: gradient, settings, verdict."""
    first = "derivative_asked" if record.peer == "sympy" else "claimed_gradient"
    head = [context.say(word) for word in (first, "settings", "gallery_verdict")]
    rows = []
    for trial in record.trials:
        changed = ", ".join(f"{name} = {plain(value)}" for name, value in trial.changed.items())
        rows.append(
            (
                escape(word_of(trial.gradient, context)),
                f"<code>{escape(changed)}</code>" if changed else context.say("defaults"),
                escape(word_of(trial.verdict, context)),
            )
        )
    return table(head, rows)


def word_of(name: str, context: Context) -> str:
    """A word of the record in the page's language; what is no such word stays as it is."""
    known = {
        "wrong", "right", "zero", "sum", "error", "penalty", "entry", "matrix", "accepted",
        "rejected",
    }  # fmt: skip
    return context.say(f"gallery_{name}") if name in known else name


def plain(value: Any) -> str:
    """A setting as one would type it."""
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def results(story: Story, records: Sequence[Record], context: Context) -> str:
    """A framework's numbers by type; of a gradient the entry that our own number stands beside."""
    names = list(records[0].results)
    rows = [
        (escape(record.peer), *(number(record.results[name], story.digits) for name in names))
        for record in records
    ]
    return table([context.say("framework"), *map(escape, names)], rows)


def number(given: Any, digits: int) -> str:
    """A number, or several, to so many digits."""
    if isinstance(given, list):
        return "<br>".join(number(each, digits) for each in given)
    if given in (float("inf"), float("-inf")):
        return "∞" if given > 0 else "−∞"
    return escape(Value(float(given), digits=digits).text)


def ours(story: Story, context: Context) -> str:
    """What gradmath says of the same, computed for this page."""
    if story.exhibit in questions():
        claim = passed(claims[VERDICTS])
        bad = [row for row in answer(story.exhibit, "wrong") if row.status == FAILED]
        operator = next(filter(None, map(operator_in, bad)), None)
        reason = f" ({operator.titles[context.language]})" if operator else ""
        return context.say("told_apart").format(reason) + f" {badge(claim, context)}"
    claim = passed(claims[NUMBERS])
    assert isinstance(claim.statement, Computed)
    quantity = claim.statement.parts[story.ours]
    got, true = quantity.compute(), quantity.again()
    off = Value(abs(got - true) / abs(true), digits=OFF).text
    shown = Value(got, digits=story.digits).text
    return context.say("our_number").format(shown, off) + f" {badge(claim, context)}"


def operator_in(row: Row) -> Operator | None:
    """The kind of mistake that a row names, where it names one."""
    found = _OPERATOR.search(row.note)
    return Operator(found[1]) if found else None
