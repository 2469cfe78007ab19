"""The pictures of page 4: products of matrices, their singular values, and a net through time."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import sympy as sp
from matplotlib.axes import Axes
from numpy.typing import NDArray

from gradmath.claims import claims
from gradmath.claims.exploding.printed import M, P
from gradmath.claims.exploding.random_products import SIZE
from gradmath.claims.values import Value
from gradmath.dynamics import cached, products, recurrent
from gradmath.figures.palette import FOREGROUND, SERIES
from gradmath.figures.registry import Drawing, Say, figure
from gradmath.figures.style import canvas, label, panel, strip_ticks

Array = NDArray[np.float64]
TENS = float(np.log(10))

FACTORS, DRAWN, SEED = 100, 200, 3
SCALES = (1.0, products.critical_scale(SIZE), 0.4)  # standard deviations: grow, keep, shrink
LONG, FEW = 50, 20  # of the singular values
UNITS, LAGS, DRIVE = 64, 100, 0.3
GAINS = (2.0, 1.2, 0.4)  # of the recurrent nets

DASHES: tuple[Any, ...] = ("-", (0, (6, 2)), (0, (2, 1.6)), (0, (6, 2, 2, 2)))


def _decades(axes: Axes, exponents: range) -> None:
    """Powers of ten on the vertical axis, whose unit is a decade."""
    raised = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
    words = ["1" if n == 0 else "10" + str(n).translate(raised) for n in exponents]
    axes.set_yticks(list(exponents), words)


def _shown(number: float) -> Value:
    """A number to three digits; one that a person chose, as it was written."""
    return Value(sp.Rational(str(number)), digits=3)


def growth(scale: float) -> Array:
    """log10 of the spectral norm of products of fresh matrices, (factors, draws)."""
    drawn = products.fresh(SIZE, FACTORS, DRAWN, scale=scale, seed=SEED)
    return products.log_norms(drawn) / TENS


@functools.cache
def grown() -> tuple[Array, ...]:
    """The same for each of the scales."""
    return tuple(cached(growth)(scale) for scale in SCALES)


def powers() -> Array:
    """log10 of the spectral norm of the powers of the source's matrix."""
    return products.power_norms(np.array(M.matrix, dtype=float), FACTORS) / TENS


@figure(
    "product-growth",
    titles={
        "en": "The norm of products of matrices against the number of factors",
        "zh": "矩阵之积的范数随因子个数的变化",
    },
    alts={
        "en": "Norm on a logarithmic scale against the number of factors, up to {factors}. Products"
        " of fresh random matrices with standard deviation 1 climb in a straight band to about"
        " {top}; with {critical} the band stays level and widens; with {low} it falls"
        " to about {bottom}. Powers of the source's matrix stay near 1. A dot marks"
        " the printed result, far above them, in the rising band.",
        "zh": "对数坐标下的范数随因子个数（至 {factors}）的变化。标准差为 1 的独立随机矩阵之积"
        "沿直线带上升到约 {top}；标准差为 {critical} 时保持水平并逐渐变宽；标准差为 "
        "{low} 时降到约 {bottom}。原文矩阵的幂一直在 1 附近。圆点标出印出的结果，"
        "远高于这些幂，落在上升的带中。",
    },
    captions={
        "en": "The spectral norm of products of fresh 4 × 4 normal matrices: the middle nine tenths"
        " of {draws} products (bands), their median (thick) and the theory nλ₁ (thin). With entries"
        " of standard deviation 1 it gains {rate} decades a factor; with {critical} it keeps its"
        " size; with {low} it vanishes. Powers of the source's M (dots)"
        " hardly move. The disc is the printed result at ten factors: no power of M, but an"
        " ordinary product of fresh matrices.",
        "zh": "独立的 4 × 4 正态矩阵之积的谱范数：{draws} 个乘积的中间九成（色带）、中位数（粗线）"
        "与理论值 nλ₁（细线）。元素标准差为 1 时，每个因子增加 {rate} 个数量级；为 {critical} 时"
        "大小不变；为 {low} 时消失。原文矩阵 M 的幂（点线）几乎不动。"
        "圆盘是印出的结果，位于十个因子处："
        "它不是 M 的幂，却是独立矩阵之积的寻常样子。",
    },
)
def product_growth(say: Say) -> Drawing:
    """Bands, medians and theory over the number of factors."""
    made = canvas(380)
    axes = panel(made, 56, 34, 346, 290)
    count = np.arange(1, FACTORS + 1)
    for norms, scale, colour, dashes in zip(grown(), SCALES, SERIES, DASHES, strict=False):
        low, middle, high = np.quantile(norms, [0.05, 0.5, 0.95], axis=1)
        axes.fill_between(count, low, high, facecolor=colour, alpha=0.2)
        axes.plot(count, middle, color=colour, linestyle=dashes)
        rate = float(products.exponents(SIZE)[0]) + np.log(scale)
        axes.plot(count, count * rate / TENS, color=FOREGROUND, linewidth=0.9)
        up = -4.2 if scale == SCALES[-1] else 3.6
        words = f"s = {_shown(scale).text}"
        label(axes, 62, middle[61] + up, words, color=colour, ha="right")
    axes.plot(count, powers(), color=SERIES[3], linestyle=(0, (1, 1.4)))
    printed = float(np.log10(np.linalg.norm(np.array(P.matrix, dtype=float), 2)))
    axes.plot([10], [printed], "o", color=SERIES[3], markersize=8)
    label(axes, 9, printed + 3.0, "P", color=SERIES[3], ha="center")
    label(axes, 97, -2.6, say("powers of M", "M 的幂"), color=SERIES[3], ha="right")
    axes.set_xlim(0, FACTORS)
    axes.set_ylim(-22, 30)
    _decades(axes, range(-20, 31, 10))
    axes.set_xlabel(say("number of factors", "因子个数"))
    axes.set_title(say("spectral norm of the product", "乘积的谱范数"), pad=12)
    strip_ticks(axes)
    top = claims["lyapunov-top"].values
    values = {
        "factors": Value(FACTORS),
        "draws": Value(DRAWN),
        "rate": Value(float(products.exponents(SIZE)[0]) / TENS, digits=2),
        "critical": top["critical"],
        "low": _shown(SCALES[2]),
        "top": Value(float(10 ** np.median(grown()[0][-1])), digits=1),
        "bottom": Value(float(10 ** np.median(grown()[2][-1])), digits=1),
    }
    return Drawing(made, values)


def spectrum() -> Array:
    """log10 of the singular values of products, their mean over a few draws: (factors, size)."""
    drawn = products.fresh(SIZE, LONG, FEW, seed=SEED)
    return np.asarray(products.log_singular_values(drawn).mean(axis=1) / TENS)


@figure(
    "singular-values-by-depth",
    titles={
        "en": "The four singular values of a product against its number of factors",
        "zh": "乘积的四个奇异值随因子个数的变化",
    },
    alts={
        "en": "Four lines that start together and drift apart in a fan as the number of factors"
        " grows to {factors}: the largest singular value rises, the third hardly, the fourth falls"
        " steeply. Thin straight lines of the theoretical slopes run beside them.",
        "zh": "四条线从一处出发，随因子个数增加到 {factors} 呈扇形散开：最大奇异值上升，"
        "第三个几乎不变，第四个陡降。旁边的细直线是理论斜率。",
    },
    captions={
        "en": "Singular values of products of fresh 4 × 4 matrices with standard normal entries"
        " (geometric means over {draws} products), and lines with the theoretical slopes λ₁ to λ₄"
        " (thin). They fan out: after {factors} factors the second is about {second} of"
        " the first. A long product maps nearly everything onto a single direction.",
        "zh": "元素服从标准正态分布的独立 4 × 4 矩阵之积的奇异值（{draws} 个乘积的几何平均），以及"
        "斜率为 λ₁ 到 λ₄ 的理论直线（细线）。它们呈扇形散开：{factors} 个因子之后，第二个约为第一个"
        "的 {second}。很长的乘积几乎把一切都映到同一个方向上。",
    },
)
def singular_values_by_depth(say: Say) -> Drawing:
    """Four lines and their theoretical slopes."""
    rows, made = cached(spectrum)(), canvas(380)
    axes = panel(made, 56, 34, 316, 290)
    count = np.arange(1, LONG + 1)
    for place, (colour, dashes) in enumerate(zip(SERIES, DASHES, strict=False)):
        line = rows[:, place]
        axes.plot(count, line, color=colour, linestyle=dashes)
        rate = float(products.exponents(SIZE)[place]) / TENS
        axes.plot(count, line[-1] + (count - LONG) * rate, color=FOREGROUND, linewidth=0.9)
        label(axes, LONG + 1, line[-1], f"s{'₁₂₃₄'[place]}", color=colour)
    axes.set_xlim(0, LONG)
    axes.set_ylim(-16, 14)
    _decades(axes, range(-15, 11, 5))
    axes.set_xlabel(say("number of factors", "因子个数"))
    axes.set_title(say("singular values of the product", "乘积的奇异值"), pad=12)
    strip_ticks(axes)
    values = {
        "factors": Value(LONG),
        "draws": Value(FEW),
        "second": Value(float(10 ** (rows[-1, 1] - rows[-1, 0])), digits=1),
    }
    return Drawing(made, values)


@functools.cache
def nets() -> tuple[recurrent.Rollout, ...]:
    """A recurrent net for each gain, all from one seed."""
    return tuple(recurrent.drawn(UNITS, gain, steps=LAGS, seed=0, drive=DRIVE) for gain in GAINS)


@figure(
    "gradient-against-lag",
    titles={
        "en": "The gradient through time of three recurrent nets, against the lag",
        "zh": "三个循环网络随时间的梯度与时间间隔的关系",
    },
    alts={
        "en": "Norm of the derivative of the last state by an earlier one, on a logarithmic scale,"
        " against a lag of up to {lags} steps. With gain {large} it climbs to {large_end}; with"
        " gain {middle} it first rises a little and then falls to {middle_end}; with gain {small}"
        " it plunges to {floor} within {small_lag} steps. Thin lines, the upper bounds, lie above"
        " each of them.",
        "zh": "末状态对较早状态的导数的范数（对数坐标）随时间间隔（至 {lags} 步）的变化。"
        "增益 {large} 时升到 {large_end}；增益 {middle} 时先略升，再降到 {middle_end}；"
        "增益 {small} 时在 {small_lag} 步之内骤降到 {floor}。细线为各自的上界。",
    },
    captions={
        "en": "How strongly the last state of a tanh net of {units} units depends on the state k"
        " steps earlier: the norm of that derivative for three random recurrent matrices that"
        " differ in scale alone, and the bounds ‖W‖ᵏ (thin). With ‖W‖ = {small_norm} the gradient"
        " must vanish. With {middle_norm} the bound allows it to grow, and yet it ends at"
        " {middle_end}: a norm above 1 is not enough. With {large_norm} it explodes.",
        "zh": "{units} 个单元的 tanh 网络，末状态对 k 步之前状态的依赖程度，即相应导数的范数："
        "三个随机循环矩阵只在尺度上不同；细线为上界 ‖W‖ᵏ。‖W‖ = {small_norm} 时梯度必然消失。"
        "‖W‖ = {middle_norm} 时上界允许它增长，但它最终降到 {middle_end}：范数大于 1 还不够。"
        "‖W‖ = {large_norm} 时梯度爆炸。",
    },
)
def gradient_against_lag(say: Say) -> Drawing:
    """Three curves with their bounds."""
    made = canvas(400)
    axes = panel(made, 56, 34, 346, 310)
    lag = np.arange(1, LAGS + 1)
    found = [run.log_norms() / TENS for run in nets()]
    norms = [float(np.linalg.norm(run.weight, 2)) for run in nets()]
    names = ("large", "middle", "small")
    values = {"lags": Value(LAGS), "units": Value(UNITS)}
    places = ((70, 9.4), (66, 1.0), (45, -14.0))
    looks = zip(found, norms, names, GAINS, SERIES, DASHES, places, strict=False)
    for line, norm, name, gain, colour, dashes, (at, height) in looks:
        axes.plot(lag, lag * np.log10(norm), color=colour, linewidth=0.9)
        axes.plot(lag, line, color=colour, linestyle=dashes)
        shown = Value(norm, digits=2)
        label(axes, at, height, f"‖W‖ = {shown.text}", color=colour)
        values |= {
            name: _shown(gain),
            f"{name}_norm": shown,
            f"{name}_end": Value(float(10 ** line[-1]), digits=1),
        }
    floor = -20
    values["floor"] = Value(sp.Rational(1, 10**-floor), digits=1)
    values["small_lag"] = Value(int(np.argmax(found[2] < floor)) + 1)
    axes.set_xlim(0, LAGS)
    axes.set_ylim(-20, 20)
    _decades(axes, range(-20, 21, 10))
    axes.set_xlabel(say("lag k, in steps", "时间间隔 k（步）"))
    axes.set_title(say("norm of the gradient over k steps", "跨 k 步的梯度范数"), pad=12)
    strip_ticks(axes)
    return Drawing(made, values)
