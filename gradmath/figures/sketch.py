"""Quick drawings for a notebook in the chapter's style: curves against a step, small pictures.

>>> import numpy as np
>>> curves({"falls": np.array([1.0, 0.5, 0.25])}, title="A loss", describe="It falls.")
<Sketch 'A loss'>
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from gradmath.errors import ShapeError, ValueRangeError
from gradmath.figures.palette import DIVERGING, LEVELS, RAMP, SERIES

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

_DASHES: tuple[Any, ...] = ("-", (0, (6, 2)), (0, (2, 1.6)), (0, (6, 2, 2, 2)))


@dataclass(frozen=True, repr=False)
class Sketch:
    """A finished drawing; in a notebook it shows itself, in the colours of the page around it."""

    title: str
    svg: str

    def _repr_html_(self) -> str:
        return f'<div class="gm-sketch">{self.svg}</div>'

    def __repr__(self) -> str:
        return f"<Sketch {self.title!r}>"


def curves(
    series: Mapping[str, ArrayLike],
    *,
    title: str,
    describe: str,
    xlabel: str = "step",
    ylabel: str = "",
    log: bool = False,
) -> Sketch:
    """Draw one curve for each name, against 0, 1, 2, ...

    series: name -> values (n,); at most four curves, told apart by dashes as well as by colour.
    title, describe: the drawing's name, and what there is to see for those who cannot.
    log: a logarithmic vertical axis; the values must then be positive.

    Raises ShapeError for values that are no row of numbers, ValueRangeError for no or too many
    curves, for values that are not finite, and for values that have no logarithm.
    """
    from gradmath.figures.style import TEXT, canvas, panel, strip_ticks, style

    if not 1 <= len(series) <= len(_DASHES):
        raise ValueRangeError("series", got=len(series), allowed=f"1 to {len(_DASHES)} curves")
    rows = {name: _finite(name, values, 1) for name, values in series.items()}
    if log and any((row <= 0).any() for row in rows.values()):
        raise ValueRangeError("series", got="a value <= 0", allowed="positive values with log=True")
    rows_of_names = -(-len(rows) // 2) if len(rows) > 1 else 0  # a single curve needs no name
    with style():
        made = canvas(296 + 24 * rows_of_names)
        axes = panel(made, 58, 34, 344, 214)
        for (name, row), dashes, colour in zip(rows.items(), _DASHES, SERIES, strict=False):
            axes.plot(row, label=name, color=colour, linestyle=dashes)
        axes.set_xlim(0, max(len(row) for row in rows.values()) - 1 or 1)
        if log:
            axes.set_yscale("log")
            axes.minorticks_off()
        axes.set_xlabel(xlabel)
        axes.set_title(ylabel, pad=12)
        if rows_of_names:  # below the axes, where no curve can run into them
            axes.legend(
                loc="upper left", bbox_to_anchor=(0, -46 / 214), ncols=2, frameon=False,
                fontsize=TEXT, handlelength=2.6, borderaxespad=0,
            )  # fmt: skip
        strip_ticks(axes)
        return _finished(made, title, describe)


def images(
    pictures: Mapping[str, ArrayLike],
    *,
    title: str,
    describe: str,
    diverging: Collection[str] = (),
) -> Sketch:
    """Draw small pictures side by side, one for each name.

    pictures: name -> brightnesses (rows, columns).  Each has a scale of its own, from its smallest
        to its largest value; those named in `diverging` have one that is centred at 0, blue below
        and red above.

    Raises ShapeError and ValueRangeError as `curves` does.
    """
    from gradmath.figures.style import WIDTH, canvas, panel, style

    if not 1 <= len(pictures) <= 4:
        raise ValueRangeError("pictures", got=len(pictures), allowed="1 to 4 pictures")
    tables = {name: _finite(name, values, 2) for name, values in pictures.items()}
    size = (WIDTH - 16) / len(tables) - 16
    with style():
        made = canvas(size + 56)
        for place, (name, table) in enumerate(tables.items()):
            axes = panel(made, 16 + place * (size + 16), 36, size, size)
            axes.set_title(name, loc="center", pad=8)
            axes.set_axis_off()
            scale, low, high = RAMP, float(table.min()), float(table.max())
            if name in diverging:
                scale, high = DIVERGING, float(np.abs(table).max())
                low = -high
            edges = np.linspace(low, high if high > low else low + 1, LEVELS + 1)
            shown = np.clip(table, edges[0], edges[-1])[::-1]
            axes.set_aspect("equal")
            _tiles(axes, shown, edges, scale)
        return _finished(made, title, describe)


def _tiles(axes: Any, table: Any, edges: Any, scale: Any) -> None:
    """One filled square an entry, in the scale's colours; vector tiles, no embedded bitmap."""
    from matplotlib.collections import PolyCollection

    from gradmath.figures.style import level_of

    corners = np.array([(0, 0), (1, 0), (1, 1), (0, 1)])
    levels = level_of(table, edges)
    for level, colour in enumerate(scale):
        places = np.argwhere(levels == level)[:, ::-1]  # (row, column) -> (x, y)
        if len(places):
            squares = places[:, None, :] + corners[None, :, :]
            axes.add_collection(
                PolyCollection(squares, facecolors=colour, edgecolors=colour, linewidths=0.4)
            )
    axes.set_xlim(0, table.shape[1])
    axes.set_ylim(0, table.shape[0])


def _finite(name: str, values: ArrayLike, axes: int) -> Any:
    row = np.asarray(values, dtype=np.float64)
    if row.ndim != axes or row.size == 0:
        raise ShapeError(name, got=f"shape {row.shape}", allowed=f"{axes} axes, at least one entry")
    if not np.isfinite(row).all():
        raise ValueRangeError(name, got="NaN or infinity", allowed="finite numbers")
    return row


def _finished(made: Canvas, title: str, describe: str) -> Sketch:
    from gradmath.figures.vector import inline

    name = "sketch-" + hashlib.sha256(f"{title}\n{describe}".encode()).hexdigest()[:10]
    return Sketch(title, inline(made, name, "en", title, describe))
