"""The ledger document: the schema describes it, and misses nothing that goes wrong with it."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from decimal import Decimal, localcontext

import jsonschema
import pytest

from gradmath.checking import check
from gradmath.checking.output import document
from gradmath.claims import claims, ledger
from gradmath.claims.values import Value
from gradmath.render.ledger import ledger_json

SCHEMA = json.loads(ledger.schema())
VALID = jsonschema.Draft202012Validator(SCHEMA)
IDS = ("sigmoid-range", "by-hand", "exercise-before-code", "relu", "stable-forms-relu")


@pytest.fixture(scope="module")
def whole():
    """What `--json` writes for a few subjects, read back."""

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    text = ledger.to_json(document([check(id) for id in IDS]))
    return json.loads(text, parse_constant=refuse)


def problems(instance: object) -> list[str]:
    return [f"{error.json_path}: {error.message}" for error in VALID.iter_errors(instance)]


def test_the_schema_is_one_of_draft_2020_12():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == jsonschema.Draft202012Validator.META_SCHEMA["$id"]


def test_what_is_written_satisfies_it(whole):
    assert problems(whole) == []
    assert [each["id"] for each in whole["claims"] + whole["subjects"]] == list(IDS)


def test_the_sites_ledger_satisfies_it_too_and_holds_every_claim():
    site = json.loads(ledger_json({}, "abc"))
    assert problems(site) == []
    assert [claim["id"] for claim in site["claims"]] == list(claims)
    assert site["commit"] == "abc"
    assert {claim["seconds"] for claim in site["claims"]} == {None}


def test_both_have_the_same_fields(whole):
    site = json.loads(ledger_json({}, ""))
    assert set(whole) - set(site) == {"subjects"}
    assert set(whole["claims"][0]) == set(site["claims"][0])


def required(schema: dict, instance: object, path: tuple = ()) -> Iterator[tuple]:
    """Places of the required fields of a schema in an instance."""
    schema = SCHEMA["$defs"][schema["$ref"].rsplit("/", 1)[1]] if "$ref" in schema else schema
    for choice in schema.get("oneOf", ()):
        yield from required(choice, instance, path)
    if isinstance(instance, dict):
        yield from ((*path, name) for name in schema.get("required", ()))
        fields = schema.get("properties", {})
        rest = schema.get("additionalProperties")
        for name, value in instance.items():
            below = fields.get(name, rest)
            if isinstance(below, dict):
                yield from required(below, value, (*path, name))
    elif isinstance(instance, list) and instance and "items" in schema:
        yield from required(schema["items"], instance[0], (*path, 0))


def test_it_needs_every_required_field(whole):
    whole = copy.deepcopy(whole)
    whole["claims"].sort(key=lambda claim: claim["id"] != "sigmoid-range")  # one with values
    places = dict.fromkeys(required(SCHEMA, whole))
    fields = {place[-1] for place in places}
    assert len(places) > 60
    for name in ("domain", "worst", "where", "killed", "planted", "digits", "line", "versions"):
        assert name in fields
    for place in places:
        broken = copy.deepcopy(whole)
        at = broken
        for step in place[:-1]:
            at = at[step]
        del at[place[-1]]
        assert problems(broken), place


@pytest.mark.parametrize(
    ("place", "wrong"),
    [
        (("format",), 2),
        (("claims", 0, "status"), "fine"),
        (("claims", 0, "grade"), "certain"),
        (("claims", 0, "evidence", 0, "points"), -1),
        (("claims", 0, "evidence", 0, "worst"), "large"),
        (("claims", 0, "seconds"), "1"),
        (("claims", 0, "surprise"), 1),
        (("subjects", 0, "rows"), []),
    ],
)
def test_it_refuses_what_does_not_belong(whole, place, wrong):
    broken = copy.deepcopy(whole)
    at = broken
    for step in place[:-1]:
        at = at[step]
    at[place[-1]] = wrong
    assert problems(broken)


def test_numbers_that_json_lacks_are_refused_and_a_worst_error_without_bound_is_a_word(whole):
    with pytest.raises(ValueError, match="JSON"):
        ledger.to_json({"worst": float("nan")})
    broken = copy.deepcopy(whole)
    broken["claims"][0]["evidence"][0]["worst"] = "inf"
    assert problems(broken) == []


@pytest.mark.parametrize(
    "quoted",
    [
        pytest.param(value, id=f"{claim.id}.{name}")
        for claim in claims.values()
        for name, value in claim.values.items()
        if value.digits is not None
    ],
)
def test_every_digit_that_is_shown_is_certain(quoted: Value):
    from gradmath.verify import oracle

    if quoted.certain is None:
        assert quoted._terminates
        return
    assert quoted.certain >= quoted.digits
    if not hasattr(quoted.value, "free_symbols"):
        # two computations of a run agree to 1e-9 of it: within that the digits must not change
        for share in (-1e-9, 1e-9):
            moved = Value(quoted.value * (1 + share), digits=quoted.digits)
            assert Decimal(moved.plain) == Decimal(quoted.plain)
        return
    ball = oracle.value(quoted.expression, {}).arb
    for end in (ball.lower(), ball.upper()):
        with localcontext() as context:
            context.prec = quoted.digits
            rounded = +Decimal(end.mid().str(40, radius=False))
        assert rounded == Decimal(quoted.plain)
