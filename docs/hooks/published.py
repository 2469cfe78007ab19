"""Files of the site that do not come from a page: shared assets and generated files."""

from __future__ import annotations

import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel

import gradmath as gm

ASSETS = Path(__file__).parent.parent / "assets"
UNPUBLISHED = ("katex/katex.min.js", "katex/README.md")
NEURON = "z = w*x + b\na = sigmoid(z)\nL = (a - y)**2"
OLD_FONTS = re.compile(r',url\([^)]+\.(?:woff|ttf)\) format\("[a-z]+"\)')


def add_assets(files: Files, config: MkDocsConfig) -> None:
    """Publish docs/assets under assets/, for every language alike."""
    for path in sorted(ASSETS.rglob("*")):
        name = path.relative_to(ASSETS).as_posix()
        if not path.is_file() or name in UNPUBLISHED:
            continue
        if name.startswith("katex/") and path.suffix == ".css":
            content = OLD_FONTS.sub("", path.read_text("utf-8"))
            files.append(File.generated(config, f"assets/{name}", content=content))
        else:
            files.append(File.generated(config, f"assets/{name}", abs_src_path=str(path)))


def add_text(files: Files, config: MkDocsConfig, name: str, content: str) -> None:
    """Publish one generated file; a generated page stands outside the navigation."""
    files.append(File.generated(config, name, content=content, inclusion=InclusionLevel.NOT_IN_NAV))


def neuron() -> str:
    """The JavaScript module of one neuron's loss and gradients, for a page to import."""
    return gm.compile(gm.derive(NEURON, wrt=["w", "b"]), backend="javascript").source
