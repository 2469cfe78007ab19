"""A wide random network of sigmoids: what one layer does to the gradient, proved by quadrature."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Final

import mpmath
import sympy as sp

from gradmath.catalogue.gaussian import GaussianMean, Z
from gradmath.claims.again import repeated
from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.enclosed import on_whole_domain
from gradmath.claims.evidence import enclosure
from gradmath.claims.grades import PROVED
from gradmath.claims.relation import at_least, at_most, greater, less
from gradmath.claims.statement import ForAll
from gradmath.claims.symbols import Reals, sigmoid, z
from gradmath.claims.values import Value

PAGE = "vanishing"

HAIR: Final = sp.Rational(1, 10**12)
S = sp.Symbol("s", real=True)
RATE: Final = S * (1 - S)  # ds/dz, proved by the claim on the sigmoid's slope


def by_z(polynomial: sp.Expr, times: int = 1) -> sp.Expr:
    """The derivative by z of a polynomial in s = sigmoid(z), again as such a polynomial."""
    for _ in range(times):
        polynomial = sp.expand(sp.diff(polynomial, S) * RATE)
    return polynomial


def mean(polynomial: sp.Expr, q: sp.Expr, before: sp.Expr = sp.S.One) -> GaussianMean:
    """E before(h) polynomial(sigmoid(h)) for h ~ N(0, q); `before` is written in z."""
    h = sp.sqrt(q) * Z
    return GaussianMean(before.xreplace({z: h}) * polynomial.xreplace({S: sigmoid(h)}))


@functools.cache
def fixed_point() -> sp.Rational:
    """Where q = E sigmoid(h)^2 + 1 with h ~ N(0, q), to 15 decimals; kept on disk."""
    from gradmath.dynamics import cached

    return cached(iterated)()


def iterated() -> sp.Rational:
    """The fixed point by iteration in mpmath."""
    with mpmath.workdps(25):
        q = mpmath.mpf(1)
        for _ in range(12):  # each step is 37 times as near
            held = sp.Rational(str(mpmath.nstr(q, 20)))
            q = mpmath.mpmathify(mean(S**2, held).evalf(20)) + 1
        return sp.Rational(int(mpmath.nint(q * 10**15)), 10**15)


@functools.cache
def _again() -> tuple[float, float]:
    """q and E sigma'(sqrt(q) Z)^2 in doubles: the map repeated until it rests, by SciPy."""
    from scipy.integrate import quad

    def mean(of: Callable[[float], float], q: float) -> float:
        def density(t: float) -> float:
            s = 1 / (1 + math.exp(-math.sqrt(q) * t))
            return of(s) * math.exp(-t * t / 2) / math.sqrt(2 * math.pi)

        return float(quad(density, -12, 12, epsabs=1e-14, epsrel=1e-13, limit=200)[0])

    q = 1.0
    for _ in range(30):  # each step leaves at most a twelfth of the error
        q = 1 + mean(lambda s: s * s, q)
    return q, mean(lambda s: (s * (1 - s)) ** 2, q)


@claim(
    "sigmoid-mean-field-ratio",
    page=PAGE,
    grade=PROVED,
    titles={"en": "A wide sigmoid layer takes four fifths", "zh": "宽 sigmoid 层带走五分之四"},
    statement_text={
        "en": "With weights of variance 1/width and biases of variance 1, the mean square of the "
        "pre-activations of a wide sigmoid network settles at the one q with q = E σ(√q Z)² + 1. "
        "There a layer multiplies the root mean square of the gradient by √(E σ′(√q Z)²), which is "
        "0.20484.",
        "zh": "权重方差为 1/宽度、偏置方差为 1 时，宽 sigmoid 网络预激活值的均方稳定于唯一满足 "
        "q = E σ(√q Z)² + 1 的 q。此时每一层把梯度的均方根乘以 √(E σ′(√q Z)²)，即 0.20484。",
    },
    assumptions={
        "en": "Z ~ N(0, 1). That pre-activations are Gaussian, and the gradient independent of "
        "them, is the mean-field limit of infinite width. q is stated to 10⁻¹², the factor to "
        "10⁻⁹. Only one q: by Gaussian integration by parts the right side changes with q by half "
        "the mean of (σ²)″, so by at most 1/12; for the same reason moving q by 10⁻¹² moves E σ′² "
        "by less than 10⁻¹³.",
        "zh": "Z ~ N(0, 1)。预激活值服从高斯分布、梯度与之独立，是宽度趋于无穷时的平均场极限。q 给"
        "到 10⁻¹²，因子给到 10⁻⁹。q 唯一：由高斯分部积分，右边随 q 的变化率等于 (σ²)″ 均值的一半，"
        "至多 1/12；同理，q 移动 10⁻¹²，E σ′² 的变化小于 10⁻¹³。",
    },
    references=("poole2016", "schoenholz2017"),
)
def sigmoid_mean_field_ratio() -> Case:
    q = fixed_point()
    slope = mean(RATE**2, q)
    ratio = sp.Rational(str(mpmath.nstr(mpmath.sqrt(slope.evalf(25)), 12)))
    error = sp.Rational(1, 10**9)
    bend, flat = (p.xreplace({S: sigmoid(z)}) for p in (by_z(S**2, 2), by_z(RATE**2, 2)))
    below, above = q - HAIR, q + HAIR
    statement = ForAll(
        {
            "settles above": greater(mean(S**2, below) + 1, below),
            "settles below": less(mean(S**2, above) + 1, above),
            "one place only": at_most(bend, sp.Rational(1, 6)),
            "the slopes' mean is flat: above": at_most(flat, sp.Rational(1, 8)),
            "the slopes' mean is flat: below": at_least(flat, -sp.Rational(1, 8)),
            "factor, at least": greater(sp.sqrt(slope), ratio - error),
            "factor, at most": less(sp.sqrt(slope), ratio + error),
        },
        {z: Reals},
        display=(
            r"Z \sim \mathcal{N}(0, 1):",
            r"q = \mathbb{E}\,\sigma(\sqrt{q}\,Z)^2 + 1 \iff",
            rf"q = {Value(q, digits=12).latex} \pm 10^{{-12}},",
            r"\sqrt{\mathbb{E}\,\sigma'(\sqrt{q}\,Z)^2}"
            rf" = {Value(ratio, digits=9).latex} \pm 10^{{-9}},",
            r"(\sigma^2)'' \le \tfrac16, \qquad |(\sigma'^2)''| \le \tfrac18",
        ),
        scope="",
        words=f"q = E sigmoid(sqrt(q) Z)^2 + 1 exactly if q = {float(q):.12f} +- 1e-12; there "
        f"sqrt(E sigmoid'(sqrt(q) Z)^2) = {float(ratio):.9f} +- 1e-9",
    )
    q_one = mean(RATE**2, sp.S.One)
    mistakes = [
        Mistake("the biases left out", "漏掉偏置的方差",
                statement.but(**{"settles above": greater(mean(S**2, below), below)})),
        Mistake("the activations left out: q settles at 1", "漏掉激活值，以为 q 稳定于 1",
                statement.but(**{"settles below": less(
                    mean(S**2, sp.S.One) + 1, sp.S.One)})),
        Mistake("the square bends no more than 1/8", "以为 σ² 的二阶导数至多 1/8",
                statement.but(**{"one place only": at_most(bend, sp.Rational(1, 8))})),
        Mistake("the squared slope bends upwards nowhere", "以为 σ′² 处处不向上弯",
                statement.but(**{"the slopes' mean is flat: above": at_most(flat, 0)})),
        Mistake("the squared slope bends downwards nowhere", "以为 σ′² 处处不向下弯",
                statement.but(**{"the slopes' mean is flat: below": at_least(flat, 0)})),
        Mistake("the factor at q = 1", "取 q = 1 处的因子",
                statement.but(**{"factor, at most": less(sp.sqrt(q_one), ratio + error)})),
        Mistake("the mean slope in place of the root of the mean square", "用斜率的均值代替均方根",
                statement.but(**{"factor, at least": greater(mean(RATE, q), ratio - error)})),
        Mistake("a quarter", "以为是四分之一",
                statement.but(**{"factor, at least": greater(
                    sp.sqrt(slope), sp.Rational(1, 4) - error)})),
    ]  # fmt: skip
    numbers = ("settles above", "settles below", "factor, at least", "factor, at most")
    evidence = [
        enclosure(*numbers),
        on_whole_domain("one place only", "the slopes' mean is flat: above",
                        "the slopes' mean is flat: below"),
    ]  # fmt: skip
    values = {
        "q": Value(q, digits=6, again=lambda: _again()[0]),
        "chi": Value(slope, digits=4, again=lambda: _again()[1]),
        "ratio": Value(ratio, digits=5, again=lambda: math.sqrt(_again()[1])),
        "ten": Value(ratio**10, digits=2, again=repeated(ratio, 10)),
        "thirty": Value(ratio**30, digits=2, again=repeated(ratio, 30)),
    }
    return Case(statement, evidence, mistakes, values)
