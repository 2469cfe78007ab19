"""The first correction in 1/width to the mean-field factor, and the networks that measure it."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import sympy as sp

from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.grades import MEASURED
from gradmath.claims.simulated import Mean, Simulated, Simulation
from gradmath.claims.symbols import z
from gradmath.claims.values import Value
from gradmath.claims.vanishing.mean_field import PAGE, RATE, S, by_z, fixed_point, mean

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WIDTHS: Final[Mapping[int, int]] = {32: 480, 64: 240, 128: 120}  # width: networks drawn
HALF_WIDTH: Final = 0.01  # of the interval around each measured mean, fixed in advance
WARM, TAKEN, LAST = 2, 20, 2  # layers before, in and after those that are measured
SEED: Final = 20150107


@dataclass(frozen=True)
class Moments:
    """The Gaussian means of which the correction is made, as numbers of any kind.

    forward1, forward2: E (sigma^2)'' / 2 and E (sigma^2)'''' / 4, the derivatives of E sigma^2 by
    q; chi1, chi2 likewise for chi = E sigma'^2.  Below, s and d stand for sigma(h) and sigma'(h).
    """

    q: sp.Expr
    chi: sp.Expr
    forward1: sp.Expr
    forward2: sp.Expr
    chi1: sp.Expr
    chi2: sp.Expr
    s4: sp.Expr
    d4: sp.Expr
    d2s2: sp.Expr
    h2d2: sp.Expr
    hds: sp.Expr

    def correction(self) -> sp.Expr:
        r"""The c in E log(|delta_(k-1)|^2 / |delta_k|^2) = log chi + c/N + ...

        Given the layer's pre-activations h' = W a + b, the weights are known along a and free
        across it; so the vector W^T delta is Gaussian with covariance |delta|^2/N across a, and
        along a it is a (u . delta)/|a|^2 with u = h' - b.  Given h', u is Gaussian with mean rho h'
        and variance v.  With m = E d^2 s^2, Q = E s^2 = q - 1 and T = E (h . delta)^2 / |delta|^2
        this gives the mean of the quotient; T solves a linear equation of the same kind.  The mean
        square Q of a layer of N units fluctuates with variance V/N.  Taking the logarithm subtracts
        half of the relative variance.
        """
        Q = self.q - 1
        rho, v = Q / self.q, Q / self.q
        share = self.hds**2 / Q**2
        T = (self.h2d2 - self.hds**2 / Q + share * v) / (self.chi - share * rho**2)
        V = (self.s4 - Q**2) / (1 - self.forward1**2)
        moved = self.forward2 * V / (2 * (1 - self.forward1))
        along = self.d2s2 / Q**2 * (v + rho**2 * T) - self.d2s2 / Q
        first = self.chi1 * moved + self.chi2 * V / 2 + along
        scatter = 3 * self.d4 - self.chi**2 + self.chi1**2 * V
        return first / self.chi - scatter / (2 * self.chi**2)


@functools.cache
def exact_moments() -> Moments:
    """The moments by quadrature of the expressions themselves; kept on disk."""
    from gradmath.dynamics import cached

    return cached(integrated)()


def integrated() -> Moments:
    """The moments by mpmath's quadrature of the same expressions that Arb encloses elsewhere."""
    q, h = fixed_point(), z
    means: dict[str, sp.Expr] = dict(  # noqa: C408 - the names are those of the class
        q=q,
        chi=mean(RATE**2, q),
        forward1=mean(by_z(S**2, 2), q) / 2,
        forward2=mean(by_z(S**2, 4), q) / 4,
        chi1=mean(by_z(RATE**2, 2), q) / 2,
        chi2=mean(by_z(RATE**2, 4), q) / 4,
        s4=mean(S**4, q),
        d4=mean(RATE**4, q),
        d2s2=mean(RATE**2 * S**2, q),
        h2d2=mean(RATE**2, q, h**2),
        hds=mean(RATE * S, q, h),
    )
    return Moments(**{name: sp.Float(found.evalf(20), 20) for name, found in means.items()})


@functools.cache
def moments_again() -> Moments:
    """The same by Gauss-Hermite quadrature, and differences in q for the derivatives by q."""
    import numpy as np

    nodes, weights = np.polynomial.hermite_e.hermegauss(180)
    weights = weights / weights.sum()

    def of(q: float, power_h: int, power_d: int, power_s: int) -> float:
        h = math.sqrt(q) * nodes
        s = 1 / (1 + np.exp(-h))
        return float(weights @ (h**power_h * (s * (1 - s)) ** power_d * s**power_s))

    q = 1.0
    for _ in range(40):
        q = of(q, 0, 0, 2) + 1

    def differences(power_d: int, power_s: int) -> tuple[float, float]:
        """First and second derivative by q, from seven values around it."""
        step = 0.02
        around = [of(q + k * step, 0, power_d, power_s) for k in range(-3, 4)]
        first = np.dot([-1, 9, -45, 0, 45, -9, 1], around) / (60 * step)
        second = np.dot([2, -27, 270, -490, 270, -27, 2], around) / (180 * step**2)
        return float(first), float(second)

    (forward1, forward2), (chi1, chi2) = differences(0, 2), differences(2, 0)
    numbers: dict[str, float] = dict(  # noqa: C408 - the names are those of the class
        q=q, chi=of(q, 0, 2, 0), forward1=forward1, forward2=forward2, chi1=chi1, chi2=chi2,
        s4=of(q, 0, 0, 4), d4=of(q, 0, 4, 0), d2s2=of(q, 0, 2, 2), h2d2=of(q, 2, 2, 0),
        hds=of(q, 1, 1, 1),
    )  # fmt: skip
    return Moments(**{name: sp.Float(number, 17) for name, number in numbers.items()})


def log_factors(width: int, networks: int, seed: int = SEED) -> NDArray[np.float64]:
    """For each of so many networks, the mean over layers of log(|delta_(k-1)|^2 / |delta_k|^2).

    Weights N(0, 1/width), biases N(0, 1), drawn by PCG64; the first pre-activations are drawn from
    their law at infinite width, the last signal is normal.
    """
    import numpy as np

    rng = np.random.Generator(np.random.PCG64([seed, width]))
    depth = WARM + TAKEN + LAST
    found = []
    for start in range(0, networks, _BLOCK):
        count = min(_BLOCK, networks - start)
        h = math.sqrt(float(fixed_point())) * rng.standard_normal((count, width))
        weights, slopes = [], []
        for _ in range(depth):
            s = 1 / (1 + np.exp(-h))
            slopes.append(s * (1 - s))
            weights.append(rng.standard_normal((count, width, width)) / math.sqrt(width))
            h = np.matmul(weights[-1], s[:, :, None])[:, :, 0] + rng.standard_normal((count, width))
        s = 1 / (1 + np.exp(-h))
        delta = rng.standard_normal((count, width)) * s * (1 - s)
        sizes = [np.log(np.sum(delta**2, axis=1))]
        for matrix, slope in zip(reversed(weights), reversed(slopes), strict=True):
            delta = np.matmul(delta[:, None, :], matrix)[:, 0, :] * slope
            sizes.append(np.log(np.sum(delta**2, axis=1)))
        found.append((sizes[LAST + TAKEN] - sizes[LAST]) / TAKEN)
    return np.concatenate(found)


_BLOCK = 40  # networks at a time


@functools.cache
def drawn(width: int) -> NDArray[np.float64]:
    """The draws of one width, kept on disk."""
    from gradmath.dynamics import cached

    return cached(log_factors)(width, WIDTHS[width])


def _typical(logs: NDArray[np.float64]) -> float:
    """The geometric mean of the factors on lengths, by their product: no logarithm in sight."""
    import numpy as np

    return float(np.prod(np.exp(logs / (2 * len(logs)))))


@claim(
    "mean-field-on-real-widths",
    page=PAGE,
    grade=MEASURED,
    titles={"en": "The factor on networks of real width", "zh": "真实宽度下的因子"},
    statement_text={
        "en": "In random sigmoid networks of 32, 64 and 128 units the mean logarithm of the factor "
        "by which a layer multiplies the squared gradient is log χ + c/N: the value for infinite "
        "width, and a correction in 1/N whose constant is computed as well.",
        "zh": "在宽度为 32、64、128 的随机 sigmoid 网络中，一层把梯度的平方乘以一个因子，"
        "其对数的均值为 log χ + c/N：宽度无穷大时的值，加上一个 1/N 修正，常数 c 也由计算得出。",
    },
    assumptions={
        "en": "Weights N(0, 1/N), biases N(0, 1), one input; the mean over 20 layers of each "
        "network, with two before and after them; 480, 240 and 120 networks. Terms in 1/N² are "
        "left out; the intervals, of half-width 0.01, were fixed before the run and hold the "
        "theory without them.",
        "zh": "权重 N(0, 1/N)，偏置 N(0, 1)，单个输入；每个网络取 20 层的平均，前后各另有两层；"
        "网络数分别为 480、240、120。略去 1/N² 项；区间半宽 0.01 在运行前定下，不含这些项的理论值"
        "落在区间之内。",
    },
    references=("schoenholz2017",),
)
def mean_field_on_real_widths() -> Case:
    moments = exact_moments()
    chi, c = moments.chi, moments.correction()

    def again(width: int) -> float:
        second = moments_again()
        return float(sp.log(second.chi) + second.correction() / width)

    def at(width: int) -> Mean:
        theory = sp.log(chi) + c / width
        return Mean(theory, lambda: drawn(width), HALF_WIDTH, lambda: again(width))

    parts = {f"width {width}": at(width) for width in WIDTHS}
    shown = Value(c, digits=4, again=lambda: moments_again().correction())
    numbers = rf"\chi \approx {Value(chi, digits=6).latex}, \quad c \approx {shown.latex}"
    statement = Simulated(
        parts,
        formula=r"\begin{gathered} \mathbb{E}\,\log\frac{\|\delta_{k-1}\|^2}{\|\delta_k\|^2}"
        r" = \log \chi + \frac{c}{N} + O(N^{-2}), \\[0.6ex]" + numbers + r"\end{gathered}",
        words=f"E log(|delta_(k-1)|^2 / |delta_k|^2) = log chi + c/N, chi = {float(chi):.6f}, "
        f"c = {float(c):.4f}, for N = 32, 64, 128",
    )

    def everywhere(of: sp.Expr, correction: sp.Expr = c) -> Simulated:
        return statement.but(**{f"width {n}": sp.log(of) + correction / n for n in WIDTHS})

    mean_slope = mean(RATE, moments.q)
    mistakes = [
        Mistake("the square of the mean slope for the mean square", "用斜率均值的平方代替均方",
                everywhere(mean_slope**2)),
        Mistake("the largest slope everywhere", "以为处处取最大斜率",
                everywhere(sp.Rational(1, 16))),
        Mistake("pre-activations of variance 1", "以为预激活值的方差为 1",
                everywhere(mean(RATE**2, sp.S.One))),
        Mistake("the activations' mean square in place of the slopes'",
                "用激活值的均方代替斜率的均方",
                everywhere(mean(S**2, moments.q))),
        Mistake("no correction for the width", "不作宽度修正",
                everywhere(chi, sp.S.Zero)),
        Mistake("the correction with the other sign", "修正的符号写反",
                everywhere(chi, -c)),
        Mistake("the logarithm of the mean for the mean of the logarithm",
                "用均值的对数代替对数的均值",
                everywhere(chi, c + (3 * moments.d4 - chi**2) / (2 * chi**2))),
    ]  # fmt: skip
    values = {"correction": shown, "chi": Value(chi, digits=4, again=lambda: moments_again().chi)}
    for width in WIDTHS:
        measured = float(drawn(width).mean())
        values[f"measured_{width}"] = Value(
            math.exp(measured / 2), digits=4, again=_typical(drawn(width))
        )
        values[f"theory_{width}"] = Value(
            sp.exp(parts[f"width {width}"].theory / 2), digits=4, again=math.exp(again(width) / 2)
        )
        values[f"networks_{width}"] = Value(WIDTHS[width], again=len(drawn(width)))
    return Case(statement, [Simulation()], mistakes, values)
