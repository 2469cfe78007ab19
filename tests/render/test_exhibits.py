"""The museum's directive: verdicts come from the claims, threads are linked, both languages."""

from __future__ import annotations

import re

import pytest

from gradmath.claims import claims
from gradmath.claims.museum.exhibits import EXHIBITS
from gradmath.errors import GradmathError, UnknownNameError
from gradmath.render import Context, expand
from gradmath.render.exhibits import number, place

HERE = Context("en", "museum.md")
THERE = Context("zh", "museum.md")


def shown(directive: str, context: Context = HERE) -> str:
    return expand(f"<!-- gm: {directive} -->", context)


@pytest.mark.parametrize("context", [HERE, THERE], ids=["en", "zh"])
@pytest.mark.parametrize("alarm", [False, True])
def test_every_exhibit_hangs_in_its_room(context, alarm):
    room = shown("exhibits alarms" if alarm else "exhibits", context)
    own = [exhibit for exhibit in EXHIBITS if exhibit.alarm is alarm]
    assert room.count("### ") == len(own)
    for exhibit in own:
        claim = claims[exhibit.claim]
        assert f"### {claim.titles[context.language]} {{ #{claim.id} }}" in room
        assert f"(ledger/{claim.id}.md)" in room
        assert exhibit.lesson[context.language] in room
        for thread in exhibit.threads:
            assert f"[{thread.name}]({thread.url})" in room
    assert not re.search(r"\{[=$#]\w+\}", room), "a number is missing"


def test_the_verdict_names_the_point_both_values_and_the_kind_of_mistake():
    room = shown("exhibits")
    card = room.split("### ")[2].replace("\N{NO-BREAK SPACE}", " ")
    assert "At z = 0 the formula as printed gives 0.5, and 0.25 is right." in card
    assert "`gm.check_gradient` rejects the gradient as printed: a factor is lost." in card
    assert "漏掉一个因子" in shown("exhibits", THERE)


def test_what_could_not_be_read_again_says_so():
    assert shown("exhibits").count("(not read again)") == 1
    assert shown("exhibits", THERE).count("(未能重读)") == 1


def test_places_and_numbers_are_for_readers():
    assert place("shape = n = 2, d = 2, entry = 1, 2", HERE) == "n = 2, d = 2, entry (1, 2)"
    assert place("alpha = 2, z = -1", HERE).split() == ["α", "=", "2,", "z", "=", "−1"]
    assert place("n_in = 100", HERE).startswith("n<sub>in</sub>")
    assert number("-545/154") == "−3.539"
    assert number("0.50000000000000000") == "0.5"


def test_an_unknown_room_is_refused():
    with pytest.raises(UnknownNameError):
        shown("exhibits nonsense")
    with pytest.raises(GradmathError):
        shown("exhibits kind=alarms")
