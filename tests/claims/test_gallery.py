"""The gallery: the record is whole, our verdicts are those in it, and a change is noticed."""

from __future__ import annotations

import dataclasses
import datetime
import json
import math
import re

import pytest

from gradmath.claims import claims
from gradmath.claims.gallery import cases, checkers, facts, frameworks, ours, recording
from gradmath.claims.gallery.checker_stories import CHECKERS
from gradmath.claims.gallery.framework_stories import FRAMEWORKS
from gradmath.claims.gallery.questions import answer, questions, verdicts
from gradmath.claims.gallery.recording import FILE, Record, read
from gradmath.claims.gallery.story import Story
from gradmath.claims.grades import CHECKED, RECORDED, Status
from gradmath.errors import DeclarationError, GradmathError, UnknownNameError, VerificationError

WHOLE = read(FILE)
STORIES = (*CHECKERS, *FRAMEWORKS)
ELSEWHERE = {"torch-layer"}  # shown by the page "In practice"
CLAIMS = claims.on_page("gallery")
PEERS = {"torch", "jax", "autograd", "pytensor", "sympy"}


def test_the_record_holds_every_exhibit_and_no_other():
    shown = {story.exhibit for story in STORIES}
    assert {each.exhibit for each in WHOLE.records} == shown | ELSEWHERE
    assert set(questions()) == {story.exhibit for story in CHECKERS}
    assert {f"gallery-{story.exhibit}" for story in STORIES} | {
        "gallery-our-verdicts",
        "gallery-our-numbers",
    } == {claim.id for claim in CLAIMS}


def test_the_record_is_dated_and_has_every_version():
    assert datetime.date.fromisoformat(WHOLE.date) >= datetime.date(2026, 11, 25)
    assert {*PEERS, "jaxlib", "numpy", "gradmath"} == set(WHOLE.versions)
    assert all(re.match(r"\d+\.\d+", version) for version in WHOLE.versions.values())
    assert set(WHOLE.platform) == {"system", "machine", "python"}
    assert {each.peer for each in WHOLE.records} == PEERS


@pytest.mark.parametrize("record", WHOLE.records, ids=lambda r: f"{r.exhibit} {r.peer}")
def test_every_record_is_complete(record):
    assert record.tool
    assert record.inputs
    assert bool(record.trials) != bool(record.results) or record.exhibit == "relu-at-zero"
    if record.trials and record.peer != "sympy":
        assert {trial.verdict for trial in record.trials} <= {"accepted", "rejected"}
        assert record.settings
        assert record.value is not None
        assert math.isfinite(record.value)
        changed = [json.dumps([trial.gradient, trial.changed]) for trial in record.trials]
        assert len(set(changed)) == len(changed)


def test_the_record_names_no_place():
    text = FILE.read_text(encoding="utf-8")
    assert not re.search(r"/(home|root|tmp|usr|work)\b|\\\\|@", text)


def test_our_verdicts_are_those_on_record():
    assert verdicts() == WHOLE.gradmath
    assert {each["wrong"] for each in WHOLE.gradmath.values()} == {"failed"}
    assert {each["right"] for each in WHOLE.gradmath.values()} == {"passed"}


@pytest.mark.parametrize("exhibit", list(questions()))
def test_the_oracle_alone_tells_them_apart(exhibit):
    section = questions()[exhibit].section
    assert section.gap("wrong") > 1e-3
    assert section.gap("right") < 1e-12


def test_a_section_that_has_no_value_is_no_agreement():
    section = dataclasses.replace(questions()["matrix-entry"].section, right="log(m - 1)")
    assert math.isnan(section.gap("right"))


def test_a_rejection_names_the_point():
    bad = [row for row in answer("one-entry-in-many", "wrong") if row.status == "failed"]
    assert "[7]" in " ".join(row.where for row in bad)


def test_only_our_own_claims_are_more_than_recorded():
    grades = {claim.id: claim.grade for claim in CLAIMS}
    ours = {id for id in grades if id.startswith("gallery-our-")}
    assert {grades[id] for id in ours} == {CHECKED}
    assert {grade for id, grade in grades.items() if id not in ours} == {RECORDED}


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.exhibit)
def test_each_story_rests_on_a_claim_that_passes_and_says_when_it_was_recorded(story):
    claim = claims[story.claim]
    assert claim.status is Status.PASSED, claim.judgement.reason
    for row in claim.evidence:
        assert WHOLE.date in row.method
        assert re.search(r"with (torch|jax|autograd|pytensor|sympy) \d", row.method)


def edited(monkeypatch, exhibit, **changes):
    """Put a record with one exhibit changed in the place of the committed one."""
    records = tuple(
        dataclasses.replace(each, **changes) if each.exhibit == exhibit else each
        for each in WHOLE.records
    )
    changed = dataclasses.replace(WHOLE, records=records)
    for module in (recording, cases, facts, checkers, frameworks, ours):
        monkeypatch.setattr(module, "recording", lambda: changed)


def judged(id):
    """The claim's rows on a case built afresh."""
    case = claims[id].function()
    return [row for piece in case.evidence for row in piece.check(case.statement)]


def test_a_verdict_that_changed_fails_the_claim(monkeypatch):
    record = WHOLE.of("nine-sigmoids")
    trials = [dataclasses.replace(record.trials[0], verdict="rejected"), *record.trials[1:]]
    edited(monkeypatch, "nine-sigmoids", trials=trials)
    assert {row.subject for row in judged("gallery-nine-sigmoids") if row.status == "failed"} == {
        "wrong"
    }


def test_another_function_is_noticed(monkeypatch):
    edited(monkeypatch, "nine-sigmoids", value=0.7)
    failed = [row.subject for row in judged("gallery-nine-sigmoids") if row.status == "failed"]
    assert failed == ["same function"]


def test_a_number_that_changed_fails_the_claim(monkeypatch):
    edited(monkeypatch, "sigmoid-far-out", results={"float64": 4.25e-18, "float32": 0.0})
    failed = {row.subject for row in judged("gallery-sigmoid-far-out") if row.status == "failed"}
    assert failed == {"torch float64", "jax float64", "pytensor float64",
                      "autograd float64", "autograd float32"}  # fmt: skip


def test_a_missing_or_broken_file_says_how_to_write_it(tmp_path):
    with pytest.raises(VerificationError, match="nox -s peers"):
        read(tmp_path / "none.json")
    broken = tmp_path / "broken.json"
    broken.write_text('{"date": "2026-11-25"}')
    with pytest.raises(VerificationError, match="nox -s peers"):
        read(broken)


def test_unknown_records_and_trials_are_refused():
    with pytest.raises(UnknownNameError):
        WHOLE.of("no-such-case")
    with pytest.raises(UnknownNameError):
        WHOLE.of("sigmoid-far-out")  # several peers: which?
    with pytest.raises(UnknownNameError):
        WHOLE.of("nine-sigmoids").trial("wrong", {"atol": 1.0})
    assert isinstance(WHOLE.of("sigmoid-far-out", "jax"), Record)


def test_stories_are_checked_when_declared():
    texts = {"en": "text", "zh": "文"}
    with pytest.raises(DeclarationError, match="one with claim"):
        Story("no-such-case", texts, texts, texts, texts)
    with pytest.raises(GradmathError, match="no text"):
        Story("nine-sigmoids", {"en": "text"}, texts, texts, texts)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.exhibit)
def test_stories_stand_in_both_languages(story):
    chinese = re.compile("[\u4e00-\u9fff]")
    for texts in (story.asked, story.why, story.catches, story.lesson):
        assert not chinese.search(texts["en"])
        assert chinese.search(texts["zh"])
        slots = [sorted(re.findall(r"\{=(\w+)\}", texts[language])) for language in ("en", "zh")]
        assert slots[0] == slots[1]
