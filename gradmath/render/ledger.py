"""The ledger: counts, the list of all claims, one passport each, and the whole as JSON."""

from __future__ import annotations

import inspect
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from gradmath.catalogue import BIBLIOGRAPHY
from gradmath.claims import claims
from gradmath.claims import ledger as document
from gradmath.claims.claim import PAGES, Claim
from gradmath.claims.grades import GRADE_TITLES, STATUS_TITLES, Grade
from gradmath.claims.retired import RETIRED
from gradmath.errors import UnknownNameError
from gradmath.render.claims import badge, linked, passed
from gradmath.render.context import Context, Numbers
from gradmath.render.directives import Directive
from gradmath.render.markup import cell, escape, external, plain_text, table


def counts(directive: Directive, context: Context) -> str:
    """`counts`: how many claims there are of each grade, and how many mistakes were caught."""
    directive.refuse_options()
    found = Counter(passed(claim).grade for claim in claims.values())
    items = [
        f"<li><strong>{found[grade]}</strong> {GRADE_TITLES[grade][context.language]}</li>"
        for grade in Grade
        if found[grade]
    ]
    killed = sum(trial.passed for claim in claims.values() for trial in claim.mistakes)
    items.append(f"<li><strong>{killed}</strong> {context.say('all_killed')}</li>")
    return context.keep(f'<ul class="gm-counts">{"".join(items)}</ul>')


def ledger(directive: Directive, context: Context) -> str:
    """`ledger`: every claim, page by page, each linked to its passport."""
    directive.refuse_options()
    head = [context.say(word) for word in ("claim", "grade", "status", "caught")]
    parts = []
    for page in PAGES:
        home = home_of(page)
        rows = [row(passed(claim), context) for claim in on_page(page, context)]
        if rows:
            parts += [
                f"### [{context.title(home)}]({context.link(home)}) {{ #{page} }}",
                "",
                f"| {' | '.join(head)} |",
                "|" + "---|" * len(head),
                *rows,
                "",
            ]
    return "\n".join(parts)


def home_of(page: str) -> str:
    """The source path of a page of claims: most are the chapter's."""
    elsewhere = {
        "museum": "museum.md",
        "gallery": "gallery.md",
        "catalogue": "reference/catalogue.md",
    }
    return elsewhere.get(page, f"chapter/{page}.md")


def on_page(page: str, context: Context) -> list[Claim]:
    """The claims of a page in the order in which it states them, then those without a number."""
    order = list(context.numbers)
    found = [claim for claim in claims.values() if claim.page == page]
    return sorted(
        found, key=lambda claim: order.index(claim.id) if claim.id in order else len(order)
    )


def retired(directive: Directive, context: Context) -> str:
    """`retired ID`: which claim says it now, and why; without an id, the list of all of them."""
    directive.refuse_options()
    if not directive.arguments:
        return "\n".join(
            f"- [{was.titles[context.language]}]({context.link(f'ledger/{id}.md')}) `{id}`"
            for id, was in RETIRED.items()
        )
    id = directive.one()
    if id not in RETIRED:
        raise UnknownNameError("retired claim", id, RETIRED)
    was = RETIRED[id]
    successor = linked(passed(claims[was.successor]), context)
    return f"{context.say('retired')} {successor}.\n\n{was.why[context.language]}"


def row(claim: Claim, context: Context) -> str:
    """One line of the list."""
    number = context.numbers.get(claim.id)
    title = cell(claim.titles[context.language])
    link = context.link(f"ledger/{claim.id}.md")
    killed = sum(trial.passed for trial in claim.mistakes)
    parts = [
        (f"{number.label} " if number else "") + f"[{title}]({link})<br>`{claim.id}`",
        badge(claim, context),
        STATUS_TITLES[claim.status][context.language],
        f"{killed} / {len(claim.mistakes)}",
    ]
    return f"| {' | '.join(parts)} |"


def passport(directive: Directive, context: Context) -> str:
    """`passport ID`: everything known about one claim."""
    directive.refuse_options()
    claim = passed(claims[directive.one()])
    known = claim.passport(duration=False)
    parts = [
        summary(claim, context),
        plain_text(claim.statement_text[context.language]),
        f"$$\n{claim.statement.latex}\n$$",
    ]
    if claim.assumptions:
        assumed = plain_text(claim.assumptions[context.language])
        parts += [f"## {context.say('assumptions')}", assumed]
    parts += [f"## {context.say('evidence')}", context.keep(evidence(known, context))]
    if known["mistakes"]:
        parts += [f"## {context.say('mistakes')}", context.keep(mistakes(known, context))]
    if known["values"]:
        parts += [f"## {context.say('values')}", context.keep(values(known, context))]
    if claim.references:
        parts += [f"## {context.say('references')}", context.keep(references(claim))]
    parts += [
        f"## {context.say('source')} {{ data-search-exclude }}",
        source(claim, context),
        made_with(known, context),
    ]
    return "\n\n".join(parts)


def summary(claim: Claim, context: Context) -> str:
    """Grade, status, id and the place on the page that states the claim."""
    number = context.numbers.get(claim.id)
    home = number.home if number else home_of(claim.page)
    anchor = f"#claim-{claim.id}" if number else ""
    place = f"{context.say('claim')} {number.label}" if number else context.title(home)
    status = STATUS_TITLES[claim.status][context.language]
    return (
        f'<span class="gm-badge gm-grade-{claim.grade}">'
        f"{GRADE_TITLES[claim.grade][context.language]}</span> "
        f"{status} · `{claim.id}` · [{place}]({context.link(home)}{anchor})"
    )


def evidence(known: Mapping[str, Any], context: Context) -> str:
    """One line for each comparison."""
    head = [
        context.say(word)
        for word in ("subject", "method", "domain", "points", "worst", "status", "note")
    ]
    rows = []
    for line in known["evidence"]:
        points = "" if line["points"] is None else str(line["points"])
        status = STATUS_TITLES[line["status"]][context.language]
        cells = (
            line["subject"], line["method"], line["domain"], points, worst(line, context), status,
            note(line, context),
        )  # fmt: skip
        rows.append([escape(text) for text in cells])
    return table(head, rows, kind="gm-evidence gm-stack")


def worst(line: Mapping[str, Any], context: Context) -> str:
    """The largest error of a row in its unit, and the point at which it was seen."""
    if line["worst"] is None:
        return ""
    size = f"{float(line['worst']):.2g} {line['unit']}".rstrip()
    return f"{size}{context.say('at')}{line['where']}" if line["where"] else size


def note(line: Mapping[str, Any], context: Context) -> str:
    """What a row says beside its numbers; the two values of a row without an error's size."""
    where = f"{context.say('where')}: {line['where']}" if line["where"] else ""
    sides = " | ".join(side for side in (line["got"], line["expected"]) if side)
    parts = (
        line["note"],
        where if line["worst"] is None else "",
        f"{context.say('sides')}: {sides}" if sides else "",
    )
    return "; ".join(part for part in parts if part)


def mistakes(known: Mapping[str, Any], context: Context) -> str:
    """Each planted mistake, the point that shows it false, and what caught it."""
    head = [context.say(word) for word in ("mistake", "statement", "counterexample", "verdict")]
    rows = []
    for trial in known["mistakes"]:
        shown = trial["counterexample"]
        word = context.say("killed" if trial["killed"] else "survived")
        cells = (
            trial["titles"][context.language],
            f"<code>{escape(trial['text'])}</code>",
            escape(shown["text"]) if shown else "",
            f"{word}: {escape(trial['by'])}",
        )
        rows.append((escape(cells[0]), *cells[1:]))
    return table(head, rows, kind="gm-stack")


def values(known: Mapping[str, Any], context: Context) -> str:
    """The numbers that pages quote, and how many of their digits are certain."""
    head = [context.say(word) for word in ("name", "value", "digits", "exact")]
    rows = [
        (
            f"<code>{escape(name)}</code>",
            escape(value["text"]),
            digits(value, context),
            f"<code>{escape(value['exact'])}</code>",
        )
        for name, value in known["values"].items()
    ]
    return table(head, rows)


def digits(value: Mapping[str, Any], context: Context) -> str:
    """Significant digits shown, and how many are certain."""
    if value["digits"] is None:
        return context.say("all_digits")
    certain = context.say("all_digits") if value["certain"] is None else value["certain"]
    return f"{value['digits']} / {certain}"


def references(claim: Claim) -> str:
    """The works a claim cites."""
    works = [BIBLIOGRAPHY[key] for key in claim.references]
    items = "".join(
        f"<li>{external(work.url, f'{work.short}: {work.title}')}</li>" for work in works
    )
    return f'<ul class="gm-citations">{items}</ul>'


def source(claim: Claim, context: Context) -> str:
    """The claim's own code, and a link to it where the repository is known."""
    file, line = claim.source
    place = f"`{file}`, {line}"
    if context.repository:
        tree = f"{context.repository.rstrip('/')}/blob/{context.commit or 'HEAD'}"
        place = f"[{place}]({tree}/{file}#L{line})"
    code = inspect.getsource(inspect.unwrap(claim.function)).rstrip()
    longest = max(map(len, re.findall(r"`+", code)), default=0)
    fence = "`" * max(3, longest + 1)  # the code of an exercise has fences of its own
    return f"{place}\n\n{fence}python\n{code}\n{fence}"


def made_with(known: Mapping[str, Any], context: Context) -> str:
    """Versions of what decided the outcome, and the commit where it is known."""
    parts = [f"{name} {version}" for name, version in known["versions"].items()]
    if context.commit:
        parts.append(f"{context.say('commit')} {context.commit}")
    return f"{context.say('made_with')}: {', '.join(parts)}."


def generated(language: str, numbers: Numbers, commit: str = "") -> Iterator[tuple[str, str]]:
    """Source paths and contents of what no one writes: passports, `ledger.json` and its schema."""
    for claim in claims.values():
        title = json.dumps(claim.titles[language], ensure_ascii=False)
        text = f"---\ntitle: {title}\nhide: [toc]\n---\n\n# {claim.titles[language]}\n\n"
        yield f"ledger/{claim.id}.md", text + f"<!-- gm: passport {claim.id} -->\n"
    for id, was in RETIRED.items():
        title = json.dumps(was.titles[language], ensure_ascii=False)
        text = f"---\ntitle: {title}\nhide: [toc]\n---\n\n# {was.titles[language]}\n\n"
        yield f"ledger/{id}.md", text + f"<!-- gm: retired {id} -->\n"
    yield "ledger.json", ledger_json(numbers, commit)
    yield "ledger.schema.json", document.schema()


def ledger_json(numbers: Numbers, commit: str) -> str:
    """All passports for machines, without timings, so that two builds agree."""
    entries = []
    for claim in claims.values():
        number = numbers.get(claim.id)
        label = number.label if number else None
        entries.append(document.entry(claim.passport(duration=False), number=label))
    return document.to_json(document.document(entries, commit=commit or None))
