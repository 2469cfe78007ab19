"""The installed wheel holds exactly what the source tree holds, and is run from where it stands.

GRADMATH_TREE names the source tree; without it the package under test is the tree itself, which
is then compared with what a wheel of it would hold.
"""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import metadata, resources
from pathlib import Path

TREE = Path(os.environ.get("GRADMATH_TREE", Path(__file__).resolve().parents[2]))


def files(package: Path) -> dict[str, bytes]:
    """The files of a package by their names inside it, what Python compiles left out."""
    return {
        path.relative_to(package).as_posix(): path.read_bytes()
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_every_file_is_there_byte_for_byte():
    installed, source = files(Path(str(resources.files("gradmath")))), files(TREE / "gradmath")
    assert sorted(installed) == sorted(source)
    assert [name for name in source if installed[name] != source[name]] == []
    assert {"py.typed", "claims/ledger.schema.json", "claims/recorded/peers.json"} <= set(source)


def test_it_is_the_installed_one_where_a_tree_is_named():
    if "GRADMATH_TREE" in os.environ:
        found = Path(str(resources.files("gradmath")))
        assert not found.is_relative_to(TREE / "gradmath")
        assert "site-packages" in found.parts


def test_the_metadata_says_what_it_is():
    about = metadata.metadata("gradmath")
    assert about["License-Expression"] == "MIT"
    assert about["Requires-Python"] == ">=3.12"
    assert "gradmath" in (about.get_payload() or about["Description"])


def test_the_command_is_installed_and_runs(tmp_path):
    command = Path(sys.executable).with_name("gradmath")
    done = subprocess.run(
        [str(command), "verify", "sigmoid-slope-bound", "relu"],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env={**os.environ, "GRADMATH_CACHE": str(tmp_path)},
    )
    assert "2 passed" in done.stdout + done.stderr
