"""The figures' colours: roles in the drawing, CSS variables on the page, values in both schemes.

A figure is drawn in *sentinel* colours that stand for roles.  In the SVG each sentinel becomes
`currentColor` or a CSS variable, so that a figure follows the page from light to dark.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping

LEVELS = 9
"""Steps of the sequential and of the diverging colour scale."""

# Sentinels: near-black colours that no drawing would use for themselves.
FOREGROUND = "#010101"
MUTED = "#010102"
GRID = "#010103"
PAPER = "#010104"
SERIES = tuple(f"#0102{n:02x}" for n in range(1, 7))
RAMP = tuple(f"#0103{n:02x}" for n in range(LEVELS))
DIVERGING = tuple(f"#0104{n:02x}" for n in range(LEVELS))

# Background of Material's schemes "default" and "slate", for the contrasts that a test holds.
BACKGROUND = {"light": "#ffffff", "dark": "#1e2129"}

_PLAIN: Mapping[str, tuple[str, str]] = {  # variable -> (light, dark)
    "--gm-muted": ("#5b616e", "#aab0bf"),
    "--gm-grid": ("#d8dbe2", "#3b404d"),
    "--gm-1": ("#0067a5", "#5bb8f0"),
    "--gm-2": ("#b84300", "#ff9d66"),
    "--gm-3": ("#00704f", "#46d3a5"),
    "--gm-4": ("#87409a", "#dba4ea"),
    "--gm-5": ("#7d5800", "#e8c452"),
    "--gm-6": ("#5a5f00", "#c3cf4f"),
}
# Where low values should sink into the page and high ones stand out, in both schemes.
_RAMP_MAPS = ("YlGnBu", "YlGnBu_r")
_DIVERGING_MAPS = ("RdBu_r", "berlin")


@functools.cache
def variables() -> Mapping[str, tuple[str, str]]:
    """Every CSS variable of the figures with its colours in the light and the dark scheme."""
    table = dict(_PLAIN)
    for prefix, maps, margin in (
        ("--gm-ramp", _RAMP_MAPS, 0.06),
        ("--gm-diverging", _DIVERGING_MAPS, 0.08),
    ):
        for level in range(LEVELS):
            position = margin + (1 - 2 * margin) * level / (LEVELS - 1)
            light, dark = (_sample(name, position) for name in maps)
            table[f"{prefix}-{level}"] = (light, dark)
    return table


def _sample(name: str, position: float) -> str:
    import matplotlib
    from matplotlib.colors import to_hex

    return str(to_hex(matplotlib.colormaps[name](position)))


@functools.cache
def replacements() -> Mapping[str, str]:
    """Sentinel colour -> CSS colour.  Each variable has its light value for pages without ours."""
    css = {FOREGROUND: "currentColor", PAPER: "var(--md-default-bg-color, #ffffff)"}
    roles = {MUTED: "--gm-muted", GRID: "--gm-grid"}
    roles |= {sentinel: f"--gm-{n}" for n, sentinel in enumerate(SERIES, 1)}
    roles |= {sentinel: f"--gm-ramp-{n}" for n, sentinel in enumerate(RAMP)}
    roles |= {sentinel: f"--gm-diverging-{n}" for n, sentinel in enumerate(DIVERGING)}
    for sentinel, variable in roles.items():
        css[sentinel] = f"var({variable}, {variables()[variable][0]})"
    return css


def stylesheet() -> str:
    """CSS that defines the figures' variables for Material's light and dark schemes."""
    blocks = []
    for index, selector in enumerate((":root", '[data-md-color-scheme="slate"]')):
        lines = [f"  {name}: {colours[index]};" for name, colours in variables().items()]
        blocks.append("\n".join([selector + " {", *lines, "}"]))
    return "\n".join(blocks) + "\n"
