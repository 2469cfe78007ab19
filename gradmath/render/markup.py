"""Small pieces of HTML and Markdown."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence

# one letter with a short index, as plain text writes it: n_in, σ_w², h_{t−1}; no name of code
_INDEX = re.compile(r"(?<![\w`.$\\])([^\W\d_])_(?:([A-Za-z]{1,3})(?![A-Za-z_(])|\{([^{}]+)\})")
# a space inside a number, before its unit, or beside an equals sign before a number
_INSIDE = re.compile(
    r"(?<=\d) (?=× 10)|(?<=\d ×) (?=10)|(?<=\d) (?=%)|(?<=\w) (?== [−\d])|(?<= =) (?=[−\d])"
)


def escape(text: str) -> str:
    """Text as HTML."""
    return html.escape(text, quote=True)


def plain_text(text: str) -> str:
    """Text without formulas, set for a page: indices below the line, no line end in a number.

    >>> plain_text("σ_w²/n_in, h_{t−1}, and check_grads as it is")
    'σ<sub>w</sub>²/n<sub>in</sub>, h<sub>t−1</sub>, and check_grads as it is'
    >>> plain_text("z = −20 gives 2.3 × 10⁻⁸, or 90 %").count("\N{NO-BREAK SPACE}")
    5
    """
    lowered = _INDEX.sub(lambda found: f"{found[1]}<sub>{found[2] or found[3]}</sub>", text)
    return _INSIDE.sub("\N{NO-BREAK SPACE}", lowered)


def maths(tex: str, *, display: bool = False) -> str:
    """A formula in HTML, in the form in which Python-Markdown's arithmatex leaves it."""
    escaped = html.escape(tex, quote=False)
    if display:
        return rf'<div class="arithmatex">\[{escaped}\]</div>'
    return rf'<span class="arithmatex">\({escaped}\)</span>'


def table(
    head: Sequence[str], rows: Iterable[Sequence[str]], *, caption: str = "", kind: str = ""
) -> str:
    """An HTML table of finished HTML cells; the first cell of a row names the row."""
    top = "".join(f'<th scope="col">{cell}</th>' for cell in head)
    body = "".join(
        f'<tr><th scope="row">{row[0]}</th>'
        + "".join(f"<td>{cell}</td>" for cell in row[1:])
        + "</tr>"
        for row in rows
    )
    title = f"<caption>{caption}</caption>" if caption else ""
    return (
        f'<div class="gm-table {kind}" tabindex="0"><table class="gm-grid">{title}'
        f"<thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def external(url: str, text: str) -> str:
    """A link that leaves the site."""
    return f'<a href="{escape(url)}" rel="external">{escape(text)}</a>'


def cell(text: str) -> str:
    """Text for a cell of a Markdown table."""
    return " ".join(text.split()).replace("|", "\\|")
