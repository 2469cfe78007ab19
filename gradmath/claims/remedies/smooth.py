"""Leaky ReLU and ELU: their slopes, their kinks, and the diode that ELU resembles."""

from __future__ import annotations

import functools
from typing import Any

import sympy as sp

from gradmath.catalogue import activations
from gradmath.catalogue.applied import applied
from gradmath.claims.again import repeated, slope_at
from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.enclosed import on_whole_domain
from gradmath.claims.evidence import certificate, identity, points
from gradmath.claims.grades import PROVED
from gradmath.claims.relation import at_most, equal, greater, less
from gradmath.claims.statement import ForAll
from gradmath.claims.symbols import z
from gradmath.claims.values import Value

PAGE = "remedies"
leaky, elu, relu = (applied(activations[name]) for name in ("leaky_relu", "elu", "relu"))
alpha, t, u = sp.symbols("alpha t u", positive=True)
Positive = sp.Interval.open(0, sp.oo)
DEPTH = 10


@claim(
    "leaky-slope",
    page=PAGE,
    grade=PROVED,
    titles={"en": "The slope of a leaky ReLU", "zh": "带泄漏 ReLU 的导数"},
    statement_text={
        "en": "With a leak a between 0 and 1 the slope is 1 on the right and a on the left, never "
        "0. Through ten layers of weight 1 a negative signal's gradient is multiplied by a¹⁰: "
        "small, but alive.",
        "zh": "泄漏系数 a 介于 0 与 1 之间时，右侧导数为 1，左侧为 a，处处不为 0。"
        "经过十个权重为 1 的层，负信号的梯度被乘以 a¹⁰：虽小，但没有断绝。",
    },
    assumptions={
        "en": "0 < a < 1, written a = 1/(1 + t). A leak of 0 is ReLU itself, and a = −1 gives |z|.",
        "zh": "0 < a < 1，写作 a = 1/(1 + t)。a = 0 就是 ReLU 本身，a = −1 则得 |z|。",
    },
    references=("maas2013",),
)
def leaky_slope() -> Case:
    leak = 1 / (1 + t)
    slope = leaky(z, alpha).diff(z)
    left, right = (slope.xreplace({z: place, alpha: leak}) for place in (-u, u))
    deep = functools.reduce(lambda s, _: leaky(s, leak).explicit(), range(DEPTH), -u)
    carried = -deep.diff(u)
    statement = ForAll(
        {
            "right": equal(right, 1),
            "left": equal(left, leak),
            "alive": greater(left, 0),
            "smaller": less(left, 1),
            "ten layers": equal(carried, leak**DEPTH),
        },
        {t: Positive, u: Positive},
        scope="",
        display=(
            r"f(z) = \begin{cases} z & z > 0 \\ a\,z & z \le 0 \end{cases}\;,\quad 0 < a < 1:",
            r"f'(z) = \begin{cases} 1 & z > 0 \\ a & z < 0 \end{cases}",
        ),
        words="leaky_relu'(z) = 1 for z > 0, a for z < 0, 0 < a < 1; ten layers: a^10",
    )
    evidence = [
        identity("right", "left", "ten layers"),
        certificate(alive=leak, smaller=t / (1 + t)),
    ]
    mistakes = [
        Mistake("slope 0 on the left, as for ReLU", "与 ReLU 一样，左侧导数为 0",
                statement.but(left=equal(left, 0))),
        Mistake("the branches exchanged, as with min for max", "两支互换，如同把 max 写成 min",
                statement.but(right=equal(right, leak), left=equal(left, 1))),
        Mistake("dead on the left", "以为左侧已死",
                statement.but(alive=at_most(left, 0))),
        Mistake("a leak above 1", "泄漏系数大于 1",
                statement.but(smaller=greater(left, 1))),
        Mistake("one leak for ten layers", "十层只漏一次",
                statement.but(**{"ten layers": equal(carried, leak)})),
    ]  # fmt: skip
    default = sp.Rational(1, 100)
    values = {
        "leak": Value(default, digits=1, again=_default_leak),
        "deep": Value(default**DEPTH, digits=1, again=repeated(default, DEPTH)),
    }
    return Case(statement, evidence, mistakes, values)


def _default_leak() -> float:
    """What the function itself does to -1 unless told otherwise."""
    from gradmath.functions import activations

    leaky: Any = activations["leaky_relu"]
    return -float(leaky(-1.0))


def _left(order: int) -> sp.Expr:
    """The limit from the left, at 0, of a derivative of ELU: that of its left branch."""
    branch = elu(-u, alpha).explicit()
    return ((-1) ** order * branch.diff(u, order)).subs(u, 0)


def _right(order: int) -> sp.Expr:
    """The same from the right."""
    return elu(u, alpha).explicit().diff(u, order)


@claim(
    "elu-c1-iff-alpha-1",
    page=PAGE,
    grade=PROVED,
    titles={"en": "How smooth ELU is", "zh": "ELU 有多光滑"},
    statement_text={
        "en": "At 0 the slope of ELU is α from the left and 1 from the right, so it is continuous "
        "exactly for α = 1. The second derivative is α from the left and 0 from the right: it "
        "jumps for every α.",
        "zh": "在 0 处，ELU 的左导数为 α，右导数为 1，因此当且仅当 α = 1 时导数连续。"
        "二阶导数从左侧趋于 α，从右侧为 0：对任何 α 都有跳变。",
    },
    assumptions={
        "en": "α > 0. Away from 0 both branches are smooth, so the limits from the two sides "
        "decide. They are the values at 0 of the derivatives of each branch.",
        "zh": "α > 0。0 以外两支都光滑，因此由两侧极限决定；它们等于各支导数在 0 处的值。",
    },
    references=("clevert2016",),
)
def elu_c1() -> Case:
    statement = ForAll(
        {
            "value left": equal(_left(0), 0),
            "slope left": equal(_left(1), alpha),
            "slope right": equal(_right(1), 1),
            "jump": equal(_right(1) - _left(1), 1 - alpha),
            "second left": equal(_left(2), alpha),
            "second right": equal(_right(2), 0),
            "second jumps": greater(_left(2) - _right(2), 0),
        },
        {alpha: Positive, u: Positive},
        scope=r"\alpha > 0",
        display=(
            r"f(z) = \operatorname{ELU}(z; \alpha):",
            r"f'(0^-) = \alpha,\; f'(0^+) = 1,",
            r"f''(0^-) = \alpha,\; f''(0^+) = 0,",
            r"f \in C^1 \iff \alpha = 1, \qquad f \notin C^2",
        ),
        words="ELU at 0: slopes alpha and 1, second derivatives alpha and 0; C1 exactly for "
        "alpha = 1, never C2",
    )
    evidence = [
        identity("value left", "slope left", "slope right", "jump", "second left", "second right"),
        certificate(**{"second jumps": alpha}),
    ]
    mistakes = [
        Mistake("C1 for every α", "以为对任何 α 都是 C1",
                statement.but(jump=equal(_right(1) - _left(1), 0),
                              **{"slope left": equal(_left(1), 1)})),
        Mistake("C2 as well", "以为还是 C2",
                statement.but(**{"second jumps": at_most(_left(2) - _right(2), 0),
                                 "second right": equal(_right(2), alpha)})),
        Mistake("the sign of the second derivative flipped on the left", "左侧二阶导数符号写反",
                statement.but(**{"second left": equal(_left(2), -alpha)})),
        Mistake("discontinuous: α lost from the constant", "常数项漏掉 α，函数不连续",
                statement.but(**{"value left": equal(_left(0), alpha - 1)})),
        Mistake("slope α on the right, too", "以为右侧导数也是 α",
                statement.but(**{"slope right": equal(_right(1), alpha)})),
    ]  # fmt: skip
    return Case(statement, evidence, mistakes)


@claim(
    "elu-saturates-left",
    page=PAGE,
    grade=PROVED,
    titles={"en": "ELU saturates on the left", "zh": "ELU 在左侧饱和"},
    statement_text={
        "en": "For a negative pre-activation ELU lies between −α and 0, and its slope is what is "
        "left to the bound, ELU(z) + α = α eᶻ. It falls off as fast as the sigmoid's, but is never "
        "exactly 0.",
        "zh": "预激活值为负时，ELU 介于 −α 与 0 之间，其导数等于到下界的距离 ELU(z) + α = α eᶻ。"
        "它与 sigmoid 的导数衰减得一样快，但从不恰好为 0。",
    },
    assumptions={
        "en": "α > 0; the pre-activation is z = −u, u > 0. As fast: the slope is α times at least "
        "the sigmoid's and at most four times it.",
        "zh": "α > 0，预激活值 z = −u，u > 0。一样快指：导数不小于 α 倍的 sigmoid 导数，"
        "且不大于其四倍。",
    },
    references=("clevert2016",),
)
def elu_saturates() -> Case:
    value = elu(-u, alpha)
    slope = elu(z, alpha).diff(z).xreplace({z: -u})
    q = sp.exp(-u)
    other = alpha * q / (1 + q) ** 2  # alpha times the sigmoid's slope
    statement = ForAll(
        {
            "above −α": greater(value, -alpha),
            "below 0": less(value, 0),
            "slope": equal(slope, value + alpha),
            "alive": greater(slope, 0),
            "at least the sigmoid's": greater(slope, other),
            "at most four times": less(slope, 4 * other),
        },
        {alpha: Positive, u: Positive},
        scope=r"\alpha > 0",
        display=(
            r"z < 0:\quad -\alpha < \operatorname{ELU}(z; \alpha) < 0,",
            r"0 < \operatorname{ELU}'(z; \alpha) = \operatorname{ELU}(z; \alpha) + \alpha"
            r" = \alpha\,e^{z},",
            r"\alpha\,\sigma'(z) < \operatorname{ELU}'(z; \alpha) < 4\,\alpha\,\sigma'(z)",
        ),
        words="for z < 0: -alpha < elu(z) < 0; 0 < elu'(z) = elu(z) + alpha = alpha e^z; "
        "alpha sigmoid'(z) < elu'(z) < 4 alpha sigmoid'(z)",
    )
    evidence = [
        certificate(
            **{
                "above −α": alpha * q,
                "below 0": alpha * (1 - q),
                "alive": alpha * q,
                "at least the sigmoid's": alpha * q * (2 * q + q**2) / (1 + q) ** 2,
                "at most four times": alpha * q * (1 - q) * (3 + q) / (1 + q) ** 2,
            }
        ),
        identity("slope"),
        points(count=12),
    ]
    mistakes = [
        Mistake("α lost from the bound", "下界漏掉 α",
                statement.but(**{"above −α": greater(value, -1)})),
        Mistake("positive on the left", "以为左侧为正",
                statement.but(**{"below 0": greater(value, 0)})),
        Mistake("the value in place of the slope", "把函数值当作导数",
                statement.but(slope=equal(slope, value), alive=greater(value, 0))),
        Mistake("a slope of α all along the left", "以为左侧导数恒为 α",
                statement.but(slope=equal(slope, alpha))),
        Mistake("flatter than the sigmoid", "以为比 sigmoid 更平",
                statement.but(**{"at least the sigmoid's": less(slope, other)})),
        Mistake("at most twice the sigmoid's", "以为至多是 sigmoid 的两倍",
                statement.but(**{"at most four times": less(slope, 2 * other)})),
    ]  # fmt: skip
    values: dict[str, Value] = {
        "far": Value(20, again=lambda: -sp.log(values["slope_far"].value)),
        "slope_far": Value(sp.exp(-20), digits=2, again=lambda: slope_at(elu(z, 1), z, {z: -20})),
    }
    return Case(statement, evidence, mistakes, values)


@claim(
    "diode-is-elu-left",
    page=PAGE,
    grade=PROVED,
    titles={"en": "A diode is ELU's left half", "zh": "二极管是 ELU 的左半支"},
    statement_text={
        "en": "The ideal diode's current Iₛ (eᵛ − 1) is, for reverse voltage, exactly the left "
        "branch of ELU with α = Iₛ: it leaks at most Iₛ. Forward it grows exponentially and "
        "leaves the straight line of ReLU and ELU behind.",
        "zh": "理想二极管的电流 Iₛ (eᵛ − 1)，在反向电压下恰是 α = Iₛ 的 ELU 的左支：漏电流至多为 "
        "Iₛ。正向则按指数增长，把 ReLU 与 ELU 的直线远远甩开。",
    },
    assumptions={
        "en": "Shockley's equation; v is the voltage in units of the thermal voltage times the "
        "ideality factor; reverse v = −u, forward v = u, u > 0. Breakdown, where a real diode "
        "conducts backwards, is no part of the equation and has no counterpart in ReLU. Forward "
        "compared with Iₛ = α = 1.",
        "zh": "肖克利方程；v 是以“热电压 × 理想因子”为单位的电压；反向 v = −u，正向 v = u，u > 0。"
        "真实二极管反向导通的“击穿”不在该方程之内，在 ReLU 中也没有对应。正向比较时取 Iₛ = α = "
        "1。",
    },
    references=("shockley1949",),
)
def diode() -> Case:
    current = sp.Symbol("I_s", positive=True)
    volt = sp.Symbol("v", positive=True)

    def shockley(v: sp.Expr, scale: sp.Expr = current) -> sp.Expr:
        return scale * (sp.exp(v) - 1)

    statement = ForAll(
        {
            "reverse": equal(shockley(-u), elu(-u, current)),
            "leak": greater(shockley(-u), -current),
            "no valve": less(shockley(-u), relu(-u)),
            "forward": greater(shockley(volt, sp.S.One), elu(volt, 1)),
        },
        {u: Positive, current: Positive, volt: Positive},
        scope=r"I_s > 0",
        display=(
            r"I(v) = I_s\,(e^{v} - 1):",
            r"v < 0:\quad I(v) = \operatorname{ELU}(v; I_s),",
            r"-I_s < I(v) < \operatorname{ReLU}(v);",
            r"v > 0,\; I_s = 1:\quad I(v) > \operatorname{ELU}(v; 1) = v",
        ),
        words="I_s (e^v - 1) = elu(v; I_s) for v < 0, between -I_s and relu(v) = 0; e^v - 1 > v "
        "for v > 0",
    )
    evidence = [
        identity("reverse"),
        certificate(**{"leak": current * sp.exp(-u), "no valve": current * (1 - sp.exp(-u))}),
        on_whole_domain("forward"),
    ]
    mistakes = [
        Mistake("a perfect valve: no current backwards", "以为是理想单向阀，反向没有电流",
                statement.but(reverse=equal(shockley(-u), relu(-u)),
                              **{"no valve": greater(shockley(-u), relu(-u))})),
        Mistake("the sign of the leak", "漏电流符号写反",
                statement.but(leak=less(shockley(-u), -current))),
        Mistake("the leak lost from the equation: Iₛ eᵛ", "方程漏掉 −1，写成 Iₛ eᵛ",
                statement.but(reverse=equal(current * sp.exp(-u), elu(-u, current)))),
        Mistake("straight in the forward direction", "以为正向是直线",
                statement.but(forward=less(shockley(volt, sp.S.One), elu(volt, 1)))),
    ]  # fmt: skip
    return Case(statement, evidence, mistakes)
