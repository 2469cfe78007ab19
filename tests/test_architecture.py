"""The house: which room may import which, and what `import gradmath` loads."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import grimp
import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).resolve().parents[1]
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
HEAVY = ("numpy", "scipy", "flint", "matplotlib", "cupy", "sklearn", "array_api_compat")


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("gradmath", cache_dir=None)


def test_the_contracts_are_kept(capsys):
    code = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)
    assert code == 0, capsys.readouterr().out


def test_every_room_stands_in_the_order(graph):
    layers = SETTINGS["contracts"][0]["layers"]
    listed = {f"gradmath.{name.strip()}" for layer in layers for name in layer.split("|")}
    assert graph.find_children("gradmath") == listed


def test_no_room_but_the_shell_enters_by_the_front_door(graph):
    assert graph.find_modules_that_directly_import("gradmath") <= {"gradmath.cli"}


def test_the_order_can_be_broken(graph):
    """The check sees an import against the order: planted here, found there."""
    graph.add_import(importer="gradmath.errors", imported="gradmath.claims.claim")
    broken = graph.find_illegal_dependencies_for_layers(
        layers=("claims", "errors"),
        containers={"gradmath"},
    )
    assert broken


def loaded_by(statement: str) -> set[str]:
    """Top-level modules in a fresh interpreter after a statement.

    SymPy itself takes python-flint for its integers where that is installed; told to use Python's,
    it leaves flint alone, and what is loaded is our doing.
    """
    code = f"{statement}\nimport sys\nprint(*{{name.split('.')[0] for name in sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT.anchor,
        env={**os.environ, "SYMPY_GROUND_TYPES": "python"},
    )
    return set(done.stdout.split())


def test_importing_gradmath_loads_sympy_and_mpmath_alone():
    loaded = loaded_by("import gradmath")
    assert {"sympy", "mpmath"} <= loaded
    assert not loaded & set(HEAVY)


def test_the_symbolic_half_works_without_the_others():
    loaded = loaded_by(
        "import gradmath as gm\n"
        "d = gm.derive([('a', 'sigmoid(w*x + b)')], wrt=['w'])\n"
        "assert d.latex() and d.gradient['w'] is not None and d.explicit('w') is not None"
    )
    assert not loaded & set(HEAVY)


def test_heavy_libraries_would_be_noticed():
    assert "numpy" in loaded_by("import gradmath, numpy")
