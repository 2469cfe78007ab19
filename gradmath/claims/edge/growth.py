"""What follows from chi: gradients grow where the variance is kept, and over how many layers."""

from __future__ import annotations

import math

import sympy as sp

from gradmath.catalogue import activations
from gradmath.catalogue.applied import applied
from gradmath.catalogue.gaussian import GaussianMean, Z
from gradmath.claims.again import factors, repeated
from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.computed import AllOf
from gradmath.claims.edge.chi import slope_squared
from gradmath.claims.edge.gains import (
    by_quadrature,
    kept,
    passed_back,
    passed_back_double,
    rest_again,
    resting,
)
from gradmath.claims.edge.laws import normal_mean
from gradmath.claims.evidence import certificate, enclosure, identity
from gradmath.claims.grades import PROVED
from gradmath.claims.relation import Relation, at_least, equal, greater, less
from gradmath.claims.statement import ForAll
from gradmath.claims.symbols import Positive, Reals
from gradmath.claims.values import Value

PAGE = "edge"
DEGREE = 5  # of the polynomials for which Poincare's inequality is proved


@claim(
    "kept-variance-growing-gradients",
    page=PAGE,
    grade=PROVED,
    titles={"en": "What keeps the variance lets gradients grow", "zh": "保持方差，梯度就会增长"},
    statement_text={
        "en": "For every φ the mean square of the slope is at least the variance of the value, and "
        "equal only for a straight line. So if φ has mean 0 and there are no biases, a gain that "
        "holds the variance lets the gradients grow in every layer, unless φ is linear.",
        "zh": "对任何 φ，斜率的均方不小于函数值的方差，且仅当 φ 为直线时相等。因此，若 φ 的均值为 "
        "0 且没有偏置，使方差保持不变的增益会让梯度逐层增长，除非 φ 是线性的。",
    },
    assumptions={
        "en": "Z is standard normal. Proved for every polynomial of degree at most 5, written in "
        "Hermite polynomials, and enclosed for the three odd activations of the catalogue at "
        "variance 1; for smooth functions in general it is Poincaré's inequality for the normal "
        "law. The variance of the pre-activations goes into φ: φ(√q Z).",
        "zh": "Z 服从标准正态分布。对次数不超过 5 的任意多项式（用埃尔米特多项式表示）给出证明，"
        "并对目录中三个奇的激活函数在方差 1 处给出区间包围；对一般光滑函数，这就是正态分布的庞加莱"
        "不等式。预激活值的方差并入 φ：φ(√q Z)。",
    },
)
def kept_variance_growing_gradients() -> Case:
    t = sp.Symbol("t", real=True)
    c = sp.symbols(f"c:{DEGREE + 1}", real=True)
    phi = sp.Add(*(c[k] * _hermite(k, t) for k in range(DEGREE + 1)))
    slope_square = normal_mean(sp.diff(phi, t) ** 2, [t])
    variance = normal_mean(phi**2, [t]) - normal_mean(phi, [t]) ** 2
    excess = sp.Add(*((k - 1) * sp.factorial(k) * c[k] ** 2 for k in range(2, DEGREE + 1)))
    polynomials = ForAll(
        {
            "at least": at_least(slope_square, variance),
            "by how much": equal(slope_square - variance, excess),
        },
        dict.fromkeys(c, Reals),
        display=(
            r"\mathbb{E}\,\varphi'(Z)^2 - \operatorname{Var}\,\varphi(Z)"
            r" = \sum_{k \ge 2} (k - 1)\, k!\, c_k^2 \;\ge\; 0",
            r"\text{for }\; \varphi = \sum_k c_k \mathrm{He}_k,",
        ),
        scope="",
        words="E phi'(Z)^2 - Var phi(Z) = sum over k >= 2 of (k - 1) k! c_k^2 >= 0 for phi = "
        "sum c_k He_k",
    )
    numbers = {
        name: (GaussianMean(slope_squared(name)), GaussianMean(applied(activations[name])(Z) ** 2))
        for name in ("tanh", "hard_tanh", "softsign")
    }
    odd = ForAll(
        {name: greater(slope, value) for name, (slope, value) in numbers.items()},
        display=(
            r"\mathbb{E}\,\varphi'(Z)^2 > \mathbb{E}\,\varphi(Z)^2",
            r"\text{for }\; \varphi = \tanh,\; \operatorname{hardtanh},\; \operatorname{softsign}",
        ),
        words="E phi'(Z)^2 > E phi(Z)^2 for phi = tanh, hard_tanh, softsign",
    )
    statement = AllOf((polynomials, odd))
    mistakes = [
        Mistake("the slope's mean square is the smaller one", "误以为斜率的均方较小",
                AllOf((polynomials.but(**{"at least": at_least(variance, slope_square)}), odd))),
        Mistake("the mean of the value not taken away", "没有减去函数值的均值",
                AllOf((polynomials.but(**{"at least": at_least(
                    slope_square, normal_mean(phi**2, [t]))}), odd)),
                {c[0]: 3, **dict.fromkeys(c[1:], 0)}),
        Mistake("a straight line counts too", "误把一次项也算进去",
                AllOf((polynomials.but(**{"by how much": equal(
                    slope_square - variance, excess + c[1] ** 2)}), odd))),
        Mistake("saturating functions pass less back than they keep",
                "误以为饱和函数传回的比保留的少",
                AllOf((polynomials, odd.but(**{name: less(slope, value)
                                               for name, (slope, value) in numbers.items()})))),
    ]  # fmt: skip
    evidence = [
        certificate(**{"at least": excess}),
        identity("by how much"),
        enclosure(*numbers),
    ]
    return Case(statement, evidence, mistakes)


def _hermite(k: int, t: sp.Symbol) -> sp.Expr:
    """He_k: polynomials with E He_j(Z) He_k(Z) = k! for j = k and 0 otherwise."""
    found: sp.Expr = sp.S.One
    for _ in range(k):
        found = sp.expand(t * found - sp.diff(found, t))
    return found


BIAS = sp.Rational(1, 20)  # sigma_b^2 of the chapter's example
WEIGHTS = {"ordered": sp.S.One, "chaotic": sp.Integer(3)}  # sigma_w^2 on either side of the edge
LIMITS = {"ordered": sp.exp(-sp.Rational(1, 4)), "chaotic": sp.exp(sp.Rational(1, 6))}
LAYERS = 30  # of the network that the page speaks of
_NEAR = sp.Rational(1, 10**6)


def settled(name: str, weight: sp.Expr) -> dict[str, Relation]:
    """The map of variances is above the diagonal at one number and below it at another, 10^-6 on:
    the variance rests between them.  chi falls with q, so one end decides a bound.
    """
    low = sp.Rational(round(resting(float(weight), float(BIAS)) * 10**7), 10**7) - _NEAR / 2
    high = low + _NEAR
    ordered = name == "ordered"
    chi = weight * passed_back(low if ordered else high)
    return {
        f"{name}: rises": greater(weight * kept(low) + BIAS, low),
        f"{name}: falls": less(weight * kept(high) + BIAS, high),
        f"{name}: chi": less(chi, LIMITS[name]) if ordered else greater(chi, LIMITS[name]),
    }


@claim(
    "depth-scale",
    page=PAGE,
    grade=PROVED,
    titles={"en": "The depth scale", "zh": "深度尺度"},
    statement_text={
        "en": "Over ξ = 1/|log χ| layers a gradient's mean square falls, or grows, by the factor "
        "e. For tanh with σ_b² = 0.05 that is less than 4 layers at σ_w² = 1 and less than 6 at "
        "σ_w² = 3, on either side of the edge.",
        "zh": "每经过 ξ = 1/|log χ| 层，梯度的均方缩小或增大 e 倍。对 tanh、σ_b² = 0.05，"
        "在边缘两侧：σ_w² = 1 时不到 4 层，σ_w² = 3 时不到 6 层。",
    },
    assumptions={
        "en": "Wide layers whose variance q has settled. The resting q lies between two numbers "
        "10⁻⁶ apart at which the map of variances is above and below the diagonal; there is only "
        "one, since that map bends downwards (the claim on the edge for tanh).",
        "zh": "层足够宽，方差已稳定在 q。稳定值位于相距 10⁻⁶ 的两数之间，方差映射在这两处分别高于和"
        "低于对角线；由于该映射向下弯曲（见 tanh 的混沌边缘论断），稳定值只有一个。",
    },
    references=("schoenholz2017",),
)
def depth_scale() -> Case:
    chi, depth = sp.symbols("chi xi", positive=True)
    power = chi**depth
    general = ForAll(
        {
            "vanishes": equal(power.subs(chi, sp.exp(-1 / depth)), sp.exp(-1)),
            "explodes": equal(power.subs(chi, sp.exp(1 / depth)), sp.E),
        },
        {depth: Positive},
        display=(r"\xi = \frac{1}{|\log \chi|}: \quad \chi^{\,\xi} = e^{\mp 1}",),
        scope="",
        words="xi = 1/|log chi|: chi^xi = e^-1 or e",
    )
    numbers: dict[str, Relation] = {}
    for name, weight in WEIGHTS.items():
        numbers |= settled(name, weight)
    enclosed = ForAll(
        numbers,
        display=(
            r"\tanh,\; \sigma_b^2 = 0.05:",
            r"\sigma_w^2 = 1: \; \chi < e^{-1/4}, \quad \sigma_w^2 = 3: \; \chi > e^{1/6}",
        ),
        words="tanh with sigma_b^2 = 1/20: chi < e^(-1/4) for sigma_w^2 = 1, chi > e^(1/6) for "
        "sigma_w^2 = 3, at the resting variance",
    )
    statement = AllOf((general, enclosed))

    def but(**changed: Relation) -> AllOf:
        return AllOf((general, enclosed.but(**changed)))

    def moved(part: str, by: sp.Expr) -> dict[str, Relation]:
        """The bias counted once more or not at all."""
        names = [f"{name}: {part}" for name in WEIGHTS]
        return {n: Relation(numbers[n].left + by, numbers[n].operator, numbers[n].right)
                for n in names}  # fmt: skip

    first, last = (numbers[f"{name}: chi"] for name in WEIGHTS)
    mistakes = [
        Mistake("half as deep: the gradient's size for its mean square", "尺度减半：把均方当成大小",
                AllOf((general.but(
                    vanishes=equal(power.subs(chi, sp.exp(-1 / depth)), sp.exp(-2)),
                    explodes=equal(power.subs(chi, sp.exp(1 / depth)), sp.exp(2)),
                ), enclosed))),
        Mistake("gradients grow at σ_w² = 1", "误以为 σ_w² = 1 时梯度增长",
                but(**{"ordered: chi": greater(first.left, 1)})),
        Mistake("gradients vanish at σ_w² = 3", "误以为 σ_w² = 3 时梯度消失",
                but(**{"chaotic: chi": less(last.left, 1)})),
        Mistake("the bias forgotten", "漏掉偏置", but(**moved("rises", -BIAS))),
        Mistake("the bias added twice", "偏置加了两次", but(**moved("falls", BIAS))),
    ]  # fmt: skip
    values = {"bias": Value(BIAS, digits=2)}
    for name, weight in WEIGHTS.items():
        found = float(weight) * passed_back_double(resting(float(weight), float(BIAS)))
        q = rest_again(float(weight), float(BIAS))
        chi_again = float(weight) * by_quadrature(1, q)
        values[f"{name}_weight"] = Value(weight, again=(q - float(BIAS)) / by_quadrature(0, q))
        values[f"{name}_chi"] = Value(found, digits=4, again=chi_again)
        values[f"{name}_scale"] = Value(
            abs(1 / float(sp.log(found))), digits=3, again=1 / abs(math.log(chi_again))
        )
        values[f"{name}_size"] = Value(
            found ** (LAYERS / 2), digits=2, again=repeated(math.sqrt(chi_again), LAYERS)
        )
    values["layers"] = Value(
        LAYERS, again=lambda: factors(math.sqrt(found), values[f"{name}_size"].value)
    )
    return Case(statement, [identity(*general.parts), enclosure(*numbers)], mistakes, values)
