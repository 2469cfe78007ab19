"""The sigmoid: its range, its symmetry, its slope."""

from __future__ import annotations

import sympy as sp

from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.evidence import certificate, identity, points, slope
from gradmath.claims.grades import PROVED
from gradmath.claims.relation import at_most, equal, greater, less
from gradmath.claims.statement import ForAll
from gradmath.claims.symbols import Positive, Reals, sigmoid, z
from gradmath.claims.values import Instance, Value

PAGE = "one-neuron"
HALF, QUARTER = sp.Rational(1, 2), sp.Rational(1, 4)


@claim(
    "sigmoid-range",
    page=PAGE,
    grade=PROVED,
    titles={"en": "The range of the sigmoid", "zh": "sigmoid 的值域"},
    statement_text={
        "en": "The sigmoid rises everywhere and takes every value strictly between 0 and 1, "
        "but never 0 or 1 itself.",
        "zh": "sigmoid 处处严格递增，取遍 0 与 1 之间的一切值，但永远取不到 0 和 1。",
    },
    assumptions={"en": "z and p are real, 0 < p < 1.", "zh": "z、p 为实数，且 0 < p < 1。"},
)
def sigmoid_range() -> Case:
    p = sp.Symbol("p", positive=True)
    s = sigmoid(z)
    statement = ForAll(
        {
            "above 0": greater(s, 0),
            "below 1": less(s, 1),
            "rises": greater(s.diff(z), 0),
            "onto": equal(sigmoid(sp.log(p / (1 - p))), p),
        },
        {z: Reals, p: sp.Interval.open(0, 1)},
        display=(
            r"0 < \sigma(z) < 1, \qquad \sigma'(z) > 0,",
            r"\sigma\left(\log \frac{p}{1 - p}\right) = p",
        ),
        words="for all z: 0 < sigmoid(z) < 1, sigmoid'(z) > 0; sigmoid(log(p/(1 - p))) = p for "
        "0 < p < 1",
    )
    tail = sp.exp(-z) / (1 + sp.exp(-z))
    evidence = [
        certificate(**{"above 0": s, "below 1": tail, "rises": sp.exp(-z) / (1 + sp.exp(-z)) ** 2}),
        identity("onto"),
        points(),
    ]
    mistakes = [
        Mistake(
            "the range of tanh",
            "误作 tanh 的值域",
            statement.but(onto=equal(sigmoid(sp.log(p / (1 - p))), 2 * p - 1)),
        ),
        Mistake(
            "never above 9/10",
            "误以为不超过 9/10",
            statement.but(**{"below 1": less(s, sp.Rational(9, 10))}),
        ),
        Mistake(
            "above 1/2 for every z, as it is for positive z",
            "误以为处处大于 1/2（z 为正时才如此）",
            statement.but(**{"above 0": greater(s, HALF)}),
        ),
        Mistake(
            "falls where z is negative",
            "误以为 z 为负时递减",
            statement.but(rises=greater(z * s.diff(z), 0)),
        ),
    ]
    # what a neuron with w = 1, b = 0 and inputs from -10 to 10 really reaches
    values = {
        "low": Value(
            sigmoid(sp.Integer(-10)).explicit(), digits=4, again=Instance("above 0", {z: -10})
        ),
        "high": Value(
            sigmoid(sp.Integer(10)).explicit(), digits=7, again=Instance("below 1", {z: 10})
        ),
    }
    return Case(statement, evidence, mistakes, values)


@claim(
    "sigmoid-symmetry",
    page=PAGE,
    grade=PROVED,
    titles={"en": "The sigmoid's symmetry", "zh": "sigmoid 的对称性"},
    statement_text={
        "en": "Turned by half a turn about the point (0, 1/2), the sigmoid falls on itself.",
        "zh": "绕点 (0, 1/2) 旋转 180°，sigmoid 的图像与自身重合。",
    },
    assumptions={"en": "z is real.", "zh": "z 为实数。"},
)
def sigmoid_symmetry() -> Case:
    statement = ForAll({"statement": equal(sigmoid(-z), 1 - sigmoid(z))}, {z: Reals})
    mistakes = [
        Mistake(
            "taken for an odd function",
            "误当成奇函数",
            statement.but(statement=equal(sigmoid(-z), -sigmoid(z))),
        ),
        Mistake(
            "taken for an even function",
            "误当成偶函数",
            statement.but(statement=equal(sigmoid(-z), sigmoid(z))),
        ),
        Mistake(
            "1/sigma in place of 1 - sigma",
            "把 1 − σ 写成 1/σ",
            statement.but(statement=equal(sigmoid(-z), 1 / sigmoid(z))),
        ),
    ]
    return Case(statement, [identity(), points()], mistakes)


@claim(
    "sigmoid-derivative",
    page=PAGE,
    grade=PROVED,
    titles={"en": "The sigmoid's slope in three forms", "zh": "sigmoid 导数的三种写法"},
    statement_text={
        "en": "The slope of the sigmoid is e⁻ᶻ/(1 + e⁻ᶻ)², which is s(1 − s), which is "
        "1/4 − (s − 1/2)², where s is the sigmoid's value.",
        "zh": "记 s 为 sigmoid 的值，则其导数等于 e⁻ᶻ/(1 + e⁻ᶻ)²，也等于 s(1 − s)，"
        "又等于 1/4 − (s − 1/2)²。",
    },
    assumptions={"en": "z is real.", "zh": "z 为实数。"},
)
def sigmoid_derivative() -> Case:
    s = sigmoid(z)
    exponential, product, square = "exponential", "product", "square"
    statement = ForAll(
        {
            exponential: equal(s.diff(z), sp.exp(-z) / (1 + sp.exp(-z)) ** 2),
            product: equal(s.diff(z), s * (1 - s)),
            square: equal(s.diff(z), QUARTER - (s - HALF) ** 2),
        },
        {z: Reals},
    )
    evidence = [
        identity(),
        *(slope(part, of=s, by=z) for part in (exponential, product, square)),
    ]
    mistakes = [
        Mistake(
            "s(1 + s): sign flipped",
            "符号写反：s(1 + s)",
            statement.but(product=equal(s.diff(z), s * (1 + s))),
        ),
        Mistake(
            "1 - s: lost factor s",
            "漏掉因子 s",
            statement.but(product=equal(s.diff(z), 1 - s)),
        ),
        Mistake(
            "the square of the denominator lost",
            "分母漏掉平方",
            statement.but(exponential=equal(s.diff(z), sp.exp(-z) / (1 + sp.exp(-z)))),
        ),
        Mistake(
            "e^z in the numerator",
            "分子写成 e^z",
            statement.but(exponential=equal(s.diff(z), sp.exp(z) / (1 + sp.exp(-z)) ** 2)),
        ),
        Mistake(
            "1/2 in place of 1/4",
            "把 1/4 写成 1/2",
            statement.but(square=equal(s.diff(z), HALF - (s - HALF) ** 2)),
        ),
    ]
    values = {
        "product": Value(s * (1 - s)),
        "at_zero": Value(s.diff(z).explicit().subs(z, 0), again=Instance(product, {z: 0})),
    }
    return Case(statement, evidence, mistakes, values)


@claim(
    "sigmoid-slope-bound",
    page=PAGE,
    grade=PROVED,
    titles={"en": "At most a quarter", "zh": "导数至多四分之一"},
    statement_text={
        "en": "The slope of the sigmoid is at most 1/4, and reaches 1/4 at z = 0 alone.",
        "zh": "sigmoid 的导数不超过 1/4，且仅在 z = 0 处取到 1/4。",
    },
    assumptions={
        "en": "z is real. Away from 0 the strict inequality is proved for each side separately.",
        "zh": "z 为实数。在 0 的两侧，严格不等式分别证明。",
    },
)
def sigmoid_slope_bound() -> Case:
    u = sp.Symbol("u", positive=True)
    s, ds = sigmoid(z), sigmoid(z).diff(z)
    statement = ForAll(
        {
            "bound": at_most(ds, QUARTER),
            "at zero": equal(ds.subs(z, 0), QUARTER),
            "right of zero": less(ds.subs(z, u), QUARTER),
            "left of zero": less(ds.subs(z, -u), QUARTER),
        },
        {z: Reals, u: Positive},
        display=(
            r"\sigma'(z) \le \tfrac14,",
            r"\sigma'(z) = \tfrac14 \iff z = 0",
        ),
        scope=r"z \in \mathbb{R}",
        words="sigmoid'(z) <= 1/4 for all z in Reals, with equality exactly at z = 0",
    )
    gap = (1 - sp.exp(-u)) ** 2 / (4 * (1 + sp.exp(-u)) ** 2)
    evidence = [
        certificate(bound=(s - HALF) ** 2, **{"right of zero": gap, "left of zero": gap}),
        identity("at zero"),
        points(),
    ]
    mistakes = [
        Mistake("1/5 in place of 1/4", "把 1/4 写成 1/5",
                statement.but(bound=at_most(ds, sp.Rational(1, 5)))),
        Mistake("the slope at 0 taken for 1/2", "误以为 0 处导数为 1/2",
                statement.but(**{"at zero": equal(ds.subs(z, 0), HALF)})),
        Mistake("1/4 reached away from 0", "误以为在 0 以外也取到 1/4",
                statement.but(**{"right of zero": greater(ds.subs(z, u), QUARTER)})),
        Mistake("larger to the left of 0", "误以为在 0 的左侧更大",
                statement.but(**{"left of zero": greater(ds.subs(z, -u), QUARTER)})),
        Mistake("the value in place of the slope", "误把函数值当作导数",
                statement.but(bound=at_most(s, QUARTER))),
    ]  # fmt: skip
    return Case(statement, evidence, mistakes, {"bound": Value(QUARTER)})
