"""A diagnosis as a table: plain characters, and HTML for notebooks."""

from __future__ import annotations

import html as escaping
import math
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradmath.dynamics.diagnosis import Diagnosis


def _share(value: float) -> str:
    if math.isnan(value):
        return "nan"
    if value in (0.0, 1.0):
        return f"{value:.0%}"
    return "<0.1%" if value < 0.001 else ">99.9%" if value > 0.999 else f"{value:.1%}"


def _number(value: float) -> str:
    return f"{value:.2e}"


#: heading, attribute, how a number is written
_COLUMNS: tuple[tuple[str, str, Callable[[float], str]], ...] = (
    ("signal", "signal", _number),
    ("|dL/dW|", "gradient_norm", _number),
    ("|W|", "weight_norm", _number),
    ("update", "update_ratio", _number),
    ("saturated", "saturated", _share),
    ("dead", "dead", _share),
    ("zero", "zero", _share),
    ("lost in half", "lost_in_half", _share),
)


#: shown for a network with residual layers alone: what goes past them on its way back
_STREAM = ("stream", "stream", lambda value: "" if math.isnan(value) else _number(value))


def _cells(found: Diagnosis) -> list[list[str]]:
    columns = (_COLUMNS[0], _STREAM, *_COLUMNS[1:]) if found.residual else _COLUMNS
    rows = [["layer", *(heading for heading, _, _ in columns)]]
    for k, layer in enumerate(found.network.layers):
        numbers = [write(float(getattr(found, name)[k])) for _, name, write in columns]
        rows.append([f"{k + 1} {layer!r}", *numbers])
    return rows


def _title(found: Diagnosis) -> str:
    default = "" if found.step_given else ", the default"
    return (
        f"{found.verdict}: {found.depth} layers, {found.samples} samples, {found.dtype}, "
        f"loss {found.loss:.4g}, step {found.step:g}{default}"
    )


def text(found: Diagnosis) -> str:
    """Title, one line a layer, and the findings."""
    rows = _cells(found)
    widths = [max(len(row[c]) for row in rows) for c in range(len(rows[0]))]
    lines = [_title(found)]
    for row in rows:
        first, *rest = (
            cell.ljust(width) if c == 0 else cell.rjust(width)
            for c, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        lines.append("  ".join([first, *rest]).rstrip())
    return "\n".join([*lines, found.words])


def html(found: Diagnosis) -> str:
    """The same as a table for notebooks and pages."""
    head, *rows = _cells(found)
    shown = "".join(f"<th>{escaping.escape(cell)}</th>" for cell in head)
    body = "".join(
        "<tr>" + "".join(f"<td>{escaping.escape(cell)}</td>" for cell in row) + "</tr>"
        for row in rows
    )
    return (
        f'<table class="gm-report gm-diagnosis"><caption>{escaping.escape(_title(found))}</caption>'
        f"<thead><tr>{shown}</tr></thead><tbody>{body}</tbody></table>"
        f"<p>{escaping.escape(found.words)}</p>"
    )
