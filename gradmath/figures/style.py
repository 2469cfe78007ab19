"""How figures look: one narrow canvas, one set of line widths, colours by role.

A canvas is 420 units wide and is shown between 358 px (a phone) and about 576 px, so text of 14
units is between 12 and 19 px high.  Panels stand below each other, never side by side.  Axes
have fixed places: nothing is laid out by measuring text, so that a figure does not depend on the
fonts of the machine that draws it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import matplotlib
import numpy as np
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from gradmath.figures.palette import FOREGROUND, GRID, MUTED, PAPER, SERIES

WIDTH = 420
TEXT = 14
SMALL = 13

_POINTS = 72  # matplotlib's SVG has 72 units to the inch

_RC: dict[str, Any] = {
    "font.family": ["DejaVu Sans"],  # comes with matplotlib: the same metrics everywhere
    "font.size": TEXT,
    "mathtext.fontset": "cm",
    "svg.fonttype": "none",
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
    "text.color": FOREGROUND,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": FOREGROUND,
    "axes.titlesize": TEXT,
    "axes.titlelocation": "left",
    "axes.labelsize": TEXT,
    "axes.linewidth": 1.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": FOREGROUND,
    "ytick.labelcolor": FOREGROUND,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "lines.linewidth": 2.2,
    "lines.solid_capstyle": "round",
    "patch.linewidth": 0.0,
    "axes.prop_cycle": cycler(color=SERIES),
}


@contextmanager
def style() -> Iterator[None]:
    """Matplotlib's settings for a figure; the reader's own settings are left as they were."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(cast(Any, _RC))
        yield


def canvas(height: float) -> Figure:
    """An empty canvas of `WIDTH` by `height` units."""
    made = Figure(figsize=(WIDTH / _POINTS, height / _POINTS), dpi=_POINTS)
    FigureCanvasSVG(made)
    return made


def panel(made: Figure, left: float, top: float, width: float, height: float, **more: Any) -> Axes:
    """Axes at a place given in units from the top left corner of the canvas."""
    total = made.get_figheight() * _POINTS
    box = (left / WIDTH, 1 - (top + height) / total, width / WIDTH, height / total)
    return made.add_axes(box, **more)


def blank(made: Figure, left: float, top: float, width: float, height: float) -> Axes:
    """A panel without axes whose coordinates are canvas units, y growing upwards."""
    axes = panel(made, left, top, width, height)
    axes.set_axis_off()
    axes.set_xlim(0, width)
    axes.set_ylim(0, height)
    return axes


def label(axes: Axes, x: float, y: float, words: str, **more: Any) -> None:
    """Words in the drawing, with a rim in the page's colour so that lines do not cross them."""
    settings: dict[str, Any] = {"ha": "left", "va": "center", "size": TEXT, "zorder": 6}
    axes.text(x, y, words, **(settings | more))


def formula(
    axes: Axes,
    x: float,
    y: float,
    latex: str,
    *,
    size: float = 16,
    colour: str = FOREGROUND,
    ha: str = "center",
    plate: bool = False,
) -> None:
    """Set a formula at (x, y), centred in height, in a drawing declared `outlined`.

    Outlines of Computer Modern, which comes with matplotlib, need no font on the reader's
    machine.  `plate` puts a patch in the page's colour behind the formula.
    """
    box = {"boxstyle": "square,pad=0.2", "facecolor": PAPER, "edgecolor": "none"} if plate else None
    axes.text(
        x,
        y,
        f"${mathtext(latex)}$",
        size=size,
        color=colour,
        ha=ha,
        va="center",
        bbox=box,
        zorder=5,
    )


# Matplotlib sets these without the space that TeX's italic correction would leave (in em).
_SPACED = {"=": 0.16, "/": 0.12, r"\partial": 0.1, "-": 0.03}


def mathtext(latex: str) -> str:
    r"""SymPy's LaTeX in the part of the language that matplotlib reads, with a little air.

    >>> mathtext(r"2 \left(a_{2} y\right)")
    '2 (a_{2} y)'
    """
    for sized in (r"\left", r"\right"):
        latex = latex.replace(sized, "")
    for sign, width in _SPACED.items():
        before = "" if sign == r"\partial" else rf"\hspace{{{width}}}"
        latex = latex.replace(sign, rf"{before}{sign}\hspace{{{width}}}")
    return latex


def strip_ticks(axes: Axes) -> None:
    """Keep tick labels, drop the tick marks; the grid shows where they stand."""
    axes.tick_params(length=0, pad=5)


def level_of(values: Any, edges: Any) -> Any:
    """The index of the interval of `edges` that holds each value; both ends are closed."""
    inner = np.asarray(edges)[1:-1]
    return np.searchsorted(inner, values, side="right")
