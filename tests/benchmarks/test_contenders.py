"""Everybody does the whole task; what is wrong or missing is told."""

from __future__ import annotations

import ast
import pathlib
import subprocess
import sys

import numpy as np
import pytest

import gradmath
from gradmath.claims.performance import record
from tests.benchmarks import accuracy, judged, setting
from tests.benchmarks.cases import Case, all_cases
from tests.benchmarks.contenders import (
    PEERS,
    lambdify,
    numpy_clipped,
    numpy_plain,
    numpy_stable,
    ours,
)

HERE = pathlib.Path(__file__).parent
INSTALLED = (numpy_plain, numpy_stable, numpy_clipped, lambdify)
SMALL = [Case(mode, 500, dtype) for mode in record.MODES for dtype in record.DTYPES]


@pytest.mark.parametrize("case", SMALL, ids=str)
@pytest.mark.parametrize("module", INSTALLED, ids=lambda module: module.ID)
def test_a_peer_gives_the_outputs_under_each_policy(module, case):
    calls = module.calls(case)
    assert set(calls) == set(module.POLICIES if case.full else [record.SCALARS])
    for policy, call in calls.items():
        case.check(call(), policy)
        case.check(call(), policy)


@pytest.mark.parametrize("case", SMALL, ids=str)
@pytest.mark.parametrize("backend", sorted({*record.OURS} - {"native"}))  # see tests/native
def test_each_of_our_backends_does_too(backend, case):
    for policy, call in ours.calls(backend, case).items():
        case.check(call(), policy)


def test_reused_outputs_are_the_same_arrays_and_fresh_ones_are_not():
    calls = ours.calls("numpy", Case("full", 100, "float64"))
    assert all(a is b for a, b in zip(calls["reused"](), calls["reused"](), strict=True))
    assert not any(a is b for a, b in zip(calls["fresh"](), calls["fresh"](), strict=True))


@pytest.mark.parametrize("place", range(4))
def test_a_wrong_output_is_noticed(place):
    case = Case("full", 100, "float64")
    found = [np.array(array) for array in ours.calls("numpy", case)["fresh"]()]
    found[place][7] *= 1.001
    with pytest.raises(ValueError, match=r"somebody, .*: off by"):
        case.check(found, "somebody")
    with pytest.raises(ValueError, match="3 outputs"):
        case.check(found[:3], "somebody")
    with pytest.raises(ValueError, match="float32"):
        case.check([array.astype(np.float32) for array in found], "somebody")


def test_arrays_to_be_reused_begin_at_places_of_their_own():
    case = Case("full", 5000, "float32")
    arrays = [*case.arrays, *case.kept()]
    places = [array.ctypes.data % 4096 for array in arrays]
    assert len(set(places)) == 6
    assert not any(place % 64 for place in places)
    assert all(a.flags.c_contiguous and a.size == 5000 for a in arrays)


def test_every_cell_of_the_table_is_a_case():
    assert len(all_cases()) == len(record.MODES) * len(record.SIZES) * len(record.DTYPES)


def test_every_module_is_a_contender_the_record_asks_for():
    modules = {path.stem for path in (HERE / "contenders").glob("*.py")}
    assert modules == {*PEERS, "__init__", "ours", "in_place"}
    ids = {identity(HERE / "contenders" / f"{name}.py") for name in PEERS}
    assert ids == set(record.PEERS)


def identity(path: pathlib.Path) -> str:
    """The ID that a module declares, without importing what it needs."""
    for line in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(line, ast.Assign) and line.targets[0].id == "ID":
            return ast.literal_eval(line.value)
    raise AssertionError(path)


def test_our_backends_are_found_by_name():
    assert set(record.OURS) <= set(ours.backends())


def test_a_peer_that_is_not_installed_is_named(monkeypatch):
    monkeypatch.setattr(setting, "_version", lambda name: "" if name == "numba" else "1")
    with pytest.raises(SystemExit, match=r"missing: numba\. .*`bench`"):
        setting.require_all()
    monkeypatch.setattr(setting, "_version", lambda name: "1")
    monkeypatch.setattr(setting.shutil, "which", lambda name: None)
    with pytest.raises(SystemExit, match=r"missing: a C\+\+ compiler"):
        setting.require_all()


def test_the_machine_is_described():
    assert set(setting.machine()) >= {"processor", "cores", "caches", "memory", "compiler"}
    assert setting.versions()["python"]


def test_errors_of_everybody_installed_are_found():
    rows = accuracy.rows(
        ["sigmoid", "relu"], ["float64"], 100, peers=["scipy", "naive"], own=["numpy"]
    )
    found = {(row["contender"], row["activation"], row["order"]): row for row in rows}
    assert found["numpy", "sigmoid", 1]["worst"] < 4
    assert found["scipy", "sigmoid", 1]["worst"] > 1e12  # s (1 - s) has lost the tail
    assert found["naive", "sigmoid", 1]["worst"] is None  # infinity times zero
    assert ("scipy", "relu", 0) not in found
    assert ("naive", "relu", 2) not in found


def test_judges_are_those_of_the_record():
    assert set(record.JUDGED) == {*record.OURS, *judged.PEERS}


OTHERS = {"torch", "jax", "numba", "numexpr", "pytensor", "symengine"}


def test_the_package_imports_no_peer():
    for path in pathlib.Path(gradmath.__file__).parent.rglob("*.py"):
        for line in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [a.name for a in line.names] if isinstance(line, ast.Import) else []
            names += [line.module or ""] if isinstance(line, ast.ImportFrom) else []
            assert not OTHERS & {name.partition(".")[0] for name in names}, path


def test_these_tests_need_no_peer():
    """What they load must be there without the group `bench`."""
    code = (
        "import sys; from tests.benchmarks import everything, quick;"
        f"sys.exit(bool({OTHERS!r} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=HERE.parents[1]).returncode == 0
