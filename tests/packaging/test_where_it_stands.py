"""What depends on where the package stands: its modules, the files beside them, its cache."""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
from pathlib import Path

import numpy as np
import pytest

import gradmath as gm
from gradmath import cache_folder
from gradmath.checking import kept
from gradmath.claims import ledger
from gradmath.claims.gallery.recording import recording as peers
from gradmath.claims.performance.record import recording as benchmarks
from gradmath.kernels.native.plan import make_plan
from gradmath.kernels.native.source import unit
from gradmath.program import program_of

PACKAGE = Path(inspect.getfile(gm)).resolve().parent
NEURON = gm.derive([("z", "w*x + b"), ("a", "sigmoid(z)"), ("L", "(a - y)**2")], wrt=["w", "b"])


def test_every_module_is_imported_from_there():
    names = [module.name for module in pkgutil.walk_packages(gm.__path__, "gradmath.")]
    assert len(names) > 100
    for name in names:
        found = Path(inspect.getfile(importlib.import_module(name))).resolve()
        assert found.is_relative_to(PACKAGE)


def test_the_headers_of_the_c_kernels_are_found():
    text = unit(make_plan(program_of(NEURON, frozenset())), 64, 1)
    assert "exp_down(" in text
    assert "loop_0" in text


def test_the_host_of_the_javascript_kernels_is_found():
    arguments = {"x": np.linspace(-3, 3, 7), "y": 1.0, "w": 0.5, "b": 0.1}
    got, want = (gm.compile(NEURON, name)(arguments) for name in ("javascript", "numpy"))
    np.testing.assert_allclose(got[0], want[0], rtol=1e-14)


def test_the_records_and_the_ledgers_schema_are_found():
    assert peers().records
    assert benchmarks().cells
    assert json.loads(ledger.schema())["properties"]


def test_claims_of_the_package_are_its_own():
    assert all(map(kept.inside, gm.claims.values()))
    file, line = gm.claims["sigmoid-slope-bound"].source
    assert (PACKAGE.parent / file).is_file()
    assert line > 0


def test_the_cache_stands_beside_a_checkout_or_with_the_user(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("GRADMATH_CACHE", raising=False)
    checkout = (PACKAGE.parent / "pyproject.toml").is_file()
    assert cache_folder.folder().is_relative_to(PACKAGE.parent) == checkout
