"""What the claims of the gallery share: the usual facts, recorded values, a case in one piece."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import sympy as sp

from gradmath.catalogue.applied import explicit
from gradmath.claims.claim import Case
from gradmath.claims.gallery.facts import Error, Fact, FromTheRecord, OnRecord, mistakes, verdict
from gradmath.claims.gallery.recording import ACCEPTED, FILE, REJECTED, recording
from gradmath.claims.symbols import sigmoid
from gradmath.claims.values import Value
from gradmath.errors import VerificationError

PAGE = "gallery"

#: what every recorded claim rests on
ON_RECORD: Mapping[str, str] = {
    "en": "As seen once, on the day and with the versions that the evidence names; other versions "
    "may answer otherwise.",
    "zh": "只运行过一次，日期与版本见证据；换作别的版本，回答可能不同。",
}

#: one recorded value against the definition: the same function was meant
SAME, SAME_SINGLE, SAME_HALF = 1e-12, 1e-6, 1e-3

WRONG = ("the wrong gradient, by the defaults", "错误的梯度，默认设置")
RIGHT = ("the right gradient, by the defaults", "正确的梯度，默认设置")
WRONG_THEN = ("the wrong gradient, with the setting changed", "错误的梯度，更改设置后")
RIGHT_THEN = ("the right gradient, with the setting changed", "正确的梯度，更改设置后")
MEANT = ("the same function is meant", "双方所指是同一个函数")


def four(
    exhibit: str,
    changed: Mapping[str, Any],
    says: tuple[str, str, str, str] = (ACCEPTED, ACCEPTED, REJECTED, ACCEPTED),
) -> dict[str, Fact]:
    """The usual four: wrong and right by the defaults, wrong and right under changed settings."""
    asked = [
        ("wrong", "wrong", WRONG, None),
        ("right", "right", RIGHT, None),
        ("wrong, setting changed", "wrong", WRONG_THEN, changed),
        ("right, setting changed", "right", RIGHT_THEN, changed),
    ]
    return {
        name: verdict(exhibit, gradient, stated, words, setting)
        for (name, gradient, words, setting), stated in zip(asked, says, strict=True)
    }


def stack(layers: int) -> sp.Expr:
    """So many sigmoids on top of each other, as one expression in x."""
    made: sp.Expr = X
    for _ in range(layers):
        made = explicit(sigmoid(made))
    return made


X = sp.Symbol("x", real=True)


def sharp(found: Any) -> float:
    """The oracle's answer as a number; what it could not decide is an error, never a number."""
    from gradmath.verify import oracle

    if isinstance(found, oracle.Inconclusive):
        raise VerificationError("value by Arb", found.reason, "a decided one")
    return float(found)


def meant(exhibit: str, function: sp.Expr, allowed: float) -> Error:
    """The peer's own value of the function agrees with the definition at the recorded point."""

    def gap() -> float:
        from gradmath.verify import oracle

        record = recording().of(exhibit)
        true = sharp(oracle.value(function, {X: sp.Rational(record.inputs["x"])}))
        assert record.value is not None
        return abs(record.value - true) / abs(true)

    return Error(MEANT, recording().of(exhibit).peer, gap, 0.0, allowed)


def slope(function: sp.Expr, exhibit: str) -> Value:
    """The true slope at the recorded point, by Arb."""
    from gradmath.verify import oracle

    at = {X: sp.Rational(recording().of(exhibit).inputs["x"])}
    return Value(
        sharp(oracle.taylor(function, X, at, 1)[1]),
        digits=3,
        again=lambda: sp.N(function.diff(X).subs(at), 30),
    )


def raw(exhibit: str, peer: str = "") -> Mapping[str, Any]:
    """The exhibit's entry in the file (a peer's, if one is named), read afresh."""
    whole = json.loads(FILE.read_text(encoding="utf-8"))
    entries = [each for each in whole["records"] if each["exhibit"] == exhibit]
    return next(each for each in entries if peer in ("", each["peer"]))


def setting(exhibit: str, name: str) -> Value:
    """A setting of the checker as it was."""
    return Value(
        float(recording().of(exhibit).settings[name]),
        digits=1,
        again=lambda: raw(exhibit)["settings"][name],
    )


def whole(exhibit: str, name: str) -> Value:
    """A whole number among the inputs."""
    return Value(
        int(recording().of(exhibit).inputs[name]), again=lambda: int(raw(exhibit)["inputs"][name])
    )


def written(formula: str, words: str, facts: dict[str, Fact], values: dict[str, Value]) -> Case:
    """The case of a recorded claim: facts, evidence from the record, an opposite for each fact."""
    statement = OnRecord(facts, formula, words)
    return Case(statement, [FromTheRecord()], mistakes(statement), values)
