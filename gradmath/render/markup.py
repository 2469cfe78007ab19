"""Small pieces of HTML and Markdown."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence


def escape(text: str) -> str:
    """Text as HTML."""
    return html.escape(text, quote=True)


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
