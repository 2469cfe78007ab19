"""By which factor to scale the weights: a gain that keeps the signal, one that keeps gradients."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import sympy as sp

from gradmath.catalogue import activations
from gradmath.catalogue.applied import applied
from gradmath.catalogue.gaussian import GaussianMean, Z
from gradmath.claims import estimates
from gradmath.claims.again import repeated
from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.enclosed import enclosures
from gradmath.claims.evidence import enclosure
from gradmath.claims.grades import PROVED
from gradmath.claims.located import Located, Mean
from gradmath.claims.relation import greater, less
from gradmath.claims.statement import ForAll
from gradmath.claims.symbols import tanh, z
from gradmath.claims.values import Value

PAGE = "edge"
HAIR = sp.Rational(1, 10**12)

#: what `torch.nn.init.calculate_gain` returns, by its documentation; nothing for other activations
FRAMEWORK: Mapping[str, sp.Expr] = {
    "identity": sp.Integer(1),
    "sigmoid": sp.Integer(1),
    "tanh": sp.Rational(5, 3),
    "relu": sp.sqrt(2),
    "leaky_relu": sp.sqrt(2 / (1 + sp.Rational(1, 100) ** 2)),
    "selu": sp.Rational(3, 4),
}


def mean_squares() -> dict[str, Mean]:
    """`NAME: value` and `NAME: slope`: E phi(Z)^2 and E phi'(Z)^2 of every activation."""
    parts = {}
    for name, entry in activations.items():
        phi = applied(entry)(z)
        parts[f"{name}: value"] = Mean(phi**2, estimates.mean(phi**2))
        slope = phi.diff(z) ** 2
        parts[f"{name}: slope"] = Mean(slope, estimates.mean(slope))
    return parts


@claim(
    "gain-table",
    page=PAGE,
    grade=PROVED,
    titles={"en": "Two gains for every activation", "zh": "每个激活函数的两种增益"},
    statement_text={
        "en": "If the pre-activations are normal with mean 0 and variance 1, the gain 1/√(E φ(Z)²) "
        "gives the next layer's the variance 1 again, and the gain 1/√(E φ′(Z)²) keeps the mean "
        "square of the gradients. For every activation of the catalogue both means are enclosed. "
        "Only ReLU and its leaky kin, and the identity, have the two gains in common.",
        "zh": "若预激活值服从均值 0、方差 1 的正态分布，则增益 1/√(E φ(Z)²) 使下一层的方差仍为 1，"
        "增益 1/√(E φ′(Z)²) 使梯度的均方保持不变。"
        "对目录中的每个激活函数，两个均值都给出了区间包围。"
        "只有 ReLU、各种带泄漏的 ReLU 以及恒等函数的两种增益相同。",
    },
    assumptions={
        "en": "Z is standard normal: the limit of wide layers, and for normal weights exact at the "
        "first layer. Weights have the variance gain²/n_in (n_out for the gradients); no bias. "
        "Parameters have their defaults. Each mean is proved to 18 decimals.",
        "zh": "Z 服从标准正态分布：这是宽层的极限，对正态权重的第一层则精确成立。权重方差为 "
        "gain²/n_in（梯度则为 n_out），偏置为 0。参数取默认值。每个均值都证明到小数点后 18 位。",
    },
    references=("he2015", "glorot2010"),
)
def gain_table() -> Case:
    parts = mean_squares()
    statement = Located(
        parts,
        display=(
            r"g_{\text{forward}} = \frac{1}{\sqrt{\mathbb{E}\,\varphi(Z)^2}},",
            r"g_{\text{backward}} = \frac{1}{\sqrt{\mathbb{E}\,\varphi'(Z)^2}}, \qquad"
            r" Z \sim N(0, 1)",
        ),
    )
    of_slopes = {name: part for name, part in parts.items() if name.endswith("slope")}
    of_values = {name: part for name, part in parts.items() if name.endswith("value")}
    mistakes = [
        Mistake("every mean square of a value off by 10⁻¹²", "每个函数值的均方都差 10⁻¹²",
                statement.but({name: {"value": part.value + HAIR}
                               for name, part in of_values.items()},
                              "every E phi(Z)^2 plus 10^-12")),
        Mistake("every mean square of a slope off by 10⁻¹²", "每个斜率的均方都差 10⁻¹²",
                statement.but({name: {"value": part.value - HAIR}
                               for name, part in of_slopes.items()},
                              "every E phi'(Z)^2 less 10^-12")),
        Mistake("5/3 keeps the variance through tanh", "误以为 5/3 使 tanh 保持方差",
                statement.but({"tanh: value": {"value": 1 / FRAMEWORK["tanh"] ** 2}})),
        Mistake("1 keeps the variance through the sigmoid", "误以为 1 使 sigmoid 保持方差",
                statement.but({"sigmoid: value": {"value": 1 / FRAMEWORK["sigmoid"] ** 2}})),
        Mistake("3/4 keeps the variance through SELU", "误以为 3/4 使 SELU 保持方差",
                statement.but({"selu: value": {"value": 1 / FRAMEWORK["selu"] ** 2}})),
        Mistake("the variance of ReLU's value in place of its mean square",
                "把 ReLU 值的均方误作方差",
                statement.but({"relu: value": {"value": sp.Rational(1, 2) - 1 / (2 * sp.pi)}})),
        Mistake("ReLU's half for every smooth cousin of it", "误以为光滑的近亲也都是一半",
                statement.but({f"{name}: value": {"value": sp.Rational(1, 2)}
                               for name in ("gelu", "silu", "mish", "softplus")})),
    ]  # fmt: skip
    return Case(statement, [enclosures()], mistakes, _values(parts))


def _values(parts: Mapping[str, Mean]) -> dict[str, Value]:
    """Both gains, and what a layer does to the gradient's size while the first is in force."""
    values = {}
    for name in activations:
        value, slope = (parts[f"{name}: {kind}"].value for kind in ("value", "slope"))
        forward, backward = (root_mean_square(name, order) for order in (0, 1))
        values[f"{name}_forward"] = Value(1 / sp.sqrt(value), digits=7, again=1 / forward)
        values[f"{name}_backward"] = Value(1 / sp.sqrt(slope), digits=7, again=1 / backward)
        values[f"{name}_layer"] = Value(sp.sqrt(slope / value), digits=4, again=backward / forward)
    relu = sp.Rational(1, 2) - 1 / (2 * sp.pi)
    values["relu_centred"] = Value(1 / sp.sqrt(relu), digits=4, again=_relu_centred_again)
    values["sigmoid_fifty"] = Value(
        sp.sqrt(parts["sigmoid: slope"].value / parts["sigmoid: value"].value) ** 50,
        digits=1,
        again=repeated(values["sigmoid_layer"].value, 50),
    )
    return values


_NODES = 64  # of Gauss and Legendre on each piece: as exact as doubles are, in one call of ours


@functools.cache
def root_mean_square(name: str, order: int) -> float:
    """The root of E phi^(n)(Z)^2 in doubles: our own functions, integrated by SciPy."""
    import numpy as np
    from scipy.integrate import fixed_quad

    from gradmath.functions import activations as callables

    of: Any = callables[name]

    def density(t: Any) -> Any:
        value = of.derivative(t) if order else of(t)
        return value**2 * np.exp(-t * t / 2) / math.sqrt(2 * math.pi)

    breaks = [-12.0, -3.0, -1.0, 0.0, 1.0, 3.0, 6.0, 12.0]  # every kink of the catalogue among them
    return math.sqrt(sum(fixed_quad(density, a, b, n=_NODES)[0] for a, b in pairwise(breaks)))


def _relu_centred_again() -> float:
    """1 over the standard deviation of max(Z, 0), by SciPy's quadrature."""
    from scipy.integrate import quad

    def moment(power: int) -> float:
        weight = math.sqrt(2 * math.pi)
        return float(quad(lambda t: t**power * math.exp(-t * t / 2) / weight, 0, 12)[0])

    return (moment(2) - moment(1) ** 2) ** -0.5


def kept(q: sp.Expr) -> GaussianMean:
    """E tanh(sqrt(q) Z)^2."""
    return GaussianMean(tanh(sp.sqrt(q) * Z) ** 2)


def passed_back(q: sp.Expr) -> GaussianMean:
    """E tanh'(sqrt(q) Z)^2."""
    return GaussianMean(tanh(z).diff(z).xreplace({z: sp.sqrt(q) * Z}) ** 2)


@claim(
    "tanh-gain",
    page=PAGE,
    grade=PROVED,
    titles={"en": "Tanh: 5/3, and what keeps the variance", "zh": "tanh：5/3 与真正保持方差的增益"},
    statement_text={
        "en": "With the gain 5/3, a tanh layer makes more than unit variance of unit variance; the "
        "variance rises from layer to layer and settles between 1.178 and 1.179. There, and with "
        "the gain that keeps it at 1, the mean square of the gradients grows in every layer.",
        "zh": "增益为 5/3 时，tanh 层把单位方差变得比 1 大；方差逐层上升，最终停在 1.178 与 1.179 "
        "之间。无论在那里，还是改用使方差保持为 1 的增益，梯度的均方都逐层增长。",
    },
    assumptions={
        "en": "Wide layers, biases 0. That no other variance above 0 is a resting point is part of "
        "the claim on the edge for tanh: the map of variances bends downwards everywhere.",
        "zh": "层足够宽，偏置为 0。除 0 以外没有其他不动点，见 tanh 的混沌边缘论断：方差映射处处"
        "向下弯曲。",
    },
)
def tanh_gain() -> Case:
    gain = FRAMEWORK["tanh"]
    low, high = sp.Rational(1178, 1000), sp.Rational(1179, 1000)
    one, between = sp.S.One, sp.Rational(109, 100)
    statement = ForAll(
        {
            "more than 1": greater(gain**2 * kept(one), between),
            "rises below": greater(gain**2 * kept(low), low),
            "falls above": less(gain**2 * kept(high), high),
            "gradients at rest": greater(gain**2 * passed_back(high), sp.Rational(6, 5)),
            "gradients at 1": greater(passed_back(one) / kept(one), sp.Rational(23, 20)),
        },
        display=(
            r"\tfrac{25}{9}\, \mathbb{E} \tanh(Z)^2 > 1.09,",
            r"\tfrac{25}{9}\, \mathbb{E} \tanh(\sqrt{q}\,Z)^2 \gtrless q"
            r" \;\text{ at }\; q = 1.178,\; 1.179,",
            r"\tfrac{25}{9}\, \mathbb{E} \tanh'(\sqrt{q}\,Z)^2 > 1.2"
            r" \;\text{ for }\; q \le 1.179,",
            r"\mathbb{E} \tanh'(Z)^2 > 1.15 \cdot \mathbb{E} \tanh(Z)^2",
        ),
        words="25/9 E tanh(Z)^2 > 1.09; 25/9 E tanh(sqrt(q) Z)^2 is above q = 1.178 and below "
        "q = 1.179; 25/9 E tanh'(sqrt(q) Z)^2 > 1.2 at q = 1.179; E tanh'(Z)^2/E tanh(Z)^2 > 1.15",
    )
    mistakes = [
        Mistake("5/3 keeps unit variance, or less", "误以为 5/3 恰好保持单位方差",
                statement.but(**{"more than 1": less(gain**2 * kept(one), between)})),
        Mistake("the gain, not its square", "用了增益而不是它的平方",
                statement.but(**{"more than 1": greater(gain * kept(one), between)})),
        Mistake("the variance dies out", "误以为方差会消失",
                statement.but(**{"rises below": less(gain**2 * kept(low), low)})),
        Mistake("the variance grows without end", "误以为方差无限增长",
                statement.but(**{"falls above": greater(gain**2 * kept(high), high)})),
        Mistake("the variance comes to rest at 1", "误以为方差停在 1",
                statement.but(**{"falls above": less(gain**2 * kept(one), one)})),
        Mistake("gradients shrink where the variance rests", "误以为方差稳定处梯度缩小",
                statement.but(**{"gradients at rest": less(
                    gain**2 * passed_back(high), sp.S.One)})),
        Mistake("what keeps the variance keeps the gradients", "误以为保持方差就保持梯度",
                statement.but(**{"gradients at 1": less(
                    passed_back(one) / kept(one), sp.Rational(101, 100))})),
    ]  # fmt: skip
    value, slope = (estimates.mean(f**2) for f in (tanh(z), tanh(z).diff(z)))
    rest = resting(float(gain) ** 2)
    forward, backward = (root_mean_square("tanh", order) for order in (0, 1))
    values = {
        "framework": Value(gain, digits=4, again=5 / 3),
        "keeps": Value(1 / sp.sqrt(value), digits=7, again=1 / forward),
        "once": Value(gain**2 * value, digits=4),
        "rest": Value(rest, digits=4, again=lambda: rest_again(float(gain) ** 2, 0.0)),
        "per_layer": Value(sp.sqrt(slope / value), digits=4, again=backward / forward),
        "fifty": Value(
            sp.sqrt(slope / value) ** 50, digits=2, again=repeated(sp.sqrt(slope / value), 50)
        ),
        "at_rest": Value(
            float(gain) * float(passed_back_double(rest)) ** 0.5,
            digits=4,
            again=lambda: sp.N(gain * sp.sqrt(by_quadrature(1, rest)), 20),
        ),
    }
    return Case(statement, [enclosure()], mistakes, values)


def by_quadrature(order: int, q: float) -> float:
    """E tanh(sqrt(q) Z)^2, or with tanh' for order 1, by SciPy's quadrature."""
    from scipy.integrate import quad

    def density(t: float) -> float:
        value = math.tanh(math.sqrt(q) * t)
        value = 1 - value**2 if order else value
        return value**2 * math.exp(-t * t / 2) / math.sqrt(2 * math.pi)

    return float(quad(density, -12, 12, epsabs=1e-14, epsrel=1e-13, limit=200)[0])


def rest_again(weight: float, bias: float) -> float:
    """Where weight * E tanh(sqrt(q) Z)^2 + bias = q, by Brent's method on that quadrature."""
    from scipy.optimize import brentq

    return float(brentq(lambda q: weight * by_quadrature(0, q) + bias - q, 0.05, 9.0, xtol=1e-13))


def resting(weight: float, bias: float = 0.0) -> float:
    """The variance at which wide tanh layers settle, in doubles."""
    from gradmath.dynamics.meanfield import MeanField

    return MeanField("tanh", weight, bias).fixed_point()


def passed_back_double(q: float) -> float:
    """E tanh'(sqrt(q) Z)^2 in doubles."""
    from gradmath.dynamics.meanfield import MeanField

    return MeanField("tanh", 1.0).chi(q)
