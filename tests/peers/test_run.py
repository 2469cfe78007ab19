"""The runner names what is missing; the helpers lose no digit and notice a changed document."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent


def loaded(name):
    spec = importlib.util.spec_from_file_location(f"peers_{name}", HERE / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_missing_peers_are_named_and_nothing_is_written(monkeypatch, tmp_path):
    run = loaded("run")
    monkeypatch.setattr(run, "found", lambda distribution: distribution == "sympy")
    target = tmp_path / "peers.json"
    with pytest.raises(SystemExit, match=r"missing: autograd, jax, pytensor, torch\. .*peers"):
        run.main(target)
    assert not target.exists()


def test_every_module_of_cases_is_run():
    run = loaded("run")
    cases = {path.stem for path in HERE.glob("*.py")} - {"run", "recording", "test_run"}
    assert set(run.MODULES) == cases


def test_sympy_s_cases_answer_as_recorded(monkeypatch):
    """The one peer that is installed wherever gradmath is."""
    from gradmath.claims.gallery.recording import recording

    monkeypatch.setitem(sys.modules, "recording", loaded("recording"))
    for case in loaded("sympy_matrices").CASES:
        made = case()
        known = recording().of(made["exhibit"])
        assert [trial["verdict"] for trial in made["trials"]] == [
            trial.verdict for trial in known.trials
        ]


def test_the_page_shows_the_recipe_that_is_run():
    """The code on the page "In practice" is the code that was recorded, line for line."""
    recipe = (HERE / "recipes" / "torch_layer.py").read_text(encoding="utf-8")
    page = (HERE.parents[1] / "docs/en/chapter/practice.md").read_text(encoding="utf-8")
    assert f"```python\n{recipe}```" in page


def test_numbers_are_written_whole():
    helpers = loaded("recording")
    assert helpers.exact([0.1, 2]) == [
        "0.1000000000000000055511151231257827021181583404541015625",
        2,
    ]
    assert float.fromhex(helpers.hexadecimal([1 / 3])[0]) == 1 / 3


def test_a_changed_document_is_noticed():
    helpers = loaded("recording")

    def checker(eps=1e-6):
        """Checks.  It is
        very careful.
        """

    assert helpers.quoted(checker, "It is very careful.") == "It is very careful."
    assert helpers.defaults(checker, "eps") == {"eps": 1e-6}
    with pytest.raises(LookupError, match="no longer says"):
        helpers.quoted(checker, "It is careless.")
