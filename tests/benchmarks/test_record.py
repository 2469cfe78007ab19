"""A record is whole or it is refused; the one in the package is whole."""

from __future__ import annotations

import json
import math

import jsonschema
import pytest

from gradmath.claims.performance import record
from gradmath.claims.performance.names import name
from gradmath.errors import UnknownNameError, VerificationError
from tests.benchmarks import everything, made_up

NUMBER = {"type": "number"}
TEXT = {"type": "string", "minLength": 1}
UNBOUNDED = {"type": ["number", "null"], "minimum": 0}
DTYPE = {"enum": list(record.DTYPES)}


def listed(required: dict) -> dict:
    """A list of objects that have these fields and no others."""
    each = {
        "type": "object",
        "properties": required,
        "required": list(required),
        "additionalProperties": False,
    }
    return {"type": "array", "minItems": 1, "items": each}


SECONDS = {"type": "number", "exclusiveMinimum": 0}
SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": [
        "format", "date", "machine", "versions", "settings", "contenders", "cells", "rungs",
        "errors",
    ],
    "properties": {
        "format": {"const": record.FORMAT},
        "date": {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"},
        "machine": {
            "type": "object",
            "required": ["processor", "cores", "caches", "memory", "system", "compiler"],
        },
        "versions": {"type": "object", "minProperties": 2, "additionalProperties": TEXT},
        "settings": {
            "type": "object",
            "required": ["threads", "rounds", "chain_samples", "points", "load", "minutes"],
        },
        "contenders": listed(
            {
                "id": TEXT,
                "ours": {"type": "boolean"},
                "policies": {
                    "type": "array",
                    "minItems": 1,
                    "items": {"enum": [record.REUSED, record.FRESH]},
                },
            }
        ),
        "cells": listed(
            {
                "contender": TEXT,
                "policy": {"enum": [record.REUSED, record.FRESH, record.SCALARS]},
                "mode": {"enum": list(record.MODES)},
                "size": {"enum": list(record.SIZES)},
                "dtype": DTYPE,
                "median": SECONDS,
                "low": SECONDS,
                "high": SECONDS,
                "elapsed": SECONDS,
                "loops": {"type": "integer", "minimum": 1},
                "rounds": {"type": "integer", "minimum": 3},
            }
        ),
        "rungs": listed(
            {
                "kind": {"enum": list(record.LADDERS)},
                "contender": TEXT,
                "depth": {"type": "integer", "minimum": 1},
                "seconds": {"type": ["number", "null"], "exclusiveMinimum": 0},
                "reason": {"type": "string"},
            }
        ),
        "errors": listed(
            {
                "contender": TEXT,
                "activation": TEXT,
                "order": {"enum": [0, 1, 2]},
                "dtype": DTYPE,
                "worst": UNBOUNDED,
                "where": NUMBER,
                "share": UNBOUNDED,
                "tiny": UNBOUNDED,
                "points": {"type": "integer", "minimum": 100},
            }
        ),
    },
}  # fmt: skip


@pytest.fixture
def plain():
    return made_up.plain()


def committed():
    return json.loads(record.FILE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("given", [made_up.plain, committed], ids=["made up", "committed"])
def test_a_record_has_the_schema_and_is_whole(given):
    whole = given()
    jsonschema.validate(whole, SCHEMA)
    found = record.of(whole)
    assert set(found.ours) >= set(record.OURS)
    assert set(found.peers) == set(record.PEERS) - {record.LIMIT}
    for who in found.contenders:
        assert name(who, "en")
        assert name(who, "zh")


def test_what_is_written_is_what_is_read(plain, tmp_path):
    everything.write(plain, tmp_path / "bench.json")
    assert record.read(tmp_path / "bench.json") == record.of(plain)


def refused(whole, words):
    with pytest.raises(ValueError, match=words):
        record.of(whole)


@pytest.mark.parametrize("who", [*record.OURS, *record.PEERS])
def test_a_contender_that_is_missing_is_missed(plain, who):
    plain["contenders"] = [each for each in plain["contenders"] if each["id"] != who]
    refused(plain, f"missing of contender: .*{who}")


@pytest.mark.parametrize("place", [0, 57, -1])
def test_a_missing_cell_is_missed(plain, place):
    gone = plain["cells"].pop(place)
    refused(plain, f"1 missing of cell: .*{gone['contender']} {gone['policy']}")


def test_a_cell_twice_and_a_cell_too_many_are_refused(plain):
    plain["cells"].append(plain["cells"][0])
    refused(plain, "there twice")
    plain["cells"][-1] = {**plain["cells"][0], "size": 12}
    refused(plain, "nobody asked for")


@pytest.mark.parametrize(
    "change",
    [
        {"median": 0.0, "low": 0.0},
        {"median": math.nan},
        {"high": math.inf},
        {"low": 1.0},
        {"elapsed": 0.0},
        {"rounds": 2},
    ],
)
def test_a_cell_that_measures_nothing_is_refused(plain, change):
    plain["cells"][3].update(change)
    refused(plain, "no measurement")


def test_a_missing_rung_and_one_without_a_reason_are_refused(plain):
    gone = plain["rungs"].pop()
    plain["rungs"].append({**gone, "seconds": None})
    refused(plain, "seconds or a reason")
    plain["rungs"] = [rung for rung in plain["rungs"] if rung["contender"] != "symengine"]
    refused(plain, "13 missing of rung: .*derive symengine 1")


def test_a_missing_error_is_missed(plain):
    plain["errors"] = [e for e in plain["errors"] if (e["contender"], e["order"]) != ("native", 2)]
    refused(plain, "missing of error: .*native identity 2 float32")
    plain["errors"] = [e for e in made_up.errors() if e["contender"] != "torch"]
    refused(plain, "missing of judge: .*torch")


def test_another_format_is_refused(plain):
    plain["format"] += 1
    refused(plain, "format")


def test_a_file_that_is_missing_or_broken_says_how_to_write_it(tmp_path):
    with pytest.raises(VerificationError, match="nox -s bench"):
        record.read(tmp_path / "none.json")
    (tmp_path / "half.json").write_text('{"format": 1}', encoding="utf-8")
    with pytest.raises(VerificationError, match="nox -s bench"):
        record.read(tmp_path / "half.json")


def test_cells_and_ladders_are_found_by_name(plain):
    found = record.of(plain)
    cell = found.fastest("numba", "full", 10_000, "float32")
    assert cell.policy == record.REUSED
    assert cell.nanoseconds == pytest.approx(made_up.SPEED["numba"])
    assert found.ladder("derive", "sympy")[-1][0] == 64  # it gave up then
    with pytest.raises(UnknownNameError, match="did you mean 'numba'"):
        found.policies("numbas", "full")
    with pytest.raises(UnknownNameError, match="cell"):
        found.cell("numba", "reused", "full", 11, "float32")
