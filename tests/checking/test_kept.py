"""Kept outcomes: the same as computed ones, and never those of something else."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module

import pytest

from gradmath.checking import check, kept, recall_claims, subjects
from gradmath.checking.outcome import without_answer
from gradmath.claims import CHECKED, PROVED, claims
from gradmath.claims import registry as registry_module
from gradmath.claims.claim import claim
from gradmath.claims.judge import Judgement
from gradmath.dynamics import cache
from gradmath.verify import FAILED, PASSED

ID = "sigmoid-symmetry"
TEXTS = {"en": "text", "zh": "文"}


@pytest.fixture
def outcome():
    return check(ID)


def test_what_is_read_back_is_what_was_computed_and_says_that_it_was_read_back(outcome):
    assert kept.recall(ID) is None
    assert kept.keep(outcome, cache.source_hash())
    found = kept.recall(ID)
    assert found.report == outcome.report
    assert found.judgement.report.rows == outcome.judgement.report.rows
    assert found.judgement.trials == outcome.judgement.trials
    assert found.passport == outcome.passport
    assert found.seconds == outcome.seconds
    assert found.cached
    assert not outcome.cached


def test_a_recalled_claim_has_the_passport_of_one_that_was_run(outcome, monkeypatch):
    kept.keep(outcome, cache.source_hash())
    computed = claims[ID].passport(duration=False)
    monkeypatch.delitem(vars(claims[ID]), "judgement")
    judging = import_module("gradmath.claims.judge")
    monkeypatch.setattr(judging, "judge", lambda *_: pytest.fail("was run again"))
    assert recall_claims() == 1
    assert isinstance(claims[ID].judgement, Judgement)
    assert claims[ID].passport(duration=False) == computed
    assert claims[ID].verify().status == PASSED


@pytest.mark.parametrize("status", ["failed", "inconclusive"])
def test_only_what_passed_is_kept(outcome, status, folder):
    assert not kept.keep(replace(outcome, status=status), cache.source_hash())
    assert not kept.keep(without_answer(ID, "the memory ran out"), cache.source_hash())
    assert kept.recall(ID) is None
    assert not folder.exists()


def test_another_source_or_version_has_another_address(outcome, monkeypatch):
    kept.keep(outcome, cache.source_hash())
    place = kept.address(ID)
    monkeypatch.setattr(cache, "source_hash", lambda: "0" * 64)
    assert kept.address(ID) != place
    assert kept.recall(ID) is None


def test_a_source_edited_while_the_check_ran_keeps_nothing(outcome, monkeypatch):
    before = cache.source_hash()
    assert not kept.keep(outcome, "of an older source")
    monkeypatch.setattr(cache, "source_hash_now", lambda: "edited")
    assert not kept.keep(outcome, before)
    assert not kept.keep(outcome, "edited")
    assert kept.recall(ID) is None


def declared(monkeypatch, id="of-somebody-else"):
    monkeypatch.setattr(registry_module, "_CLAIMS", dict(registry_module._CLAIMS))
    subjects.cache_clear()

    @claim(id, page="one-neuron", grade=CHECKED, titles=TEXTS, statement_text=TEXTS)
    def own():
        return claims[ID].case

    return own


def test_a_claim_declared_outside_the_package_is_neither_kept_nor_looked_up(monkeypatch):
    own = declared(monkeypatch)
    try:
        assert not kept.inside(own)
        assert kept.address(own.id) is None
        assert kept.recall(own.id) is None
        found = check(own.id)
        assert found.status == PASSED
        assert not kept.keep(found, cache.source_hash())
    finally:
        subjects.cache_clear()


def test_a_claim_changed_in_any_word_has_another_address(outcome, monkeypatch):
    kept.keep(outcome, cache.source_hash())
    original = claims[ID]
    assert original.grade is PROVED
    changed = [
        replace(original, grade=CHECKED),
        replace(original, titles=TEXTS),
        replace(original, assumptions=TEXTS),
        replace(original, function=claims["sigmoid-range"].function),
        replace(original, function=lambda: original.case),
    ]
    for other in changed:
        monkeypatch.setattr(kept, "subjects", lambda other=other: {ID: other})
        assert kept.recall(ID) is None


def test_a_damaged_outcome_is_no_outcome(outcome):
    kept.keep(outcome, cache.source_hash())
    place = kept.address(ID)
    data = bytearray(place.read_bytes())
    data[-1] ^= 1
    place.write_bytes(data)
    assert kept.recall(ID) is None


def test_durations_are_remembered_and_nonsense_is_not_believed(folder):
    assert kept.durations() == {}
    kept.remember_durations({"a": 1.5})
    kept.remember_durations({"b": 2.0, "a": 1.0})
    assert kept.durations() == {"a": 1.0, "b": 2.0}
    (folder / "durations.json").write_text("[1, 2", "utf-8")
    assert kept.durations() == {}


def test_a_subject_that_raises_fails_alone_and_says_where(monkeypatch):
    def broken(subject):
        raise ZeroDivisionError("planted")

    monkeypatch.setattr("gradmath.checking.outcome.report", broken)
    found = check("relu")
    assert found.status == FAILED
    assert "ZeroDivisionError: planted (test_kept.py:" in found.problems[0]


def test_no_memory_is_no_answer(monkeypatch):
    def hungry(subject):
        raise MemoryError

    monkeypatch.setattr("gradmath.checking.outcome.report", hungry)
    assert check("relu").status == "inconclusive"
