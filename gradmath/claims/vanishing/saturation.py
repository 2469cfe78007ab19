"""Saturation of one neuron: a slope that dies out, whatever the loss has to say."""

from __future__ import annotations

import math

import sympy as sp

from gradmath.claims.again import slope_at
from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.evidence import certificate, enclosure, points
from gradmath.claims.grades import PROVED
from gradmath.claims.relation import at_least, greater, less
from gradmath.claims.statement import ForAll
from gradmath.claims.symbols import sigmoid, y, z
from gradmath.claims.values import Instance, Value

PAGE = "vanishing"

SLOPE = sigmoid(z).diff(z)
#: one entry of the squared error, in the pre-activation
ENTRY = (sigmoid(z) - y) ** 2
HALF, QUARTER = sp.Rational(1, 2), sp.Rational(1, 4)
WRONG = sp.Integer(-20)  # where the page's neuron stands: confident, and wrong
u = sp.Symbol("u", nonnegative=True)
HalfLine = sp.Interval(0, sp.oo)


@claim(
    "saturation-decay",
    page=PAGE,
    grade=PROVED,
    titles={"en": "The slope dies out exponentially", "zh": "导数按指数衰减"},
    statement_text={
        "en": "The slope of the sigmoid lies between a quarter of exp(−|z|) and exp(−|z|): far "
        "out, every unit that z moves divides it by about e.",
        "zh": "sigmoid 的导数介于 exp(−|z|) 的四分之一与 exp(−|z|) 之间：在远处，"
        "z 每往外移动一个单位，导数大约除以 e。",
    },
    assumptions={
        "en": "z is real; written z = u to the right of 0 and z = −u to its left, with u ≥ 0.",
        "zh": "z 为实数；0 的右侧写作 z = u，左侧写作 z = −u，其中 u ≥ 0。",
    },
)
def saturation_decay() -> Case:
    right, left, size = SLOPE.xreplace({z: u}), SLOPE.xreplace({z: -u}), sp.exp(-u)
    statement = ForAll(
        {
            "right: at most": less(right, size),
            "left: at most": less(left, size),
            "right: at least": at_least(right, size / 4),
            "left: at least": at_least(left, size / 4),
        },
        {u: HalfLine},
        display=(r"\tfrac14\,e^{-|z|} \le \sigma'(z) < e^{-|z|}",),
        scope=r"z \in \mathbb{R}",
        words="for all real z: e^-|z| / 4 <= sigmoid'(z) < e^-|z|",
    )
    above = size * (2 * size + size**2) / (1 + size) ** 2
    below = size * (1 - size) * (3 + size) / (4 * (1 + size) ** 2)
    evidence = [
        certificate(**{name: above if "most" in name else below for name in statement.parts}),
        points(),
    ]
    mistakes = [
        Mistake("as fast as a bell curve", "以为像钟形曲线那样快",
                statement.but(**{"right: at most": less(right, sp.exp(-(u**2)))})),
        Mistake("twice as fast", "以为快一倍",
                statement.but(**{"left: at most": less(left, sp.exp(-2 * u))})),
        Mistake("a quarter of it as the upper bound", "把四分之一当作上界",
                statement.but(**{"right: at most": less(right, size / 4)})),
        Mistake("half of it as the lower bound", "把一半当作下界",
                statement.but(**{"right: at least": at_least(right, size / 2)})),
        Mistake("it dies out on the right alone", "以为只在右侧衰减",
                statement.but(**{"left: at least": at_least(left, QUARTER)})),
    ]  # fmt: skip
    values = {
        "at_20": Value(
            SLOPE.explicit().subs(z, 20), digits=3, again=Instance("right: at most", {u: 20})
        )
    }
    return Case(statement, evidence, mistakes, values)


@claim(
    "confidently-wrong",
    page=PAGE,
    grade=PROVED,
    titles={"en": "Confidently wrong", "zh": "自信地错了"},
    statement_text={
        "en": "With target 1 and a pre-activation far to the left the loss is nearly 1, as large "
        "as it can be, and its derivative nearly 0: l > 1 − 2 eᶻ while |dl/dz| < 2 eᶻ. At z = −20 "
        "the derivative has the right sign and a size below 5 · 10⁻⁹.",
        "zh": "目标为 1 而预激活值远在左侧时，损失接近 1，即接近最大，导数却接近 0："
        "l > 1 − 2 eᶻ，而 |dl/dz| < 2 eᶻ。z = −20 处导数符号正确，大小却不到 5 · 10⁻⁹。",
    },
    assumptions={
        "en": "One sigmoid neuron, squared error without 1/2, target 1. z = −u with u ≥ 0.",
        "zh": "一个 sigmoid 神经元，平方误差（不带 1/2），目标为 1。z = −u，u ≥ 0。",
    },
)
def confidently_wrong() -> Case:
    entry = ENTRY.xreplace({y: sp.S.One})
    by_z = entry.diff(z)
    small = sp.exp(-u)
    left = {z: -u}
    loss_there, found = (f.xreplace({z: WRONG}) for f in (entry, by_z))
    statement = ForAll(
        {
            "loss": greater(entry.xreplace(left), 1 - 2 * small),
            "derivative": less(-by_z.xreplace(left), 2 * small),
            "sign": less(by_z.xreplace(left), 0),
            "loss at -20": greater(loss_there, 1 - sp.Rational(1, 10**8)),
            "derivative at -20": greater(found, -sp.Rational(5, 10**9)),
        },
        {u: HalfLine},
        display=(
            r"y = 1,\; z \le 0:",
            r"l > 1 - 2\,e^{z}, \qquad -2\,e^{z} < \mathrm d l / \mathrm d z < 0,",
            r"y = 1,\; z = -20:",
            r"l > 1 - 10^{-8}, \qquad |\mathrm d l / \mathrm d z| < 5 \cdot 10^{-9}",
        ),
        scope="",
        words="y = 1, z <= 0: l > 1 - 2 e^z and -2 e^z < dl/dz < 0; at z = -20 l > 1 - 10^-8 and "
        "|dl/dz| < 5 10^-9",
    )
    s, rest = small / (1 + small), 1 / (1 + small)  # sigmoid(-u) and 1 minus it
    evidence = [
        certificate(
            loss=2 * s * small + s**2,
            derivative=2 * small**2 * (3 + 3 * small + small**2) / (1 + small) ** 3,
            sign=2 * rest**2 * s,
        ),
        enclosure("loss at -20", "derivative at -20"),
        points("loss", "derivative", "sign"),
    ]
    mistakes = [
        Mistake("a small derivative means a small loss", "以为导数小则损失小",
                statement.but(loss=less(entry.xreplace(left), 2 * small))),
        Mistake("the derivative stays as large as the residual", "以为导数与残差一样大",
                statement.but(derivative=greater(
                    -by_z.xreplace(left), 2 * (1 - sigmoid(-u))))),
        Mistake("it points the wrong way", "以为导数指向错误的方向",
                statement.but(sign=greater(by_z.xreplace(left), 0))),
        Mistake("the loss is small at −20", "以为 −20 处损失很小",
                statement.but(**{"loss at -20": less(loss_there, sp.Rational(1, 10**8))})),
        Mistake("with the slope lost, −2 at −20", "漏掉 sigmoid 的导数，得 −2",
                statement.but(**{"derivative at -20": less(found, -1)})),
    ]  # fmt: skip
    values = {
        "z": Value(WRONG, again=lambda: _log_odds(loss_there)),
        "loss": Value(loss_there.doit(), digits=9),
        "gradient": Value(_explicit(found), digits=3),
        "slope": Value(
            _explicit(SLOPE.xreplace({z: WRONG})),
            digits=3,
            again=lambda: slope_at(sigmoid(z), z, {z: WRONG}),
        ),
        "residual": Value(
            _explicit(sigmoid(WRONG) - 1), digits=9, again=-sp.sqrt(_explicit(loss_there.doit()))
        ),
    }
    return Case(statement, evidence, mistakes, values)


def _explicit(expression: sp.Expr) -> sp.Expr:
    from gradmath.catalogue.applied import explicit

    return explicit(expression)


def _log_odds(loss: sp.Expr) -> sp.Expr:
    """The pre-activation from its loss (s - 1)^2: log(s/(1 - s))."""
    rest = sp.sqrt(loss.doit())
    return _explicit(sp.log((1 - rest) / rest))


@claim(
    "escape-from-saturation",
    page=PAGE,
    grade=PROVED,
    titles={"en": "How long the way back is", "zh": "回来的路有多长"},
    statement_text={
        "en": "Target 1, z = −20, and descent on the bias with η = 1. With the squared error each "
        "step below −19 moves z by less than 2 e⁻¹⁹, so that more than 80 million steps are needed "
        "to reach −19. With the cross-entropy two steps lead past it.",
        "zh": "目标为 1，z = −20，对偏置以 η = 1 下降。用平方误差时，在 −19 "
        "以下每一步移动 z 不到 2 e⁻¹⁹，因此走到 −19 需要八千万步以上。用交叉熵则两步便越过。",
    },
    assumptions={
        "en": "One neuron without input, so that a step of the bias moves z by the same amount. "
        "The cross-entropy's derivative by z is σ(z) − 1.",
        "zh": "一个没有输入的神经元，偏置的一步就是 z 的一步。交叉熵对 z 的导数为 σ(z) − 1。",
    },
)
def escape_from_saturation() -> Case:
    edge, longest = WRONG + 1, sp.Integer(80_000_000)
    step = -ENTRY.xreplace({y: sp.S.One}).diff(z)
    below = step.xreplace({z: edge - u})
    most = 2 * sp.exp(edge)
    first = WRONG + 1 - sigmoid(WRONG)
    second = first + 1 - sigmoid(first)
    statement = ForAll(
        {
            "one step": less(below, most),
            "many steps": less(longest * most, 1),
            "one step of the cross-entropy": less(first, edge),
            "two steps of the cross-entropy": greater(second, edge),
        },
        {u: HalfLine},
        display=(
            r"z \le -19:\quad -\mathrm d l / \mathrm d z < 2\,e^{-19},",
            r"8 \cdot 10^7 \cdot 2\,e^{-19} < 1,",
            r"z_1 = -20 + 1 - \sigma(-20) < -19,",
            r"z_1 + 1 - \sigma(z_1) > -19",
        ),
        scope="",
        words="below -19 a step of the squared error is less than 2 e^-19, and 80 million of them "
        "less than 1; two steps of the cross-entropy lead from -20 past -19",
    )
    small = sp.exp(edge - u)
    evidence = [
        certificate(**{
            "one step": 2 * small**2 * (3 + 3 * small + small**2) / (1 + small) ** 3
            + 2 * sp.exp(edge) * (1 - sp.exp(-u)),
        }),
        enclosure("many steps", "one step of the cross-entropy", "two steps of the cross-entropy"),
        points("one step"),
    ]  # fmt: skip
    two = "two steps of the cross-entropy"
    mistakes = [
        Mistake("a step as long as the residual", "以为步子与残差一样长",
                statement.but(**{"one step": greater(below, 1)})),
        Mistake("a million steps are enough", "以为一百万步就够",
                statement.but(**{"many steps": greater(10**6 * most, 1)})),
        Mistake("the cross-entropy needs one step alone", "以为交叉熵只要一步",
                statement.but(**{"one step of the cross-entropy": greater(first, edge)})),
        Mistake("the cross-entropy is as slow", "以为交叉熵一样慢",
                statement.but(**{two: less(second, edge)})),
    ]  # fmt: skip
    values = {
        "edge": Value(edge),
        "steps": Value(1 / most, digits=2, again=math.exp(-float(edge)) / 2),
        "step": Value(most, digits=2),
        "two_steps": Value(_explicit(second), digits=4),
    }
    return Case(statement, evidence, mistakes, values)
