"""The hooks of the site, in the order in which MkDocs calls them.

Each one only hands over:

- gradmath.render expands directives and writes the generated pages,
- labs.py keeps executed labs from one build to the next,
- notebook.py turns an executed lab into Markdown,
- tables.py prepares tables for narrow screens,
- typeset.py typesets formulas,
- published.py adds the files that no one writes by hand.

While a page is being made, drawings and formulas stand in it as short marks, so that neither the
Markdown parser nor the search index sees their markup; `on_post_page` puts them in their places.
"""

from __future__ import annotations

import gc
import os
import re
from dataclasses import dataclass, field
from pathlib import Path

import labs
import notebook
import published
import tables
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page
from mkdocs_jupyter import convert
from typeset import Typesetter

from gradmath import checking, figures, render
from gradmath.errors import GradmathError

HOOKS = Path(__file__).parent
COMMIT = os.environ.get("GRADMATH_COMMIT", "")
REPOSITORY = os.environ.get("GRADMATH_REPO", "")  # such as https://example.org/owner/gradmath

TITLE = re.compile(r'^title: "?(.+?)"?$', re.MULTILINE)  # in a page's front matter
RAW = re.compile(r'(?:<p>)?<div data-gm-raw="(\d+)"></div>(?:</p>)?')
DRAWING = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
DRAWING_MARK = re.compile(r'<gm-drawing data-n="(\d+)"></gm-drawing>')
MATHJAX = re.compile(r"<script data-mkdocs-jupyter-mathjax=.*?</script>\s*", re.DOTALL)


@dataclass
class Build:
    """What lives for one build."""

    typesetter: Typesetter = field(default_factory=Typesetter)
    numbers: render.Numbers = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    raw: list[str] = field(default_factory=list)
    drawings: list[str] = field(default_factory=list)

    def keep(self, html: str) -> str:
        """Exchange raw HTML for a mark that passes through the Markdown parser."""
        self.raw.append(html)
        return f'<div data-gm-raw="{len(self.raw) - 1}"></div>'

    def restore(self, html: str) -> str:
        """Exchange the marks for what they stand for."""
        return RAW.sub(lambda match: self.raw[int(match[1])], html)


running: list[Build] = []  # none, or the one build under way


def on_config(config: MkDocsConfig) -> None:
    """Labs come back as plain notebooks, executed where something has changed."""
    convert.nb2html = labs.kept(convert.nb2html)
    config.plugins["mkdocs-jupyter"].config["custom_template"] = str(HOOKS / "notebook.html.j2")


def on_pre_build(config: MkDocsConfig) -> None:
    """Start Node.js once; what `gradmath verify` has found out is not found out again."""
    gc.set_threshold(100_000, 50, 100)  # looking through all formulas so often takes 3 s in 40
    end()
    checking.recall_claims()
    running.append(Build())


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add shared assets and generated pages, and number the claims in the order of the prose."""
    published.add_assets(files, config)
    published.add_text(files, config, "assets/css/palette.css", figures.stylesheet())
    published.add_text(files, config, "labs/kernels_compared/neuron.mjs", published.neuron())
    prose = {
        file.src_uri: file.content_string
        for file in sorted(files.documentation_pages(), key=lambda file: file.src_uri)
    }
    running[0].numbers = render.numbers(prose)
    running[0].titles = {
        path: found[1] for path, text in prose.items() if (found := TITLE.search(text))
    }
    language = config.theme["language"]
    for name, content in render.generated(language, running[0].numbers, COMMIT):
        published.add_text(files, config, name, content)
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """A lab becomes Markdown; directives become statements, figures, numbers and tables."""
    where = page.file.src_uri
    if where.endswith(".py"):
        markdown = notebook.markdown(markdown, running[0].keep, where=where)
        markdown += f"\n[Download this lab]({Path(where).name}){{ .gm-download }}\n"
    context = render.Context(
        language=config.theme["language"],
        page=where,
        keep=running[0].keep,
        numbers=running[0].numbers,
        titles=running[0].titles,
        commit=COMMIT,
        repository=REPOSITORY,
    )
    try:
        return render.expand(markdown, context)
    except GradmathError as error:
        raise PluginError(f"{where}: {error}") from error


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Raw parts return; formulas are typeset and, like drawings, wait as marks."""
    build = running[0]
    html = tables.labelled(build.restore(html))
    if "<!-- gm:" in html:
        raise PluginError(f"{page.file.src_uri}: a directive was left in the page")

    def wait(match: re.Match[str]) -> str:
        build.drawings.append(match[0])
        return f'<gm-drawing data-n="{len(build.drawings) - 1}"></gm-drawing>'

    return build.typesetter.mark(DRAWING.sub(wait, html), where=page.file.src_uri)


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """Formulas and drawings take their places; the MathJax loader, which has no use here, goes."""
    build = running[0]
    output = DRAWING_MARK.sub(lambda match: build.drawings[int(match[1])], output)
    return build.typesetter.set(MATHJAX.sub("", output))


def on_post_build(config: MkDocsConfig) -> None:
    """End Node.js."""
    end()


def on_build_error(error: Exception) -> None:
    """End Node.js after a failure too."""
    end()


def end() -> None:
    """Forget the build under way, if there is one."""
    while running:
        running.pop().typesetter.close()
