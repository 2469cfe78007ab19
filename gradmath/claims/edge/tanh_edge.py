"""The edge of chaos for tanh: where a layer neither calms nor excites, located by enclosures."""

from __future__ import annotations

import functools
import math

import sympy as sp

from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.computed import AllOf
from gradmath.claims.edge.gains import by_quadrature, kept, passed_back, passed_back_double
from gradmath.claims.edge.growth import BIAS
from gradmath.claims.enclosed import on_whole_domain
from gradmath.claims.evidence import enclosure, identity
from gradmath.claims.grades import PROVED
from gradmath.claims.relation import Relation, equal, greater, less
from gradmath.claims.statement import ForAll
from gradmath.claims.symbols import Positive, tanh
from gradmath.claims.values import Value

PAGE = "edge"
WITHIN = sp.Rational(1, 10**6)  # how closely the edge is located
BESIDE = sp.Rational(1, 1000)  # weights so much smaller and larger are ordered and chaotic


@functools.cache
def located() -> tuple[sp.Rational, sp.Rational]:
    """(q, sigma_w^2) at the edge for sigma_b^2 = 1/20, to 10 decimals, by bracketing in doubles."""
    from scipy.optimize import brentq

    from gradmath.dynamics.meanfield import edge_of_chaos

    q = brentq(lambda q: edge_of_chaos("tanh", q)[1] - float(BIAS), 0.3, 1.0, xtol=1e-13)
    return tuple(sp.Rational(round(x * 10**10), 10**10) for x in (q, edge_of_chaos("tanh", q)[0]))


@functools.cache
def resting_near(weight: sp.Rational) -> sp.Rational:
    """Where the variance rests for a weight variance, to 10 decimals, in doubles."""
    from gradmath.claims.edge.gains import resting

    return sp.Rational(round(resting(float(weight), float(BIAS)) * 10**10), 10**10)


@functools.cache
def _again() -> tuple[float, float]:
    """q and sigma_w^2 at the edge, from (q - sigma_b^2) B = A with both means by SciPy."""
    from scipy.optimize import brentq

    def difference(q: float) -> float:
        return (q - float(BIAS)) * by_quadrature(1, q) - by_quadrature(0, q)

    q = float(brentq(difference, 0.3, 1.0, xtol=1e-13))
    return q, 1 / by_quadrature(1, q)


@claim(
    "edge-of-chaos-tanh",
    page=PAGE,
    grade=PROVED,
    titles={"en": "The edge of chaos for tanh", "zh": "tanh 的混沌边缘"},
    statement_text={
        "en": "For tanh with σ_b² = 0.05 there are a weight variance and a resting variance q*, "
        "both located to within 10⁻⁶, at which χ is 1. A weight variance smaller by 0.001 makes χ "
        "smaller than 1, one larger by 0.001 makes it larger. The map of variances bends downwards "
        "everywhere, so that for each weight variance there is only one resting point.",
        "zh": "对 tanh、σ_b² = 0.05，存在一个权重方差和一个稳定方差 q*（两者都定位到 10⁻⁶ 以内），"
        "使 χ = 1。权重方差再小 0.001，χ 就小于 1；再大 0.001，χ 就大于 1。方差映射处处向下弯曲，"
        "所以对每个权重方差，稳定点只有一个。",
    },
    assumptions={
        "en": "Wide layers. With A(q) = E tanh(√q Z)² and B(q) = E tanh′(√q Z)², both conditions "
        "hold where (q − σ_b²) B = A; the difference changes its sign between the two ends given, "
        "and B falls with q. With t = √q |Z|, that the map bends downwards is the inequality in t.",
        "zh": "层足够宽。记 A(q) = E tanh(√q Z)²，B(q) = E tanh′(√q Z)²，两个条件同时成立即 "
        "(q − σ_b²) B = A；其差在所给两端变号，且 B 随 q 递减。令 t = √q |Z|，"
        "“映射向下弯曲”就是关于 t 的那个不等式。",
    },
    references=("poole2016", "schoenholz2017"),
)
def edge_of_chaos_tanh() -> Case:
    q, weight = located()
    low, high = q - WITHIN / 2, q + WITHIN / 2
    t = sp.Symbol("t", positive=True)

    def difference(at: sp.Expr) -> sp.Expr:
        return (at - BIAS) * passed_back(at) - kept(at)

    smaller, larger = (sp.Rational(round((weight + s * BESIDE) * 10**6), 10**6) for s in (-1, 1))
    calm = resting_near(smaller) - WITHIN  # below the resting point; chi is smaller still there
    wild = resting_near(larger) + WITHIN
    slope = tanh(t) * tanh(t).diff(t) / t  # of q -> tanh(sqrt(q) z)^2 for each z, but for z^2
    bend = t * (1 - 3 * tanh(t) ** 2) - tanh(t)
    numbers = {
        "below the edge": less(difference(low), 0),
        "above the edge": greater(difference(high), 0),
        "weights at least": greater(1 / passed_back(low), weight - WITHIN),
        "weights at most": less(1 / passed_back(high), weight + WITHIN),
        "ordered: rests above": greater(smaller * kept(calm) + BIAS, calm),
        "ordered: chi": less(smaller * passed_back(calm), 1),
        "chaotic: rests below": less(larger * kept(wild) + BIAS, wild),
        "chaotic: chi": greater(larger * passed_back(wild), 1),
    }
    shown_q, shown_weight = (Value(number, digits=7).latex for number in (q, weight))
    edge = ForAll(
        numbers,
        display=(
            r"q^* = \sigma_w^2\, \mathbb{E} \tanh(\sqrt{q^*} Z)^2 + 0.05,",
            r"\chi = \sigma_w^2\, \mathbb{E} \tanh'(\sqrt{q^*} Z)^2 = 1",
            rf"\text{{for }}\; |q^* - {shown_q}| < 10^{{-6}},",
            rf"|\sigma_w^2 - {shown_weight}| < 10^{{-6}};",
            r"\sigma_w^2 \text{ less } 0.001: \chi < 1,",
            r"\sigma_w^2 \text{ plus } 0.001: \chi > 1;",
        ),
        words=f"sigma_b^2 = 1/20: chi = 1 at q = {float(q):.6f}, sigma_w^2 = {float(weight):.6f}, "
        "each to within 10^-6; chi < 1 for sigma_w^2 less 0.001, chi > 1 for sigma_w^2 plus 0.001",
    )
    bends = ForAll(
        {
            "bends by": equal(slope.diff(t), tanh(t).diff(t) * bend / t**2),
            "downwards": less(t * (1 - 3 * tanh(t) ** 2), tanh(t)),
        },
        {t: Positive},
        display=(
            r"\frac{\mathrm d}{\mathrm d t}\, \frac{\tanh t \, \tanh'(t)}{t} \quad (t > 0)",
            r"= \frac{\tanh'(t)}{t^2} \left(t\, (1 - 3 \tanh^2 t) - \tanh t\right) < 0",
        ),
        scope="",
        words="for t > 0: d/dt (tanh(t) tanh'(t)/t) = tanh'(t)/t^2 (t (1 - 3 tanh(t)^2) - tanh(t)) "
        "< 0",
    )
    statement = AllOf((edge, bends))

    def but(**changed: Relation) -> AllOf:
        return AllOf((edge.but(**changed), bends))

    def bent(**changed: Relation) -> AllOf:
        return AllOf((edge, bends.but(**changed)))

    tiny = 10 * WITHIN
    mistakes = [
        Mistake("the edge 10⁻⁵ higher", "边缘偏高 10⁻⁵",
                but(**{"above the edge": greater(difference(low - tiny), 0),
                       "weights at most": less(1 / passed_back(high), weight - tiny)})),
        Mistake("the edge 10⁻⁵ lower", "边缘偏低 10⁻⁵",
                but(**{"below the edge": less(difference(high + tiny), 0),
                       "weights at least": greater(1 / passed_back(low), weight + tiny)})),
        Mistake("the bias forgotten", "漏掉偏置",
                but(**{"below the edge": less(difference(low) + BIAS * passed_back(low), 0),
                       "ordered: rests above": greater(smaller * kept(calm), calm)})),
        Mistake("the standard deviation of the weights for their variance",
                "用权重的标准差代替方差",
                but(**{"weights at most": less(
                    1 / passed_back(high) ** sp.Rational(1, 2), weight - WITHIN * 10**5),
                    "weights at least": greater(
                    1 / passed_back(high) ** sp.Rational(1, 2), weight - WITHIN)})),
        Mistake("small weights taken for chaotic, large ones for ordered",
                "把小权重当成混沌、大权重当成有序",
                but(**{"ordered: chi": greater(smaller * passed_back(calm), 1),
                       "chaotic: chi": less(larger * passed_back(wild), 1)})),
        Mistake("the variance grows without end above the edge", "误以为边缘之上方差无限增长",
                but(**{"chaotic: rests below": greater(larger * kept(wild) + BIAS, wild)})),
        Mistake("the map bends upwards", "误以为映射向上弯曲",
                bent(downwards=greater(t * (1 - 3 * tanh(t) ** 2), tanh(t)))),
        Mistake("the tail of the bend forgotten", "漏掉括号里的末项",
                bent(**{"bends by": equal(
                    slope.diff(t), tanh(t).diff(t) * (bend + tanh(t)) / t**2)})),
    ]  # fmt: skip
    values = {
        "bias": Value(BIAS, digits=2),
        "weight": Value(weight, digits=7, again=lambda: _again()[1]),
        "deviation": Value(sp.sqrt(weight), digits=4, again=lambda: math.sqrt(_again()[1])),
        "q": Value(q, digits=6, again=lambda: _again()[0]),
        "ordered": Value(float(smaller) * passed_back_double(float(calm)), digits=4),
    }
    return Case(
        statement,
        [enclosure(*numbers), identity("bends by"), on_whole_domain("downwards")],
        mistakes,
        values,
    )
