"""Executed labs, kept from one build to the next.

A lab is executed again where its text, the package or an installed library has changed.  The
plugin's own cache knows nothing of the package, and is off where a template is given.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import os
from collections.abc import Callable
from pathlib import Path

from gradmath.dynamics.cache import source_hash

#: Beside `mkdocs.yml`; the session `rebuild` removes it.
FOLDER = Path(".cache", "labs")
_TEMPLATE = Path(__file__).with_name("notebook.html.j2")

Convert = Callable[..., str]


def kept(convert: Convert) -> Convert:
    """`convert(path, ...)`, which executes a lab, or what it returned the last time."""
    if hasattr(convert, "__wrapped__"):  # a server builds more than once
        return convert

    @functools.wraps(convert)
    def found(path: str, **options: object) -> str:
        lab = Path(path)
        place = FOLDER / lab.stem / f"{_key(lab)}.html"
        if place.is_file():
            return place.read_text(encoding="utf-8")
        page = convert(path, **options)
        place.parent.mkdir(parents=True, exist_ok=True)
        for old in place.parent.glob("*.html"):
            old.unlink()
        fresh = place.with_suffix(".new")
        fresh.write_text(page, encoding="utf-8")
        os.replace(fresh, place)  # atomic: a reader sees the whole page or none
        return page

    return found


def _key(lab: Path) -> str:
    """A name for all that a lab's outputs depend on."""
    versions = sorted(f"{d.name} {d.version}" for d in importlib.metadata.distributions())
    threads = os.environ.get("OPENBLAS_NUM_THREADS", "")  # how a sum is divided decides its bits
    parts = (
        lab.read_bytes(),
        _TEMPLATE.read_bytes(),
        "\n".join([source_hash(), threads, *versions]).encode(),
    )
    return hashlib.sha256(b"\0".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()
