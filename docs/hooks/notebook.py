"""An executed lab as ordinary Markdown: cells, code blocks and outputs.

mkdocs-jupyter executes a lab and hands over the notebook (docs/hooks/notebook.html.j2).  From
there a lab is a page like any other: its Markdown cells are Markdown, its code is highlighted as
code is everywhere on the site, and its outputs are kept out of the Markdown parser's reach.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from typing import Any

from mkdocs.exceptions import PluginError

NOTEBOOK = re.compile(
    r'<script type="application/x-ipynb\+json">(?P<notebook>.*?)</script>', re.DOTALL
)
# What is shown of an output that comes in several forms: the first of these that it has.
FORMS = ("image/svg+xml", "text/latex", "text/html", "text/markdown", "text/plain")
MATHS = re.compile(
    r"\$\$(?P<display>.+?)\$\$|\\\[(?P<bracket>.+?)\\\]"
    r"|\\\((?P<paren>.+?)\\\)|\$(?P<inline>[^$]+?)\$",
    re.DOTALL,
)
ADDRESS = re.compile(r" at 0x[0-9a-f]{6,}")
VERBATIM = re.compile(r"(<(pre|code|script|style|svg)\b.*?</\2>)", re.DOTALL)

Keep = Callable[[str], str]


def markdown(page: str, keep: Keep, *, where: str) -> str:
    """Return the page's Markdown; `keep` exchanges raw HTML for a mark that passes through."""
    found = NOTEBOOK.search(page)
    if found is None:
        raise PluginError(f"{where}: no executed notebook in what mkdocs-jupyter returned")
    parts = []
    for cell in json.loads(found["notebook"])["cells"]:
        source = "".join(cell["source"]).strip("\n")
        if cell["cell_type"] == "markdown":
            parts.append(source)
        elif cell["cell_type"] == "code" and source:
            fence = "`" * max(3, 1 + longest_run(source, "`"))
            parts.append(f"{fence}python\n{source}\n{fence}")
            shown = "".join(output(each, where=where) for each in joined(cell["outputs"]))
            if shown:
                parts.append(keep(f'<div class="gm-outputs">{shown}</div>'))
    return "\n\n".join(parts) + "\n"


def longest_run(text: str, character: str) -> int:
    """Length of the longest run of one character."""
    return max((len(run) for run in re.findall(re.escape(character) + "+", text)), default=0)


def joined(outputs: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The outputs of a cell; text printed in one go comes in pieces cut by chance."""
    for kind, group in groupby(outputs, key=lambda each: each.get("name")):
        members = list(group)
        if kind is None:
            yield from members
        else:
            yield {**members[0], "text": "".join("".join(each["text"]) for each in members)}


def output(given: Mapping[str, Any], *, where: str) -> str:
    """Return the HTML of one output of a code cell."""
    kind = given["output_type"]
    if kind == "stream":
        text = "".join(given["text"])
        if given["name"] != "stdout":
            raise PluginError(f"{where}: a cell wrote to {given['name']}: {text.strip()}")
        return plain(text, where=where)
    if kind == "error":
        raise PluginError(f"{where}: a cell raised {given['ename']}: {given['evalue']}")
    data = {form: "".join(value) for form, value in given["data"].items() if form in FORMS}
    if not data:
        raise PluginError(f"{where}: an output in none of the forms {', '.join(FORMS)}")
    form = next(form for form in FORMS if form in data)
    content = data[form]
    if form == "image/svg+xml":
        return f'<div class="gm-output gm-drawing">{content[content.index("<svg") :]}</div>'
    if form == "text/html":
        return f'<div class="gm-output gm-html" tabindex="0">{with_maths(content)}</div>'
    if form == "text/latex":
        return f'<div class="gm-output">{formula(content.strip().strip("$"), display=True)}</div>'
    return plain(content, where=where)


def plain(text: str, *, where: str) -> str:
    """Printed text; an address in memory, different in every run, is refused."""
    if ADDRESS.search(text):
        raise PluginError(f"{where}: an output shows an address in memory: {text.strip()}")
    return f'<pre class="gm-output" tabindex="0">{html.escape(text, quote=False)}</pre>'


def formula(tex: str, *, display: bool) -> str:
    """Return a formula in the form in which docs/hooks/typeset.py finds it."""
    tex = html.escape(html.unescape(tex).replace(r"\displaystyle", "").strip(), quote=False)
    if display:
        tex = tex.replace(" \\\\\n", " \\\\[0.4em]\n")  # fractions in rows need air
        return rf'<div class="arithmatex">\[{tex}\]</div>'
    return rf'<span class="arithmatex">\({tex}\)</span>'


def with_maths(content: str) -> str:
    """Hand over the formulas in an HTML output; code and drawings are left as they are."""

    def one(match: re.Match[str]) -> str:
        display = match["display"] or match["bracket"]
        return formula(display or match["paren"] or match["inline"], display=display is not None)

    pieces = VERBATIM.split(content)
    # split() returns text, verbatim element, its tag name, text, ...
    return "".join(
        MATHS.sub(one, piece) if place % 3 == 0 else piece
        for place, piece in enumerate(pieces)
        if place % 3 != 2
    )
