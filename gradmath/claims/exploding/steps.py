"""What a step that is too long does: exactly, in a bowl and in a valley."""

from __future__ import annotations

import math

import sympy as sp

from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.evidence import certificate, enclosure, identity, points
from gradmath.claims.exploding.stacks import PAGE
from gradmath.claims.grades import PROVED
from gradmath.claims.relation import equal, greater, less
from gradmath.claims.statement import ForAll
from gradmath.claims.symbols import Positive, Reals, eta
from gradmath.claims.values import Value

n = sp.Symbol("n", integer=True, nonnegative=True)


@claim(
    "step-diverges",
    page=PAGE,
    grade=PROVED,
    titles={"en": "A step above 2/β diverges", "zh": "步长超过 2/β 必然发散"},
    statement_text={
        "en": "In a bowl whose steepest direction has curvature β, one step multiplies the part of "
        "the position along that direction by 1 − ηβ, and n steps by its n-th power. For η below "
        "2/β that part shrinks; at 2/β it changes sign for ever without growing; above 2/β, with "
        "ηβ = 2 + d, every step makes it 1 + d times as long and its share of the loss (1 + d)² "
        "times as high.",
        "zh": "设碗形损失最陡方向的曲率为 β。每走一步，位置沿该方向的分量乘以 1 − ηβ，"
        "n 步即乘以其 n 次方。η 小于 2/β 时该分量缩小；等于 2/β 时它永远来回变号而不增大；"
        "大于 2/β 时，记 ηβ = 2 + d，每一步使它变为 1 + d 倍，它对损失的贡献变为 (1 + d)² 倍。",
    },
    assumptions={
        "en": "A quadratic loss of two parameters with curvatures β > 0 and α along two "
        "perpendicular directions, turned by any angle t; the start has a part along the first. "
        "With more parameters each further direction has a factor of its own.",
        "zh": "两个参数的二次损失，沿两个相互垂直的方向曲率分别为 β > 0 与 α，"
        "方向可转过任意角度 t；起点沿第一个方向的分量不为零。参数更多时，"
        "其余每个方向各有自己的因子。",
    },
    references=("nesterov2018",),
)
def step_diverges() -> Case:
    beta, d = sp.symbols("beta d", positive=True)
    alpha, t, u, v, c = sp.symbols("alpha t u v c", real=True)
    e = sp.Symbol("e", positive=True)
    along, across = sp.Matrix([sp.cos(t), sp.sin(t)]), sp.Matrix([-sp.sin(t), sp.cos(t)])
    curvature = beta * along * along.T + alpha * across * across.T
    start = sp.Matrix([u, v])
    moved = start - eta * curvature * start
    part, factor = along.dot(moved), 1 - eta * beta
    above, below = factor.subs(eta, (2 + d) / beta), factor.subs(eta, (2 - e) / beta)
    statement = ForAll(
        {
            "one step": equal(part, factor * along.dot(start)),
            "n steps": equal((1 + d) * ((1 + d) ** n * c), (1 + d) ** (n + 1) * c),
            "above": equal(above**2, (1 + d) ** 2),
            "above grows": greater((1 + d) ** 2, 1),
            "at": equal(factor.subs(eta, 2 / beta), -1),
            "below": less(below**2, 1),
            "loss": equal(beta * (factor * c) ** 2 / 2, factor**2 * (beta * c**2 / 2)),
        },
        {beta: Positive, eta: Positive, d: Positive, e: sp.Interval.open(0, 2),
         alpha: Reals, t: Reals, u: Reals, v: Reals, c: Reals, n: sp.S.Naturals0},
        display=(
            r"c_n = (1 - \eta\beta)^n\, c_0,",
            r"\tfrac{\beta}{2}\, c_n^2 = (1 - \eta\beta)^{2n}\, \tfrac{\beta}{2}\, c_0^2,",
            r"\eta < \tfrac{2}{\beta}: \; |1 - \eta\beta| < 1,",
            r"\eta = \tfrac{2}{\beta}: \; 1 - \eta\beta = -1,",
            r"\eta = \tfrac{2 + d}{\beta}: \; |1 - \eta\beta| = 1 + d > 1",
        ),
        words="c_n = (1 - eta beta)^n c_0; |1 - eta beta| < 1 below 2/beta, = 1 at it (sign -1), "
        "= 1 + d > 1 above it, eta beta = 2 + d",
        scope="",
    )  # fmt: skip
    mistakes = [
        Mistake("the curvature across in place of that along", "误用垂直方向的曲率",
                statement.but(**{"one step": equal(part, (1 - eta * alpha) * along.dot(start))})),
        Mistake("a step uphill", "步子走反了方向",
                statement.but(**{"one step": equal(part, (1 + eta * beta) * along.dot(start))})),
        Mistake("added at every step, not multiplied", "每步相加而不是相乘",
                statement.but(**{"n steps": equal((1 + d) * ((1 + d) ** n * c), c + (n + 1) * d)})),
        Mistake("a bound of 1/beta", "误以为界限是 1/β",
                statement.but(above=equal(factor.subs(eta, (1 + d) / beta) ** 2, (1 + d) ** 2))),
        Mistake("no growth beyond the bound", "以为超过界限也不增大",
                statement.but(**{"above grows": greater((1 - d) ** 2, 1)})),
        Mistake("rest at the bound", "以为取界限时停在谷底",
                statement.but(at=equal(factor.subs(eta, 2 / beta), 0))),
        Mistake("shrinking up to 3/beta", "以为小于 3/β 都会缩小",
                statement.but(below=less(factor.subs(eta, (3 - e) / beta) ** 2, 1))),
        Mistake("the loss multiplied by the factor, not by its square", "损失只乘以因子本身",
                statement.but(loss=equal(statement.parts["loss"].left, factor * beta * c**2 / 2))),
    ]  # fmt: skip
    evidence = [
        identity("one step", "n steps", "above", "at", "loss"),
        certificate(**{"above grows": d * (2 + d), "below": e * (2 - e)}),
        points("one step", "above", "above grows", "below", "loss"),
    ]
    return Case(statement, evidence, mistakes)


def valley(theta: sp.Expr) -> sp.Expr:
    """The loss (theta^2 - 1)^2 / 4; see `dynamics.steps`."""
    return (theta**2 - 1) ** 2 / 4


def _pair() -> tuple[float, float]:
    """The two points by descent itself with the step 6/5, from near the bottom; inner first."""
    theta = 0.9
    for _ in range(400):
        theta -= 1.2 * theta * (theta**2 - 1)
    other = theta - 1.2 * theta * (theta**2 - 1)
    return min(theta, other), max(theta, other)


def _multiplier_again() -> float:
    """The product of the update's slopes at both, by the derivative of theta^3 - theta."""
    return math.prod(1 - 1.2 * (3 * theta**2 - 1) for theta in _pair())


@claim(
    "oscillating-loss",
    page=PAGE,
    grade=PROVED,
    titles={"en": "A loss that goes up and down for ever", "zh": "永远上下跳动的损失"},
    statement_text={
        "en": "The valley L(θ) = (θ² − 1)²/4 has curvature 2 at its bottom θ = 1, so 2/β is 1 "
        "there. For every step η above 1 there are two points, on either side of the bottom, that "
        "descent exchanges for ever; the loss is higher at the inner one than at the outer one, so "
        "it goes up at every second step. With η = 6/5 the pair attracts all descents that start "
        "near it.",
        "zh": "山谷 L(θ) = (θ² − 1)²/4 在谷底 θ = 1 处曲率为 2，故该处 2/β = 1。只要步长 η "
        "大于 1，谷底两侧就有两个点，梯度下降在两点之间永远来回；靠内一点的损失高于靠外一点，"
        "所以每隔一步损失就上升一次。η = 6/5 时，从附近出发的下降都会被这一对点吸引过去。",
    },
    assumptions={
        "en": "Written with t between 0 and 1 and η = 1/(1 − t²), which is every η above 1. The "
        "pair attracts where the product of the two slopes of the update is below 1 in size, which "
        "is shown for η = 6/5.",
        "zh": "取 0 < t < 1，η = 1/(1 − t²)，即所有大于 1 的 η。"
        "更新映射在两点的导数之积绝对值小于 1 时，这一对点具有吸引性；对 η = 6/5 证明。",
    },
    references=("cohen2021",),
)
def oscillating_loss() -> Case:
    t, x = sp.Symbol("t", positive=True), sp.Symbol("x", real=True)
    width = sp.sqrt(4 - 3 * t**2)
    outer, inner = (width + t) / 2, (width - t) / 2
    step = 1 / (1 - t**2)
    slope = valley(x).diff(x)

    def update(theta: sp.Expr, by: sp.Expr = step) -> sp.Expr:
        return theta - by * slope.subs(x, theta)

    rate = (x - sp.Rational(6, 5) * slope).diff(x)
    at = {t: sp.sqrt(sp.Rational(1, 6))}  # where the step is 6/5
    multiplier = sp.expand(rate.subs(x, outer.subs(at)) * rate.subs(x, inner.subs(at)))
    climb = valley(inner) - valley(outer)
    wide = sp.sqrt(1 + 3 * (1 - t) * (1 + t))
    statement = ForAll(
        {
            "bottom": equal(valley(x).diff(x, 2).subs(x, 1), 2),
            "outer to inner": equal(update(outer), inner),
            "inner to outer": equal(update(inner), outer),
            "outside the bottom": greater(outer * inner, 0),
            "climbs": greater(climb, 0),
            "step": equal(step.subs(at), sp.Rational(6, 5)),
            "attracts": less(sp.Abs(multiplier), 1),
        },
        {t: sp.Interval.open(0, 1)},
        display=(
            r"\theta_\pm = \tfrac12 \bigl(\sqrt{4 - 3t^2} \pm t\bigr), \quad"
            r" \eta = \tfrac{1}{1 - t^2}:",
            r"\theta_\pm - \eta\, L'(\theta_\pm) = \theta_\mp,",
            r"L(\theta_-) - L(\theta_+) = \tfrac14\, t^3 \sqrt{4 - 3t^2} > 0",
        ),
        words="theta+- = (sqrt(4 - 3 t^2) +- t)/2 are exchanged by a step eta = 1/(1 - t^2), and "
        "L(theta-) - L(theta+) = t^3 sqrt(4 - 3 t^2)/4 > 0",
        scope="",
    )
    mistakes = [
        Mistake("the curvature at the hump", "取了山脊（θ = 0）处的曲率",
                statement.but(bottom=equal(valley(x).diff(x, 2).subs(x, 0), 2))),
        Mistake("both points at rest", "以为两点都不动",
                statement.but(**{"outer to inner": equal(update(outer), outer),
                                 "inner to outer": equal(update(inner), inner)})),
        Mistake("half the step", "步长减半",
                statement.but(**{"outer to inner": equal(update(outer, step / 2), inner)})),
        Mistake("points on both sides of the hump", "以为两点分居山脊两侧",
                statement.but(**{"outside the bottom": greater(-outer * inner, 0)})),
        Mistake("a loss that falls on the way in", "以为向内的一步使损失下降",
                statement.but(climbs=greater(-climb, 0))),
        Mistake("the step taken for t", "把 t 当成步长",
                statement.but(step=equal(t.subs(at), sp.Rational(6, 5)))),
        Mistake("a pair that repels", "以为这一对点排斥",
                statement.but(attracts=less(1 / sp.Abs(multiplier), 1))),
    ]  # fmt: skip
    evidence = [
        identity("bottom", "outer to inner", "inner to outer", "step"),
        certificate(
            **{"outside the bottom": (1 - t) * (1 + t), "climbs": t**3 * wide / 4},
        ),
        enclosure("attracts"),
    ]
    low, high = (valley(place.subs(at)) for place in (outer, inner))
    values = {
        "low": Value(low, digits=2, again=lambda: float(valley(_pair()[1]))),
        "high": Value(high, digits=2, again=lambda: float(valley(_pair()[0]))),
        "multiplier": Value(multiplier, digits=2, again=_multiplier_again),
        "outer": Value(outer.subs(at), digits=3, again=lambda: _pair()[1]),
        "inner": Value(inner.subs(at), digits=3, again=lambda: _pair()[0]),
    }
    return Case(statement, evidence, mistakes, values)
