"""The pictures of page 2: the computation as a graph, the loss and its gradient as matrices."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Rectangle
from numpy.typing import NDArray

from gradmath.catalogue.applied import explicit
from gradmath.claims.derivations import DERIVATIONS
from gradmath.claims.values import Value
from gradmath.dynamics import entries, one_of_each
from gradmath.figures.palette import DIVERGING, FOREGROUND, GRID, MUTED, PAPER, RAMP, SERIES
from gradmath.figures.registry import Drawing, Say, figure
from gradmath.figures.style import SMALL, blank, canvas, formula, level_of, panel, strip_ticks
from gradmath.functions import activations, losses
from gradmath.network import Dense, Network
from gradmath.notation import latex, name_latex

Array = NDArray[np.float64]

# The example by hand: each weight 2, each bias -1, input 1/2, target 1.
_GIVEN = {"x": sympy.Rational(1, 2), "y": 1, "w1": 2, "b1": -1, "w2": 2, "b2": -1}
# Where each name stands, in units from the top left corner.
_PLACES = {
    "w1": (68, 34), "x": (205, 34), "b1": (342, 34),
    "z1": (205, 150),
    "w2": (68, 254), "a1": (205, 254), "b2": (342, 254),
    "z2": (205, 370),
    "a2": (205, 474), "y": (342, 474),
    "L": (205, 578),
}  # fmt: skip
_HEIGHT, _BOX = 612, (128, 50)


@dataclass(frozen=True)
class Edge:
    """One edge of the graph with its local derivative, as a formula and as a number."""

    start: str
    end: str
    formula: sympy.Expr | None
    number: sympy.Expr | None


@dataclass(frozen=True)
class Graph:
    """The graph of a derivation: the number in every node, the edges, and dL by every node."""

    numbers: dict[str, sympy.Expr]
    edges: tuple[Edge, ...]
    adjoints: dict[str, sympy.Expr]


@functools.cache
def graph() -> Graph:
    """The two-layer example: nodes and edges as the derivation has them, numbers put in."""
    derivation: Any = DERIVATIONS["two-layer"]()
    symbols = derivation.symbols
    numbers = {name: sympy.sympify(_GIVEN[name]) for name in derivation.inputs}

    def at(expression: sympy.Expr) -> sympy.Expr:
        return explicit(expression).subs({symbols[name]: value for name, value in numbers.items()})

    for name, right in derivation.equations.items():
        numbers[name] = at(right)
    steps = [step for step in derivation.steps if step.kind == "local"]
    local = {(step.by, step.of): step.expression for step in steps}
    edges = []
    for end, right in derivation.equations.items():
        for start in sorted(map(str, right.free_symbols)):
            rule = local.get((start, end))
            edges.append(Edge(start, end, rule, None if rule is None else at(rule)))
    # Backwards: the adjoint of a node is the sum over its outgoing edges.
    adjoints: dict[str, sympy.Expr] = {derivation.output: sympy.S.One}
    for edge in reversed(edges):
        if edge.number is not None:
            before = adjoints.get(edge.start, sympy.S.Zero)
            adjoints[edge.start] = before + adjoints[edge.end] * edge.number
    return Graph(numbers, tuple(edges), adjoints)


@figure(
    "computation-graph",
    titles={
        "en": "Two layers as a graph, with a local derivative on every edge",
        "zh": "两层网络的计算图，每条边上是局部导数",
    },
    alts={
        "en": "A graph that runs downwards: x, w₁ and b₁ lead to z₁, z₁ to a₁, then a₁, w₂ and b₂"
        " to z₂, z₂ to a₂, and a₂ and the target y to the loss L. Each node shows its value, each"
        " edge its local derivative, and each node also shows the derivative of L with respect to"
        " it, from {dw2} for w₂ to {dw1} for w₁.",
        "zh": "自上而下的图：x、w₁、b₁ 通向 z₁，z₁ 通向 a₁，a₁、w₂、b₂ 通向 z₂，z₂ 通向 a₂，a₂ 与"
        "目标 y 通向损失 L。节点中是值，边上是局部导数，节点中还有 L 对它的导数，从 w₂ 的 {dw2} "
        "到 w₁ 的 {dw1}。",
    },
    captions={
        "en": "Two neurons in a row as a graph. In each node its value, on each edge the local"
        " derivative of its end with respect to its beginning; below the value, in colour, the"
        " derivative of the loss with respect to the node, which is the product of the"
        " numbers on the way to L. From w₂ that is {dw2}, from w₁, one layer further away, {dw1}.",
        "zh": "前后相连的两个神经元的计算图。节点中是值，边上是终点对起点的局部导数；值下方的彩色"
        "算式是损失对该节点的导数，等于通往 L 的路上各数之积。从 w₂ 出发是 {dw2}；从再远一层的 w₁"
        " 出发是 {dw1}。",
    },
)
def computation_graph(say: Say) -> Drawing:
    """The graph, downwards; there are no words in it."""
    made = canvas(_HEIGHT)
    axes = blank(made, 0, 0, 420, _HEIGHT)
    for edge in graph().edges:
        _draw_edge(axes, edge)
    for name, number in graph().numbers.items():
        _draw_node(axes, name, number)
    values = {f"d{name}": Value(adjoint) for name, adjoint in graph().adjoints.items()}
    return Drawing(made, values, outlined=True)


def _at(name: str) -> tuple[float, float]:
    x, y = _PLACES[name]
    return float(x), float(_HEIGHT - y)


def _draw_node(axes: Axes, name: str, number: sympy.Expr) -> None:
    (x, y), (width, height) = _at(name), _BOX
    adjoint = graph().adjoints.get(name)
    axes.add_patch(
        FancyBboxPatch(
            (x - width / 2, y - height / 2), width, height, boxstyle="round,pad=0,rounding_size=8",
            facecolor=PAPER, edgecolor=MUTED if adjoint is None else FOREGROUND, linewidth=1.3,
            zorder=4,
        )
    )  # fmt: skip
    second = adjoint is not None and name != "L"
    formula(axes, x, y + (11 if second else 0), f"{name_latex(name)} = {number}", size=17)
    if second:
        line = rf"\partial L/\partial {name_latex(name)} = {adjoint}"
        formula(axes, x, y - 11, line, size=14, colour=SERIES[1])


def _draw_edge(axes: Axes, edge: Edge) -> None:
    (x0, y0), (x1, y1) = _at(edge.start), _at(edge.end)
    half = _BOX[1] / 2
    start, end = (x0, y0 - half), (x1 + (x0 - x1) * 0.26, y1 + half)
    axes.add_patch(
        FancyArrowPatch(
            start, end, arrowstyle="-|>", mutation_scale=12, linewidth=1.3, color=MUTED,
            shrinkA=0, shrinkB=1, zorder=2,
        )
    )  # fmt: skip
    if edge.formula is None or edge.number is None:
        return  # the target is given: nothing is derived by it
    text = latex(edge.formula)
    if not edge.formula.is_number:
        text += f" = {edge.number}"
    middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2 + 2)
    short = edge.formula.is_number or edge.formula.is_Symbol
    if short:  # on the edge itself
        formula(axes, *middle, text, size=16, colour=SERIES[0], plate=True)
    else:  # beside an edge that runs straight down
        formula(axes, x0 - 10, middle[1], text, size=16, colour=SERIES[0], ha="right")


# The weight looked at belongs to the pixel in row 3, column 4 (from 0), near the centre.
_PIXEL, _SEED = 28, 0


@dataclass(frozen=True)
class Matrices:
    """Entries l_ij and their derivatives with respect to the weight from one pixel to output j."""

    loss: Array
    gradient: Array


@functools.cache
def matrices() -> Matrices:
    """A layer of ten sigmoid neurons as drawn at the start, on one image of each digit."""
    layer = Dense(10, activations["sigmoid"])
    network = Network(inputs=64, layers=[layer], loss=losses["squared_error"])
    params = network.init(seed=_SEED, dtype="float64", scheme="xavier")
    x, y = one_of_each(_SEED)
    loss, adjoint = entries(x @ params["W1"].T + params["b1"], y)
    return Matrices(loss, adjoint * x[:, [_PIXEL]])


@figure(
    "loss-and-gradient-matrices",
    titles={
        "en": "The loss, entry by entry, and its derivatives with respect to one pixel's weights",
        "zh": "逐元的损失，以及它对同一像素各权重的导数",
    },
    alts={
        "en": "Two heat maps of ten rows (images of the digits 0 to 9) and ten columns (outputs)."
        " Above, the loss entries, never negative, largest {largest}. Below, the derivatives:"
        " {negative} negative ones, on the diagonal, {positive} positive ones elsewhere and"
        " {zero} zeros in the rows of images without ink at that pixel.",
        "zh": "两幅十行（数字 0 到 9 的图像）十列（输出）的热图。上：损失元素，都不为负，最大为"
        " {largest}。下：导数，对角线上有 {negative} 个负值，别处有 {positive} 个正值；像素处没有"
        "墨迹的图像所在的行有 {zero} 个零。",
    },
    captions={
        "en": "A layer of ten sigmoid neurons with random weights (Xavier), on one image of each"
        " digit. Above, the loss entries between output j and its target (1 on the diagonal, 0"
        " elsewhere): squares, without a sign. Below, the derivative of each entry with respect to"
        " the weight from one pixel near the centre to output j. {negative} entries are negative"
        " and ask for a larger weight, {positive} are positive and ask for a smaller one. Rows of"
        " zeros"
        " belong to images with no ink at that pixel, however large their loss.",
        "zh": "由十个 sigmoid 神经元组成的一层，权重随机（Xavier 初始化），作用于每个数字的一幅图"
        "像。上：输出 j 与目标（对角线上为 1，别处为 0）之间的损失元素：都是平方，没有符号。下："
        "每个元素对“中央附近一个像素到输出 j 的权重”的导数。{negative} 个元素为负，要求增大权重；"
        "{positive} 个为正，要求减小权重。整行为零的图像在该像素处没有墨迹，不论损失多大。",
    },
)
def loss_and_gradient_matrices(say: Say) -> Drawing:
    """Two heat maps below each other, with the sign of each derivative."""
    data = matrices()
    made = canvas(720)
    loss_edges = np.linspace(0, _round_up(data.loss.max()), len(RAMP) + 1)
    reach = _round_up(np.abs(data.gradient).max())
    gradient_edges = np.linspace(-reach, reach, len(DIVERGING) + 1)
    titles = (
        say("loss entries lᵢⱼ", "损失元素 lᵢⱼ"),
        say("derivatives ∂lᵢⱼ/∂Wⱼₖ, pixel k", "导数 ∂lᵢⱼ/∂Wⱼₖ（像素 k）"),
    )
    tables = (
        (34, data.loss, loss_edges, RAMP, titles[0]),
        (396, data.gradient, gradient_edges, DIVERGING, titles[1]),
    )
    for place, table, edges, colours, title in tables:
        axes = panel(made, 60, place, 260, 260)
        axes.grid(False)
        levels = level_of(table, edges)
        for (row, column), level in np.ndenumerate(levels):
            axes.add_patch(
                Rectangle(
                    (column, row), 1, 1, facecolor=colours[level], edgecolor=GRID, linewidth=0.5
                )
            )
            if colours is DIVERGING and table[row, column] != 0:
                sign = "+" if table[row, column] > 0 else "−"
                ink = PAPER if level in (0, len(colours) - 1) else FOREGROUND
                axes.text(column + 0.5, row + 0.5, sign, ha="center", va="center", color=ink)
        axes.set_xlim(0, 10)
        axes.set_ylim(10, 0)
        axes.set_xticks(np.arange(10) + 0.5, [str(j) for j in range(10)])
        axes.set_yticks(np.arange(10) + 0.5, [str(i) for i in range(10)])
        strip_ticks(axes)
        axes.set_ylabel(say("image i", "图像 i"))
        axes.set_xlabel(say("output j", "输出 j"))
        axes.set_title(title, pad=10)
        _scale(axes, edges, colours)
    values = {
        "largest": Value(float(data.loss.max()), digits=2),
        "negative": Value(int(np.count_nonzero(data.gradient < 0))),
        "positive": Value(int(np.count_nonzero(data.gradient > 0))),
        "zero": Value(int(np.count_nonzero(data.gradient == 0))),
    }
    return Drawing(made, values)


def _round_up(value: float) -> float:
    """The next multiple of 0.09, so that nine levels have ends of two decimals."""
    return 0.09 * float(np.ceil(value / 0.09))


def _scale(axes: Axes, edges: Array, colours: tuple[str, ...]) -> None:
    """The colour scale to the right of a heat map, one box a level."""
    height = 10 / len(colours)
    for level, colour in enumerate(colours):
        low = 10 - level * height
        axes.add_patch(
            Rectangle(
                (10.7, low - height),
                0.8,
                height,
                facecolor=colour,
                edgecolor=GRID,
                linewidth=0.5,
                clip_on=False,
            )
        )
    for index in range(0, len(edges), 3):
        words = f"{edges[index]:.2g}".replace("-", "−")
        axes.text(11.8, 10 - index * height, words, va="center", size=SMALL)
