"""The performance page is made of the record and of nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gradmath import figures
from gradmath.catalogue import activations
from gradmath.claims.device import DeviceRun
from gradmath.claims.performance import record
from gradmath.claims.performance.asked import GOALS
from gradmath.errors import UnknownNameError
from gradmath.figures import performance as drawn
from gradmath.figures import registry
from gradmath.render import (
    Context,
    expand,
    performance,
    performance_devices,
    performance_errors,
)
from tests.benchmarks import made_up

CONTEXTS = [Context(language, "performance.md") for language in ("en", "zh")]
PAGE = Path(__file__).parents[2] / "docs/en/performance.md"
FIGURES = ("time-per-element", "chain-times", "derivation-times")


def use(monkeypatch, plain):
    found = record.of(plain)
    for module in (performance, performance_errors, drawn):
        monkeypatch.setattr(module, "recording", lambda: found)
    registry._finished.cache_clear()
    return found


@pytest.fixture
def invented(monkeypatch):
    yield use(monkeypatch, made_up.plain())
    registry._finished.cache_clear()


def shown(part, context=CONTEXTS[0]):
    return expand(f"<!-- gm: bench {part} -->", context)


@pytest.mark.parametrize("context", CONTEXTS, ids=["en", "zh"])
def test_the_whole_page_renders_from_the_committed_record(context):
    made = expand(PAGE.read_text(encoding="utf-8"), context)
    assert "gm: " not in made
    assert made.count("<svg") == len(FIGURES)
    assert record.recording().date in made
    assert "nan" not in re.sub("<svg.*?</svg>", "", made, flags=re.DOTALL)


@pytest.mark.parametrize("context", CONTEXTS, ids=["en", "zh"])
def test_a_table_has_everybody_under_each_policy(invented, context):
    for mode in record.MODES:
        made = shown(mode, context)
        rows = sum(len(invented.policies(who, mode)) for who in invented.contenders)
        assert made.count("<tr>") == 1 + rows
        assert made.count("<td>") == rows * 7
        assert "gm-grade-recorded" in made


def test_a_cell_has_nanoseconds_and_the_ratio(monkeypatch):
    plain = made_up.plain()
    for cell in plain["cells"]:
        if cell["contender"] == "numba":
            cell.update(low=1.1e-5, median=1.2345e-5, high=1.3e-5)
    use(monkeypatch, plain)
    assert "<td>1.23<br><small>1.2×</small></td>" in shown("reduced")


def test_goals_are_shown_with_what_was_asked_and_measured(invented):
    made = shown("goals")
    assert made.count("<tr>") == 1 + len(GOALS)
    assert "at most 1.15×" in made
    assert "<code>sympy.lambdify(cse=True)</code>" in made


def test_what_falls_short_is_said_with_its_reason(invented):
    made = shown("shortfalls")
    missed = [goal for goal in GOALS if goal.missed(invented)]
    assert made.count("\n- ") == len(missed)
    for goal in missed:
        assert goal.whys["en"] in made
    assert f"Of {len(GOALS)} goals {len(GOALS) - len(missed)} are reached" in made


def test_nothing_falls_short_where_all_is_reached(monkeypatch):
    found = use(monkeypatch, made_up.plain())
    monkeypatch.setattr(performance, "GOALS", [g for g in GOALS if not g.missed(found)])
    assert "Every goal is reached" in shown("shortfalls")


def test_many_missed_cells_are_counted_not_listed(monkeypatch):
    plain = made_up.plain()
    for error in plain["errors"]:
        if error["contender"] == "numpy":
            error.update(share=3.0)
    use(monkeypatch, plain)
    line = next(line for line in shown("shortfalls").split("\n") if "worst error" in line)
    total = len(activations) * 3 * 2
    assert f"missed in {total} of {total} cells, at worst 3" in line
    assert f"and {total - performance.LISTED} more" in line


@pytest.mark.parametrize("context", CONTEXTS, ids=["en", "zh"])
@pytest.mark.parametrize("kind", list(record.LADDERS))
def test_a_ladder_shows_every_rung_and_a_dash_where_there_is_none(invented, kind, context):
    made = shown(kind, context)
    assert made.count("<tr>") == 1 + len({r.depth for r in invented.rungs if r.kind == kind})
    assert made.count("<td>–</td>") == sum(
        r.seconds is None for r in invented.rungs if r.kind == kind
    )


@pytest.mark.parametrize("context", CONTEXTS, ids=["en", "zh"])
def test_errors_are_shown_for_every_activation(invented, context):
    made = shown("errors order=1 dtype=float64", context)
    assert made.count("<tr>") == 1 + len(activations)
    assert made.count("<td>∞</td>") == len(activations)
    assert made.count("<td>–</td>") == len(activations) - 1  # SciPy has the sigmoid alone
    assert "1 × 10⁷" in made
    assert "∞" not in shown("errors order=2 dtype=float32", context)


def test_a_busy_machine_is_admitted(monkeypatch):
    use(monkeypatch, made_up.plain())
    assert "Other work" not in shown("about")
    plain = made_up.plain()
    for cell in plain["cells"]:
        cell["elapsed"] *= 2
    use(monkeypatch, plain)
    assert "Other work" in shown("about")
    assert "234 of 234" in shown("about")


def test_no_run_on_a_device_is_said_plainly(monkeypatch):
    monkeypatch.setattr(performance_devices, "device_run", lambda: None)
    assert "No run on a GPU has been recorded" in shown("devices")


@pytest.mark.parametrize("context", CONTEXTS, ids=["en", "zh"])
def test_a_run_on_a_device_is_shown_where_there_is_one(monkeypatch, context):
    rates = [
        {"call": call, "size": 10**7, "dtype": "float32", "bytes/s": 1e12, "share of a copy": share}
        for call, share in (("copy", 1.0), ("full", 0.875), ("reduced", 0.75))
    ]
    run = DeviceRun(
        "2026-01-02", "a card", "80 GiB", "13.0", "12.9", "14.2", 0.85, 0.875, rates,
        {"sigmoid": {"float32": 0.5}}, {},
    )  # fmt: skip
    monkeypatch.setattr(performance_devices, "device_run", lambda: run)
    made = shown("devices", context)
    assert "a card" in made
    assert "87.5 %" in made
    assert "<td>1000<br><small>75 %</small></td>" in made


def test_what_is_unknown_is_refused(invented):
    with pytest.raises(UnknownNameError, match="did you mean 'goals'"):
        shown("goal")
    with pytest.raises(UnknownNameError, match="order"):
        shown("errors order=3 dtype=float64")
    with pytest.raises(UnknownNameError, match="dtype"):
        shown("errors order=1")


@pytest.mark.parametrize("id", FIGURES)
def test_figures_are_drawn_from_whatever_record_there_is(invented, id):
    for language in ("en", "zh"):
        assert figures.svg(id, language).startswith("<svg")
    assert "2 ns" in figures.alt("time-per-element")
