"""The pictures of the performance page: drawn from the record of the benchmarks alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes

from gradmath.claims.performance.goals import GROWTH, exponent
from gradmath.claims.performance.names import name
from gradmath.claims.performance.record import (
    FULL,
    LIMIT,
    REDUCED,
    SIZES,
    Recording,
    recording,
)
from gradmath.claims.values import Value
from gradmath.figures.palette import FOREGROUND, MUTED, SERIES
from gradmath.figures.registry import Drawing, Say, figure
from gradmath.figures.style import SMALL, canvas, panel, strip_ticks

DOUBLE = "float64"
_SUPERSCRIPT = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_MARKERS = ("o", "s", "^")
_ROW = 21
_DASHES: tuple[Any, ...] = ("-", (0, (6, 2)), (0, (2, 1.6)), (0, (6, 2, 2, 2)), "-", (0, (1, 1.2)))


def power(exponent: int) -> str:
    """A power of ten as a tick says it."""
    return {0: "1", 1: "10"}.get(exponent, "10" + str(exponent).translate(_SUPERSCRIPT))


def decades(axes: Axes, which: str, low: float, high: float) -> None:
    """A logarithmic axis over these numbers, a tick for each power of ten, or every second one."""
    import math

    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    step = 1 if last - first <= 6 else 2
    ticks = range(first, last + 1, step)
    getattr(axes, f"set_{which}scale")("log")
    getattr(axes, f"set_{which}ticks")([10.0**n for n in ticks], [power(n) for n in ticks])
    getattr(axes, f"set_{which}lim")(10.0**first, 10.0**last)
    axes.minorticks_off()


@figure(
    "time-per-element",
    titles={
        "en": "Time for each element, everybody on one thread",
        "zh": "每个元素所需的时间（单线程）",
    },
    alts={
        "en": "Two panels, the full map above and means below. A row for each contender, a mark"
        " for each size of the arrays, on a logarithmic scale of the time for each element, in"
        " double precision. In the largest full map our native backend needs {native}, our NumPy"
        " backend {numpy}, the fastest peer {best}, and the memory alone {limit}.",
        "zh": "两幅图：上为完整映射，下为求平均。每个参与者一行，每种数组大小一个记号；横轴为每个"
        "元素的纳秒数，对数刻度，双精度。最大的完整映射中，本机后端需要 {native}，NumPy 后端需要 "
        "{numpy}，最快的对手需要 {best}，仅内存就需要 {limit}。",
    },
    captions={
        "en": "Medians in double precision, farther left is faster; each contender with the"
        " allocation that suits it best, and a line from quartile to quartile where it is longer"
        " than its mark. Above the four arrays of the full map, below the three means.",
        "zh": "双精度中位数，越靠左越快；每个参与者取最适合它的内存分配方式，四分位之间的线长于记"
        "号时才可见。上为完整映射的四个数组，下为三个平均值。",
    },
)
def time_per_element(say: Say) -> Drawing:
    """A panel for each mode, a row for each contender."""
    record = recording()
    names = list(record.contenders)
    height = _ROW * len(names)
    made = canvas(2 * height + 184)
    words = {FULL: say("full map", "完整映射"), REDUCED: say("means", "平均值")}
    for place, mode in enumerate((FULL, REDUCED)):
        axes = panel(made, 146, 74 + place * (height + 54), 258, height)
        _rows(axes, record, mode, names, say)
        axes.set_title(words[mode], pad=8)
    axes.set_xlabel(say("nanoseconds for each element", "每个元素的纳秒数"))
    first = made.axes[0]
    handles = [
        first.plot([], [], marker, color=FOREGROUND, markersize=7, label=_size(size))[0]
        for marker, size in zip(_MARKERS, SIZES, strict=True)
    ]
    made.legend(
        handles=handles, loc="upper center", ncols=3, frameon=False, fontsize=SMALL,
        title=say("elements", "元素个数"), title_fontsize=SMALL, handletextpad=0.2,
    )  # fmt: skip
    return Drawing(made, _told(record))


def _size(size: int) -> str:
    import math

    return power(round(math.log10(size)))


def _rows(axes: Axes, record: Recording, mode: str, names: Sequence[str], say: Say) -> None:
    low, high = [], []
    for row, who in enumerate(names):
        own = record.contenders[who].ours
        colour = SERIES[0] if own else MUTED if who == LIMIT else SERIES[1]
        for marker, size in zip(_MARKERS, SIZES, strict=True):
            cell = record.fastest(who, mode, size, DOUBLE)
            scale = 1e9 / size
            ends = [cell.low * scale, cell.high * scale]
            axes.plot(ends, [row, row], color=colour, linewidth=2)
            axes.plot(cell.nanoseconds, row, marker, color=colour, markersize=7)
            low.append(ends[0])
            high.append(ends[1])
    strip_ticks(axes)
    axes.set_yticks(range(len(names)), [say(name(who, "en"), name(who, "zh")) for who in names])
    axes.set_ylim(len(names) - 0.4, -0.6)
    decades(axes, "x", min(low), max(high))


def _told(record: Recording) -> dict[str, Value]:
    task = (FULL, SIZES[-1], DOUBLE)
    best = min((record.fastest(who, *task) for who in record.peers), key=lambda c: c.median)

    def nanoseconds(cell: Any) -> Value:
        return Value(cell.nanoseconds, digits=2, unit="ns")

    return {
        "native": nanoseconds(record.fastest("native", *task)),
        "numpy": nanoseconds(record.fastest("numpy", *task)),
        "limit": nanoseconds(record.fastest(LIMIT, *task)),
        "best": nanoseconds(best),
    }


def _ladder(axes: Axes, record: Recording, kind: str, climbers: Sequence[str], say: Say) -> None:
    """Seconds against depth, a line for each; a single rung is a mark."""
    depths: list[int] = []
    seconds: list[float] = []
    for place, who in enumerate(climbers):  # the place decides the look, in every panel
        rungs = record.ladder(kind, who)
        if not rungs:
            continue
        xs, ys = zip(*rungs, strict=True)
        axes.plot(
            xs, ys, color=SERIES[place % len(SERIES)], linestyle=_DASHES[place % len(_DASHES)],
            marker="o", markersize=4, label=say(name(who, "en"), name(who, "zh")),
        )  # fmt: skip
        depths += xs
        seconds += ys
    decades(axes, "y", min(seconds), max(seconds))
    decades(axes, "x", min(depths), max(depths))
    strip_ticks(axes)


def _legend(axes: Axes) -> None:
    axes.legend(
        loc="upper center", bbox_to_anchor=(0.46, -0.2), ncols=2, frameon=False, fontsize=SMALL,
        handlelength=2.6, columnspacing=1.2,
    )  # fmt: skip


@figure(
    "chain-times",
    titles={
        "en": "Chains of layers: compiling and running",
        "zh": "层链：编译与运行",
    },
    alts={
        "en": "Two panels with seconds against the number of layers, both scales logarithmic."
        " Above, compiling: ours for NumPy rises with exponent {exponent} and takes {longest} at"
        " {deepest} layers. Below, one run on {samples} samples.",
        "zh": "两幅图，纵轴为秒，横轴为层数，均为对数刻度。上：编译，NumPy 后端以指数 {exponent} "
        "增长，{deepest} 层时为 {longest}。下：在 {samples} 个样本上运行一次。",
    },
    captions={
        "en": "Sigmoid neurons one after the other, gradients by every weight and bias, double"
        " precision. Above, the time from the equations to the first result, less that of a second"
        " call; below, one call that gives the mean loss and its gradients on {samples} samples. A"
        " line ends where the next depth would have taken longer than we were prepared to wait.",
        "zh": "sigmoid 神经元首尾相接，对每个权重与偏置求梯度，双精度。上：从方程到首个结果的时"
        "间，减去第二次调用的时间；下：在 {samples} 个样本上求平均损失及其梯度的一次调用。线在下一"
        "深度超出等待时限处结束。",
    },
)
def chain_times(say: Say) -> Drawing:
    """Compiling above, running below."""
    record = recording()
    made = canvas(724)
    layers = say("layers", "层数")
    titles = {
        "compile": say("derive and compile: seconds", "求导并编译：秒"),
        "run": say("one run: seconds", "运行一次：秒"),
    }
    climbers = list(dict.fromkeys(who for kind in titles for who in record.climbers(kind)))
    for place, (kind, words) in enumerate(titles.items()):
        axes = panel(made, 58, 40 + 352 * place, 346, 210)
        _ladder(axes, record, kind, climbers, say)
        axes.set_title(words, pad=10)
        axes.set_xlabel(layers)
        _legend(axes)
    ours = record.ladder("compile", "numpy")
    values = {
        "exponent": Value(exponent(ours, *GROWTH), digits=3),
        "longest": Value(ours[-1][1], digits=2, unit="s"),
        "deepest": Value(ours[-1][0]),
        "samples": Value(int(record.settings["chain_samples"])),
    }
    return Drawing(made, values)


@figure(
    "derivation-times",
    titles={
        "en": "Deriving the gradients of a chain",
        "zh": "推导层链的梯度",
    },
    alts={
        "en": "Seconds against the number of layers, both scales logarithmic. Ours rises with"
        " exponent {exponent} to {longest} at {deepest} layers. SymPy takes {sympy} at"
        " {sympy_depth} layers and SymEngine {symengine} at {symengine_depth}, and both rise far"
        " more steeply.",
        "zh": "纵轴为秒，横轴为层数，均为对数刻度。我们的以指数 {exponent} 增长，{deepest} 层时为 "
        "{longest}。SymPy 在 {sympy_depth} 层时需 {sympy}，SymEngine 在 {symengine_depth} 层时需 "
        "{symengine}，两者都陡得多。",
    },
    captions={
        "en": "The time to all gradients as formulas. SymPy and SymEngine differentiate the"
        " substituted loss by each weight and bias; gm.derive keeps the steps of the chain rule."
        " The last depths of the two measured here were {sympy_depth} and {symengine_depth} "
        "layers.",
        "zh": "得到全部梯度公式所需的时间。SymPy 与 SymEngine 把代入后的损失对每个权重和偏置求导；"
        "gm.derive 保留链式法则的各步。两者在此测到的最后深度为 {sympy_depth} 层与 "
        "{symengine_depth} 层。",
    },
)
def derivation_times(say: Say) -> Drawing:
    """One panel."""
    record = recording()
    made = canvas(400)
    axes = panel(made, 58, 40, 346, 240)
    _ladder(axes, record, "derive", record.climbers("derive"), say)
    axes.set_title(say("seconds to the gradients", "得到梯度所需的秒数"), pad=10)
    axes.set_xlabel(say("layers", "层数"))
    _legend(axes)
    ours = record.ladder("derive", "gradmath")
    values = {
        "exponent": Value(exponent(ours, *GROWTH), digits=3),
        "longest": Value(ours[-1][1], digits=2, unit="s"),
        "deepest": Value(ours[-1][0]),
    }
    for who in ("sympy", "symengine"):
        depth, seconds = record.ladder("derive", who)[-1]
        values |= {who: Value(seconds, digits=2, unit="s"), f"{who}_depth": Value(depth)}
    return Drawing(made, values)
