"""Tables that are set as cards on a narrow screen: every cell learns the heading of its column.

Such a table stands in a `div` of the class `gm-stack`; site.css does the rest.
"""

from __future__ import annotations

import html
import re

STACKED = re.compile(r'<div class="[^"]*\bgm-stack\b.*?</table>', re.DOTALL)
HEADING = re.compile(r"<th\b[^>]*>(.*?)</th>", re.DOTALL)
ROW = re.compile(r"<tr>.*?</tr>", re.DOTALL)
CELL = re.compile(r"<(t[dh])\b")
TAG = re.compile(r"<[^>]+>")


def labelled(page: str) -> str:
    """The page with `data-label` on the cells of its stacked tables.

    >>> head, body = "<tr><th>a</th><th>b</th></tr>", "<tr><td>1</td><td>2</td></tr>"
    >>> made = labelled(f'<div class="gm-stack"><table><thead>{head}</thead>{body}</table></div>')
    >>> made[made.index("</thead>") :]
    '</thead><tr><td data-label="a">1</td><td data-label="b">2</td></tr></table></div>'
    """
    return STACKED.sub(lambda found: _with_labels(found[0]), page)


def _with_labels(table: str) -> str:
    head, end, body = table.partition("</thead>")
    names = [html.unescape(TAG.sub("", name)).strip() for name in HEADING.findall(head)]

    def row(found: re.Match[str]) -> str:
        labels = iter(names)
        return CELL.sub(
            lambda cell: f'<{cell[1]} data-label="{html.escape(next(labels))}"', found[0]
        )

    return head + end + ROW.sub(row, body)
