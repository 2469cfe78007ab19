"""What the directives write: statements, numbers, tables, passports."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from gradmath.catalogue import activations
from gradmath.claims import claims
from gradmath.claims.errata import ERRATA
from gradmath.claims.grades import Status
from gradmath.claims.retired import RETIRED
from gradmath.claims.values import Value
from gradmath.errors import (
    DeclarationError,
    GradmathError,
    UnknownNameError,
    VerificationError,
)
from gradmath.render import Context, Number, expand, generated, ledger
from gradmath.render.claims import passed
from gradmath.render.markup import escape

NUMBERS = {"sigmoid-slope-bound": Number("1.6", "chapter/one-neuron.md")}
HERE = Context("en", "chapter/one-neuron.md", numbers=NUMBERS)
TOP = Context("en", "index.md")


def shown(directive: str, context: Context = HERE) -> str:
    return expand(f"<!-- gm: {directive} -->", context)


def test_a_claim_has_its_number_its_statement_and_a_badge():
    box = shown("claim sigmoid-slope-bound")
    claim = claims["sigmoid-slope-bound"]
    assert "**Claim 1.6**" in box
    assert claim.statement_text["en"] in box.replace("\N{NO-BREAK SPACE}", " ")
    assert claim.statement.latex in box
    assert "[proved](../ledger/sigmoid-slope-bound.md)" in box
    assert 'id="claim-sigmoid-slope-bound"' in box


def test_links_follow_the_depth_of_the_page():
    assert "[proved](ledger/sigmoid-slope-bound.md)" in shown("claim sigmoid-slope-bound", TOP)


def test_a_claim_in_chinese_says_the_same_formula():
    here = shown("claim sigmoid-slope-bound")
    there = shown("claim sigmoid-slope-bound", Context("zh", "chapter/one-neuron.md"))
    formula = claims["sigmoid-slope-bound"].statement.latex
    assert formula in here
    assert formula in there
    assert "论断" in there
    assert "已证明" in there


def test_a_claim_that_did_not_pass_stands_on_no_page():
    original = claims["sigmoid-slope-bound"]
    broken = replace(original)
    object.__setattr__(
        broken, "judgement", replace(original.judgement, status=Status.FAILED, reason="planted")
    )
    assert passed(original) is original
    with pytest.raises(VerificationError, match="planted"):
        passed(broken)


def test_a_number_comes_from_its_claim():
    value = claims["by-hand"].values
    name, first = next((n, v) for n, v in value.items() if not v.is_formula)
    assert first.text in shown(f"value by-hand.{name}")
    assert shown(f"formula by-hand.{name}") == f"${first.latex}$"
    assert first.latex in shown(f"formula-block by-hand.{name}")


@pytest.mark.parametrize("directive", ["value by-hand.no", "value no.no", "formula by-hand.no"])
def test_an_unknown_number_is_refused(directive):
    with pytest.raises(UnknownNameError):
        shown(directive)


def test_a_formula_is_no_number(monkeypatch):
    claim = claims["by-hand"]
    z = activations["sigmoid"].variable
    monkeypatch.setitem(claim.case.values, "planted", Value(z + 1))
    with pytest.raises(DeclarationError, match="gm: formula"):
        shown("value by-hand.planted")


def test_an_exercise_folds_its_answer_and_fills_in_its_numbers():
    exercises = [name for name, claim in claims.items() if claim.answer is not None]
    assert len(exercises) >= 9
    for name in exercises:
        answer = shown(f"exercise {name}").strip("\n")
        head, *body = answer.splitlines()
        assert head == '??? success "Answer"'
        assert all(line.startswith("    ") or not line for line in body)
        assert not re.search(r"\{[=$]\w+\}", answer), "a number is missing"
    with pytest.raises(DeclarationError, match="without an answer"):
        shown("exercise by-hand")


def test_steps_are_grouped_and_can_be_told_for_fewer_names():
    whole = shown("steps one-neuron")
    for heading in ("Forward", "Local derivatives", "Gradients"):
        assert f">{heading}<" in whole
    only = shown("steps one-neuron wrt=w")
    assert r"\frac{\partial l}{\partial w}" in only
    assert r"\frac{\partial l}{\partial b}" not in only
    assert r"\frac{\partial l}{\partial b}" in whole


@pytest.mark.parametrize("directive", ["steps no", "steps one-neuron wrt=q", "steps network wrt=x"])
def test_steps_of_nothing_known_are_refused(directive):
    with pytest.raises(GradmathError):
        shown(directive)


def test_every_activation_is_in_the_catalogue_with_its_slope():
    table = shown("activations")
    for entry in activations.values():
        assert f"<code>{entry.name}</code>" in table
        assert entry.titles["en"] in table
    assert table.count("f&#x27;(z) =") + table.count("f'(z) =") == len(activations)


def test_a_constant_that_would_fill_a_line_has_a_name_and_its_decimals():
    table = shown("activations")
    selu = table[table.index('id="activation-selu"') : table.index('id="activation-celu"')]
    assert r"f(z) = \begin{cases} c_{1} z" in selu
    assert r"- c_{2} \;\; (z \to -\infty)" in selu
    assert r"c_{1} \approx 1.0507010, \quad c_{1} = \frac" in selu
    assert r"c_{2} \approx 1.7580993, \quad c_{2} = \frac" in selu
    assert "c_{1} z" not in table.replace(selu, "")
    assert shown("kinks").count(r"\approx 1.7580993") == 1


def test_every_kink_is_listed():
    table = shown("kinks")
    for entry in activations.values():
        if entry.kinks:
            assert table.count(f"<code>{entry.name}</code>") == len(entry.kinks)


@pytest.mark.parametrize("kind", ["losses", "penalties", "clips", "initialisers"])
def test_the_other_entries_are_listed(kind):
    assert shown(f"entries {kind}").count("<code>") > 1


def test_every_erratum_says_first_what_is_right():
    pages = shown("errata") + shown("errata slips")
    for erratum in ERRATA:
        right, source = erratum.right["en"], erratum.source["en"]
        assert pages.index(right) < pages.index(source)
    assert shown("errata") != shown("errata slips")
    with pytest.raises(UnknownNameError):
        shown("errata nonsense")


def test_citations_link_to_a_looked_up_address():
    listed = shown("citations clevert2016")
    assert "https://arxiv.org/abs/1511.07289" in listed
    with pytest.raises(UnknownNameError):
        shown("citations nobody1066")


def test_a_work_is_cited_in_running_text():
    assert shown("cite bengio2007").startswith("[Bengio et al. 2007](https://")
    with pytest.raises(UnknownNameError):
        shown("cite nobody1066")


def test_a_claim_is_pointed_to_where_the_chapter_states_it():
    here = "../chapter/one-neuron.md#claim-sigmoid-slope-bound"
    assert shown("see sigmoid-slope-bound") == f"[Claim 1.6]({here})"
    assert shown("see one-dial").endswith("(../ledger/one-dial.md)")  # not numbered here


def test_a_retired_claim_keeps_its_page_and_names_its_successor():
    files = dict(generated("en", NUMBERS))
    for id, was in RETIRED.items():
        assert expand(files[f"ledger/{id}.md"], HERE).count(f"ledger/{was.successor}.md") == 1
        assert f"(../ledger/{id}.md)" in shown("retired")
    with pytest.raises(UnknownNameError):
        shown("retired one-dial")


def test_every_claim_has_a_page_of_its_own():
    files = dict(generated("en", NUMBERS))
    assert {f"ledger/{name}.md" for name in (*claims, *RETIRED)} | {
        "ledger.json",
        "ledger.schema.json",
    } == set(files)
    assert "<!-- gm: passport by-hand -->" in files["ledger/by-hand.md"]


@pytest.mark.parametrize("name", ["sigmoid-slope-bound", "matrix-rule-W", "by-hand"])
def test_a_passport_shows_evidence_mistakes_and_source(name):
    page = shown(f"passport {name}", Context("en", f"ledger/{name}.md", commit="abc123"))
    claim = claims[name]
    for row in claim.evidence:
        assert row.method in page.replace("&#x27;", "'").replace("&lt;", "<")
    assert page.count("killed") >= len(claim.mistakes)
    assert "def " in page
    assert "sympy" in page
    assert "abc123" in page


def test_code_with_fences_of_its_own_stays_inside_its_fence():
    name = "exercise-one-neuron-code"
    page = shown(f"passport {name}", Context("en", f"ledger/{name}.md"))
    opening = re.search(r"^(`{4,})python$", page, re.MULTILINE)
    assert opening is not None
    inside = page[opening.end() :].split(f"\n{opening[1]}\n")[0]
    assert "```pycon" in inside
    assert inside.rstrip().endswith("return Case(statement, evidence, mistakes, values, answer)")


def test_the_ledger_for_machines_is_the_same_each_time_and_holds_no_timing():
    once, again = (ledger.ledger_json(NUMBERS, "abc") for _ in range(2))
    assert once == again
    whole = json.loads(once)
    assert whole["commit"] == "abc"
    assert [claim["id"] for claim in whole["claims"]] == list(claims)
    assert {claim["seconds"] for claim in whole["claims"]} == {None}
    assert {claim["cached"] for claim in whole["claims"]} == {None}
    assert {claim["number"] for claim in whole["claims"]} == {None, "1.6"}


def test_a_passport_says_domain_worst_error_and_where_and_certain_digits():
    claim = claims["sigmoid-range"]
    page = shown("passport sigmoid-range", Context("en", "ledger/sigmoid-range.md"))
    for row in claim.evidence:
        assert row.domain
        assert escape(row.domain) in page
    known = claim.passport()["values"]["low"]
    assert f"<td>{known['digits']} / {known['certain']}</td>" in page
    worst = next(r for r in claims["sigmoid-symmetry"].evidence if r.where and r.worst is not None)
    line = vars(worst)
    assert ledger.worst(line, HERE).endswith(f"{worst.unit} at {worst.where}".lstrip())


def test_the_source_is_linked_where_the_repository_is_known():
    file, line = claims["by-hand"].source
    here = Context("en", "ledger/by-hand.md", commit="abc", repository="https://host/o/r/")
    link = f"(https://host/o/r/blob/abc/{file}#L{line})"
    assert link in shown("passport by-hand", here)
    assert "blob" not in shown("passport by-hand", Context("en", "ledger/by-hand.md"))


def test_counts_and_ledger_name_every_claim():
    total = sum(int(number) for number in re.findall(r"<strong>(\d+)</strong>", shown("counts")))
    planted = sum(len(claim.mistakes) for claim in claims.values())
    assert total == len(claims) + planted
    listed = shown("ledger", TOP)
    for name in claims:
        assert f"(ledger/{name}.md)" in listed


def test_the_ledger_is_headed_by_what_its_pages_are_called():
    titles = {"chapter/one-neuron.md": "1. One neuron", "museum.md": "Museum of errors"}
    headings = re.findall(
        r"^### \[(.*)\]\((.*)\) \{ #(.*) \}$", shown("ledger", replace(TOP, titles=titles)), re.M
    )
    assert ("1. One neuron", "chapter/one-neuron.md", "one-neuron") in headings
    assert ("Museum of errors", "museum.md", "museum") in headings
    assert ("chapter/edge.md", "chapter/edge.md", "edge") in headings  # not known here
