"""Clipping by value: the map, what it belongs on, and what it does to the direction."""

from __future__ import annotations

import sympy as sp

from gradmath.catalogue import clips
from gradmath.catalogue.applied import applied
from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.evidence import certificate, identity, points
from gradmath.claims.grades import PROVED
from gradmath.claims.relation import at_least, at_most, equal, greater, less
from gradmath.claims.statement import ForAll
from gradmath.claims.symbols import Reals, eta, y
from gradmath.claims.values import Value

PAGE = "remedies"
HALF = sp.Rational(1, 2)  # the squared cosine of 45 degrees
clip = applied(clips["clip_by_value"])  # clip(g, low, high)
LOWEST, HIGHEST = sp.Integer(0), sp.Integer(10)  # the window of the source

a, x = sp.symbols("a x", real=True)
t, u, c, p = sp.symbols("t u c p", positive=True)
r = sp.Symbol("r", nonnegative=True)
Positive, Nonnegative = sp.Interval.open(0, sp.oo), sp.Interval(0, sp.oo)

#: an entry below the window [-c, c] and one above it
BELOW, ABOVE = -c - t, c + t
#: an entry inside a window is followed as p inside one that reaches to p + r; r = 0 is its border
REACH = p + r


@claim(
    "clip-value-formula",
    page=PAGE,
    grade=PROVED,
    titles={"en": "Clipping by value", "zh": "按值裁剪"},
    statement_text={
        "en": "Clipping to the window from a to b returns a for what lies below a, b for what lies "
        "above b, and everything between unchanged.",
        "zh": "裁剪到区间 [a, b]：小于 a 的变成 a，大于 b 的变成 b，介于两者之间的保持不变。",
    },
    assumptions={
        "en": "a < b. Proved for x = a − t and x = b + t with t > 0, and for a = x − p, b = x + r "
        "with p, r ≥ 0.",
        "zh": "a < b。分别对 x = a − t、x = b + t（t > 0）以及 a = x − p、b = x + r（p、r ≥ 0）"
        "证明。",
    },
    references=("goodfellow2016",),
)
def clip_value_formula() -> Case:
    high, depth = a + u, sp.Symbol("p", nonnegative=True)
    low_in, high_in = x - depth, x + r
    statement = ForAll(
        {
            "below": equal(clip(a - t, a, high), a),
            "inside": equal(clip(x, low_in, high_in), x),
            "above": equal(clip(high + t, a, high), high),
        },
        {a: Reals, x: Reals, u: Positive, t: Positive, depth: Nonnegative, r: Nonnegative},
        scope=r"x \in \mathbb{R},\; a < b",
        display=(
            r"\operatorname{clip}(x; a, b) = \begin{cases} a & x < a \\ b & x > b \\"
            r" x & a \le x \le b \end{cases}",
        ),
        words="clip(x; a, b) = a for x < a, b for x > b, x for a <= x <= b",
    )
    mistakes = [
        Mistake("nothing happens above b, as if the line for x > b were never met",
                "x > b 一行写坏后，大于 b 的值原样通过",
                statement.but(above=equal(clip(high + t, a, high), high + t))),
        Mistake("0 outside the window in place of the bound", "区间外取 0 而不是端点",
                statement.but(below=equal(clip(a - t, a, high), 0))),
        Mistake("the bounds exchanged", "两个端点颠倒",
                statement.but(below=equal(clip(a - t, a, high), high),
                              above=equal(clip(high + t, a, high), a))),
        Mistake("inside the window, too, the nearer bound", "区间之内也取端点",
                statement.but(inside=equal(clip(x, low_in, high_in), high_in))),
    ]  # fmt: skip
    return Case(statement, [identity(), points(count=12)], mistakes)


@claim(
    "clip-is-for-gradients",
    page=PAGE,
    grade=PROVED,
    titles={"en": "What is clipped is the gradient", "zh": "裁剪的对象是梯度"},
    statement_text={
        "en": "With the gradient clipped to [−c, c], a step moves a weight by at most η c, however "
        "large the gradient is, and every entry that is not 0 still takes its step downhill.",
        "zh": "把梯度裁剪到 [−c, c] 后，无论梯度多大，一步最多使权重改变 η c；"
        "而凡是不为 0 的分量，仍然朝下坡方向走。",
    },
    assumptions={
        "en": "One entry g of the gradient, η > 0 and c > 0. Proved for g = −c − t, g = c + t "
        "and, inside the window, g = p with c = p + r (a negative g inside by reflection); p, t "
        "> 0, r ≥ 0. Downhill: to first order the entry changes the loss by −η g clip(g).",
        "zh": "梯度的一个分量 g，η > 0，c > 0。分别对 g = −c − t、g = c + t 以及区间之内的 g = "
        "p、c = p + r 证明（区间内的负值由反射得到），p、t > 0，r ≥ 0。下坡指一阶近似下该分量使"
        "损失改变 −η g clip(g)。",
    },
    references=("pascanu2013",),
)
def clip_is_for_gradients() -> Case:
    most, most_inside = (eta * c) ** 2, (eta * REACH) ** 2

    def step(g: sp.Expr, bound: sp.Expr = c) -> sp.Expr:
        return eta * clip(g, -bound, bound)

    inside = step(p, REACH)
    statement = ForAll(
        {
            "bounded below": at_most(step(BELOW) ** 2, most),
            "bounded inside": at_most(inside**2, most_inside),
            "bounded above": at_most(step(ABOVE) ** 2, most),
            "downhill below": greater(step(BELOW) * BELOW, 0),
            "downhill inside": greater(inside * p, 0),
            "downhill above": greater(step(ABOVE) * ABOVE, 0),
        },
        {**dict.fromkeys((eta, c, t, p), Positive), r: Nonnegative},
        scope=r"g \in \mathbb{R},\; \eta, c > 0",
        display=(
            r"\hat w = w - \eta\,\operatorname{clip}(g; -c, c):",
            r"|\hat w - w| \le \eta\,c, \qquad g\,\operatorname{clip}(g; -c, c) > 0"
            r" \quad (g \ne 0)",
        ),
        words="|eta clip(g; -c, c)| <= eta c, and g clip(g; -c, c) > 0 for g != 0",
    )
    evidence = [
        certificate(
            **{
                "bounded below": sp.S.Zero,
                "bounded inside": eta**2 * r * (2 * p + r),
                "bounded above": sp.S.Zero,
                "downhill below": eta * c * (c + t),
                "downhill inside": eta * p**2,
                "downhill above": eta * c * (c + t),
            }
        ),
        points(count=12),
    ]
    mistakes = [
        Mistake("a step of at most c, without η", "以为步长至多为 c，漏掉 η",
                statement.but(**{
                    "bounded below": at_most(step(BELOW) ** 2, eta * c**2),
                    "bounded above": at_most(step(ABOVE) ** 2, eta * c**2)})),
        Mistake("half the bound", "界限少了一半",
                statement.but(**{"bounded inside": at_most(inside**2, most_inside / 4)})),
        Mistake("the gradient not clipped at all", "梯度根本没有裁剪",
                statement.but(**{"bounded above": at_most((eta * ABOVE) ** 2, most),
                                 "bounded below": at_most((eta * BELOW) ** 2, most)})),
        Mistake("a window without negative numbers", "区间里没有负数",
                statement.but(**{"downhill below": greater(eta * clip(BELOW, 0, c) * BELOW, 0)})),
        Mistake("the sign lost: the size is clipped", "丢掉符号，只裁剪绝对值",
                statement.but(**{"downhill below": greater(step(-BELOW) * BELOW, 0),
                                 "downhill inside": greater(inside * -p, 0)})),
        Mistake("a step uphill", "朝上坡走一步",
                statement.but(**{"downhill above": less(step(ABOVE) * ABOVE, 0)})),
    ]  # fmt: skip
    return Case(statement, evidence, mistakes)


@claim(
    "clip-output-kills-gradient",
    page=PAGE,
    grade=PROVED,
    titles={"en": "A clipped output has no gradient", "zh": "裁剪输出会让梯度归零"},
    statement_text={
        "en": "Clip the output of a neuron to [0, 10], and wherever the output was really clipped "
        "the loss has derivative exactly 0 with respect to the pre-activation, and so to every "
        "weight behind it. Inside the window the derivative is 2(z − y), as large as without "
        "clipping.",
        "zh": "把神经元的输出裁剪到 [0, 10]：凡是真正被裁剪的地方，损失对预激活值的导数恰为 0，"
        "于是对它之前的所有权重也都是 0；区间之内导数为 2(z − y)，与不裁剪时一样大。",
    },
    assumptions={
        "en": "Squared error with target y. Below the window z = −t, above it z = 10 + t, t > 0. "
        "Inside, proved for any window that reaches from 0 to z + t, z > 0.",
        "zh": "平方误差，目标为 y。区间以下 z = −t，以上 z = 10 + t，t > 0。区间之内，对从 0 到 "
        "z + t （z > 0）的任意区间证明。",
    },
)
def clip_output_kills_gradient() -> Case:
    z, top = sp.Symbol("z", real=True), sp.Symbol("b", positive=True)
    slope = ((clip(z, LOWEST, top) - y) ** 2).diff(z)

    def at(place: sp.Expr, bound: sp.Expr = HIGHEST) -> sp.Expr:
        return slope.xreplace({z: place, top: bound})

    below, above = -t, HIGHEST + t
    statement = ForAll(
        {
            "below": equal(at(below), 0),
            "above": equal(at(above), 0),
            "inside": equal(at(p, p + t), 2 * (p - y)),
        },
        {y: Reals, t: Positive, p: Positive},
        scope=r"y, z \in \mathbb{R}",
        display=(
            r"l = \bigl(\operatorname{clip}(z; 0, 10) - y\bigr)^2:",
            r"\frac{\partial l}{\partial z} = \begin{cases} 0 & z < 0 \ \text{or}\ z > 10 \\"
            r" 2\,(z - y) & 0 < z < 10 \end{cases}",
        ),
        words="l = (clip(z; 0, 10) - y)^2: dl/dz = 0 for z < 0 or z > 10, 2 (z - y) between",
    )
    residual = 2 * (clip(z, LOWEST, HIGHEST) - y)
    mistakes = [
        Mistake("above the window the residual is passed on", "以为高于区间时残差照样传回",
                statement.but(above=equal(at(above), residual.subs(z, above)))),
        Mistake("below the window the residual is passed on", "以为低于区间时残差照样传回",
                statement.but(below=equal(at(below), residual.subs(z, below)))),
        Mistake("no gradient inside either", "以为区间内也没有梯度",
                statement.but(inside=equal(at(p, p + t), 0))),
        Mistake("the factor 2 lost", "漏掉因子 2",
                statement.but(inside=equal(at(p, p + t), p - y))),
    ]  # fmt: skip
    return Case(statement, [identity(), points(count=12)], mistakes)


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
    values = {
        "first": Value(steep[0]),
        "second": Value(steep[1]),
        "bound": Value(sp.Integer(1)),
        "turned": Value((sp.pi / 4 - sp.atan(steep[1] / steep[0])) * degrees, digits=3),
    }
    return Case(statement, evidence, mistakes, values)
