"""Clipping by value: what the window does to signs, and to the direction."""

from __future__ import annotations

import math

import sympy as sp

from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.evidence import certificate, identity, points
from gradmath.claims.grades import PROVED
from gradmath.claims.relation import at_least, at_most, equal, greater, less
from gradmath.claims.remedies.clip_value import (
    ABOVE,
    HIGHEST,
    LOWEST,
    PAGE,
    REACH,
    Nonnegative,
    Positive,
    c,
    clip,
    p,
    r,
    t,
    u,
)
from gradmath.claims.statement import ForAll
from gradmath.claims.symbols import Reals, eta
from gradmath.claims.values import Value

HALF = sp.Rational(1, 2)  # the squared cosine of 45 degrees


@claim(
    "clip-needs-both-signs",
    page=PAGE,
    grade=PROVED,
    titles={"en": "A window needs both signs", "zh": "裁剪区间要兼顾正负"},
    statement_text={
        "en": "Clipped to [0, 10], every negative entry of a gradient becomes 0, so that no step "
        "can ever raise a weight. Clipped to [−c, c] an entry keeps its sign: clipping −g gives "
        "the opposite of clipping g.",
        "zh": "若把梯度裁剪到 [0, 10]，所有负的分量都变成 0，于是任何一步都不会使权重增大。"
        "裁剪到 [−c, c] 则保留符号：对 −g 裁剪的结果与对 g 裁剪的结果互为相反数。",
    },
    assumptions={
        "en": "η > 0. Proved for g = −t, for g = p in a window from 0 to p + r, and for "
        "g = 10 + t; the symmetry for g = p with c = p + r and for g = c + t; r ≥ 0, the other "
        "letters positive.",
        "zh": "η > 0。分别对 g = −t、区间 [0, p + r] 内的 g = p 以及 g = 10 + t 证明；对称性对 "
        "g = p（c = p + r）与 g = c + t 证明；r ≥ 0，其余字母均为正。",
    },
)
def clip_needs_both_signs() -> Case:
    w = sp.Symbol("w", real=True)

    def moved(g: sp.Expr, high: sp.Expr = HIGHEST) -> sp.Expr:
        return w - eta * clip(g, LOWEST, high)

    up = HIGHEST + t  # a positive entry beyond the window
    statement = ForAll(
        {
            "negative": equal(clip(-t, LOWEST, HIGHEST), 0),
            "falls inside": less(moved(p, REACH), w),
            "falls above": less(moved(up), w),
            "odd inside": equal(clip(-p, -REACH, REACH), -clip(p, -REACH, REACH)),
            "odd above": equal(clip(-ABOVE, -c, c), -clip(ABOVE, -c, c)),
        },
        {w: Reals, r: Nonnegative, **dict.fromkeys((t, eta, c, p), Positive)},
        scope=r"g, w \in \mathbb{R},\; \eta, c > 0",
        display=(
            r"\operatorname{clip}(g; 0, 10) = 0 \quad (g < 0),",
            r"w - \eta\,\operatorname{clip}(g; 0, 10) < w \quad (g > 0),",
            r"\operatorname{clip}(-g; -c, c) = -\operatorname{clip}(g; -c, c)",
        ),
        words="clip(g; 0, 10) = 0 for g < 0; w - eta clip(g; 0, 10) < w for g > 0; "
        "clip(-g; -c, c) = -clip(g; -c, c)",
    )
    evidence = [
        identity("negative", "odd inside", "odd above"),
        certificate(**{"falls inside": eta * p, "falls above": eta * HIGHEST}),
        points(count=12),
    ]
    mistakes = [
        Mistake("negative entries pass", "以为负的分量原样通过",
                statement.but(negative=equal(clip(-t, LOWEST, HIGHEST), -t))),
        Mistake("a step may raise the weight, too", "以为一步也可能使权重增大",
                statement.but(**{"falls inside": greater(moved(p, REACH), w)})),
        Mistake("beyond the window a weight stays where it was", "以为超出区间时权重不动",
                statement.but(**{"falls above": at_least(moved(up), w)})),
        Mistake("the window [0, c] called symmetric", "以为区间 [0, c] 也是对称的",
                statement.but(**{
                    "odd inside": equal(clip(-p, 0, REACH), -clip(p, 0, REACH)),
                    "odd above": equal(clip(-ABOVE, 0, c), -clip(ABOVE, 0, c))})),
    ]  # fmt: skip
    return Case(statement, evidence, mistakes)


def _turned_again(first: float, second: float) -> float:
    """The angle in degrees from (first, second) to the diagonal, by their cosine."""
    return math.degrees(math.acos((first + second) / math.hypot(first, second) / math.sqrt(2)))


def _steepness(turned: float) -> float:
    """first/second of a gradient that lies so many degrees off the diagonal."""
    return 1 / math.tan(math.radians(45 - turned))


@claim(
    "clip-value-turns",
    page=PAGE,
    grade=PROVED,
    titles={"en": "Clipping by value turns the gradient", "zh": "按值裁剪会转动梯度"},
    statement_text={
        "en": "In the plane, a gradient with one entry beyond the bound and another, not 0, inside "
        "it is turned towards the smaller entry; one with two unequal entries beyond the bound is "
        "turned onto the diagonal. It is turned by less than 45°.",
        "zh": "在平面上，若梯度一个分量超出界限、另一个不为零的分量在界限之内，裁剪会使它转向较小"
        "的分量；若两个分量都超出界限且不相等，裁剪会把它转到对角线上。转角小于 45°。",
    },
    assumptions={
        "en": "Both entries positive (other signs by reflection) and the window [−c, c]. One "
        "beyond: g = (c + t, p) with c = p + r. Both beyond: g = (c + t + u, c + t). Here r ≥ "
        "0, the other letters are positive. Turned: the cross product with the clipped gradient "
        "h is not 0. Less than 45°: 2 (g·h)² > |g|²|h|², where g·h > 0 since all entries are "
        "positive.",
        "zh": "两个分量均为正（其他符号由反射得到），区间为 [−c, c]。一个超出：g = (c + t, p)，c "
        "= p + r；两个都超出：g = (c + t + u, c + t)。r ≥ 0，其余字母均为正。转动指 g "
        "与裁剪后的 h 的叉积不为 0；小于 45° 指 2(g·h)² > |g|²|h|²（各分量为正，故 g·h > 0）。",
    },
)
def clip_value_turns() -> Case:
    one = (REACH + t, p), tuple(clip(g, -REACH, REACH) for g in (REACH + t, p))
    two = (c + t + u, c + t), tuple(clip(g, -c, c) for g in (c + t + u, c + t))
    Pair = tuple[tuple[sp.Expr, ...], tuple[sp.Expr, ...]]

    def dot(g: tuple[sp.Expr, ...], h: tuple[sp.Expr, ...]) -> sp.Expr:
        return g[0] * h[0] + g[1] * h[1]

    def cross(pair: Pair) -> sp.Expr:
        (g, h) = pair
        return g[0] * h[1] - g[1] * h[0]

    def room(pair: Pair, most: sp.Rational = HALF) -> sp.Expr:
        """Positive if the squared cosine is above `most`."""
        (g, h) = pair
        return dot(g, h) ** 2 / most - dot(g, g) * dot(h, h)

    statement = ForAll(
        {
            "one beyond turns": greater(cross(one), 0),
            "both beyond turn": greater(cross(two), 0),
            "both beyond: the diagonal": equal(two[1][0], two[1][1]),
            "one beyond: below 45°": greater(room(one), 0),
            "both beyond: below 45°": greater(room(two), 0),
        },
        {**dict.fromkeys((c, t, u, p), Positive), r: Nonnegative},
        scope=r"g_1 > c > 0,\; 0 < g_2 < g_1",
        display=(
            r"h = \operatorname{clip}(g; -c, c):\quad g_1 h_2 - g_2 h_1 > 0,",
            r"\cos^2\angle(g, h) = \frac{(g \cdot h)^2}{\lVert g \rVert^2\,\lVert h \rVert^2}"
            r" > \frac12",
        ),
        words="for h = clip(g; -c, c), g1 > c, 0 < g2 < g1: g1 h2 - g2 h1 > 0 and "
        "2 (g.h)^2 > |g|^2 |h|^2",
    )
    evidence = [
        certificate(
            **{
                "one beyond turns": p * t,
                "both beyond turn": c * u,
                # a sum of products of positive letters once it is multiplied out
                "one beyond: below 45°": sp.expand(room(((REACH + t, p), (REACH, p)))),
                "both beyond: below 45°": 4 * c**2 * (c + t + u) * (c + t),
            }
        ),
        identity("both beyond: the diagonal"),
        points(count=12),
    ]
    ten = sp.Rational(97, 100)  # the squared cosine of 10 degrees, from above
    mistakes = [
        Mistake("the direction is kept", "以为方向不变",
                statement.but(**{"one beyond turns": at_most(cross(one), 0),
                                 "both beyond turn": at_most(cross(two), 0)})),
        Mistake("turned towards the larger entry", "以为转向较大的分量",
                statement.but(**{"one beyond turns": less(cross(one), 0)})),
        Mistake("turned by less than 10°", "以为转角小于 10°",
                statement.but(**{"one beyond: below 45°": greater(room(one, ten), 0),
                                 "both beyond: below 45°": greater(room(two, ten), 0)})),
        Mistake("two entries beyond the bound keep their ratio", "以为两个超界分量之比不变",
                statement.but(**{"both beyond: the diagonal": equal(
                    two[1][0] * two[0][1], two[1][1] * two[0][0])})),
    ]  # fmt: skip
    steep = (sp.Integer(10), sp.Integer(1))
    degrees = 180 / sp.pi
    turned = (sp.pi / 4 - sp.atan(steep[1] / steep[0])) * degrees
    values = {
        "first": Value(steep[0], again=lambda: steep[1] * _steepness(float(turned))),
        "second": Value(steep[1], again=lambda: steep[0] / _steepness(float(turned))),
        "bound": Value(sp.Integer(1), again=sp.Min(*steep)),
        "turned": Value(turned, digits=3, again=lambda: _turned_again(10.0, 1.0)),
    }
    return Case(statement, evidence, mistakes, values)
