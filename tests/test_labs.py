"""The labs outside the site's build: what they import is there."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

LABS = sorted(Path(__file__).parents[1].glob("docs/*/labs/*.py"))


def ours(path: Path) -> Iterator[tuple[str, str]]:
    """Module and name of everything that a lab imports from the package."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("gradmath"):
            yield from ((str(node.module), alias.name) for alias in node.names)


def test_there_are_labs() -> None:
    assert LABS


@pytest.mark.parametrize("path", LABS, ids=lambda path: path.stem)
def test_what_a_lab_imports_is_there(path: Path) -> None:
    for module, name in ours(path):
        found = importlib.import_module(module)
        assert hasattr(found, name) or importlib.import_module(f"{module}.{name}")
