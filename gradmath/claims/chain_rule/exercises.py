"""Answers to the exercises of the page, each checked as a claim."""

from __future__ import annotations

import sympy as sp

from gradmath import notation
from gradmath.claims.again import slope_at
from gradmath.claims.chain_rule.by_hand import (
    BACKWARD,
    FORWARD,
    PAGE,
    POINT,
    at,
    derivatives_at,
    two_neurons,
)
from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.derivations import two_layer
from gradmath.claims.evidence import certificate, identity, points
from gradmath.claims.exercise import Answer, Kind
from gradmath.claims.grades import PROVED
from gradmath.claims.kernel import KernelValues
from gradmath.claims.planted import derived_parts, with_rule
from gradmath.claims.relation import at_most, equal, partial
from gradmath.claims.statement import ForAll
from gradmath.claims.symbols import Reals, sigmoid, x, z
from gradmath.claims.values import Value

HALF, QUARTER = sp.Rational(1, 2), sp.Rational(1, 4)
FOUR = ("w2", "b2", "w1", "b1")


@claim(
    "exercise-chain-rule-hand",
    page=PAGE,
    grade=PROVED,
    titles={"en": "Exercise: the other target", "zh": "练习：换一个目标"},
    statement_text={
        "en": "With the target 0 in place of 1 the loss is the same and every derivative changes "
        "its sign.",
        "zh": "把目标由 1 换成 0，损失不变，而每个导数都变号。",
    },
    assumptions={
        "en": "The two-layer example: w₁ = w₂ = 2, b₁ = b₂ = −1, x = 1/2.",
        "zh": "两层网络的例子：w₁ = w₂ = 2，b₁ = b₂ = −1，x = 1/2。",
    },
)
def exercise_chain_rule_hand() -> Case:
    point = {**POINT, "y": sp.Integer(0)}
    names = {name: sp.Symbol(name, real=True) for name in POINT}
    found, loss = derivatives_at(point), at(two_neurons(names)["L"], point)
    stated = {name: -BACKWARD[name] for name in FOUR}
    derivation = two_layer()
    own = derivation.symbols
    published = with_rule(derivation, "L", "a2", 2 * (own["a2"] - own["y"]) ** 2)
    statement = ForAll(
        {"L": equal(loss, FORWARD["L"])}
        | {f"dL/d{name}": equal(found[name], stated[name]) for name in FOUR}
        | derived_parts(derivation, point, stated, "L"),
        words="y = 0: L = 1/4, "
        + ", ".join(f"dL/d{name} = {value}" for name, value in stated.items()),
        display=_display(stated),
    )
    mistakes = [
        Mistake("the signs kept", "符号没有改变",
                statement.but(**{f"dL/d{n}": equal(found[n], BACKWARD[n]) for n in FOUR})),
        Mistake("no gradient, since the loss is the same", "以为损失不变，梯度就为零",
                statement.but(**{f"dL/d{n}": equal(found[n], 0) for n in FOUR})),
        Mistake("the loss has grown", "以为损失变大了",
                statement.but(L=equal(loss, 1))),
        Mistake("a derivation with twice the loss", "推导中残差误作损失",
                statement.but(**derived_parts(published, point, stated, "L")),
                derivation=published),
    ]  # fmt: skip
    evidence = [
        identity(),
        KernelValues(derivation, point, {"L": "", **{f"dL/d{n}": n for n in FOUR}}),
    ]
    values = {"loss": Value(FORWARD["L"])} | {f"d{n}": Value(stated[n]) for n in FOUR}
    answer = Answer(
        Kind.BY_HAND,
        en="Forwards nothing changes: $a_2 = 1/2$, and the loss is again {=loss}, since $1/2$ is "
        "as far from $0$ as from $1$. The residual is now $+1/2$ where it was $-1/2$, and every "
        "derivative carries it as a factor: $\\partial L/\\partial w_2 = {$dw2}$, $\\partial "
        "L/\\partial b_2 = {$db2}$, $\\partial L/\\partial w_1 = {$dw1}$, $\\partial L/\\partial "
        "b_1 = {$db1}$. The sizes are the same, all signs are turned. (A rule with the *loss* in "
        "place of the residual would not notice.)",
        zh="前向没有变化：$a_2 = 1/2$；$1/2$ 到 $0$ 与到 $1$ 一样远，损失仍为 {=loss}。残差由 "
        "$-1/2$ 变为 $+1/2$，而每个导数都含有残差这个因子：$\\partial L/\\partial w_2 = {$dw2}$，"
        "$\\partial L/\\partial b_2 = {$db2}$，$\\partial L/\\partial w_1 = {$dw1}$，$\\partial "
        "L/\\partial b_1 = {$db1}$。大小不变，符号全部反转。（若把残差误写成*损失*，"
        "就察觉不到这一点。）",
    )
    return Case(statement, evidence, mistakes, values, answer)


def _display(stated: dict[str, sp.Expr]) -> list[str]:
    gradient = [
        f"{notation.partial_latex('L', name)} = {notation.latex(value)}"
        for name, value in stated.items()
    ]
    return [
        rf"y = 0:\quad L = {notation.latex(FORWARD['L'])},",
        r",\quad ".join(gradient[:2]) + ",",
        r",\quad ".join(gradient[2:]),
    ]


@claim(
    "exercise-chain-rule-proof",
    page=PAGE,
    grade=PROVED,
    titles={"en": "Exercise: a bound for a chain of neurons", "zh": "练习：一串神经元的导数上界"},
    statement_text={
        "en": "One more sigmoid neuron of weight w multiplies the derivative, and any bound on its "
        "size, by at most |w|/4. Equality holds where every pre-activation is 0.",
        "zh": "多接一个权重为 w 的 sigmoid 神经元，导数的绝对值（及其任何上界）至多再乘以 |w|/4；"
        "当每个预激活值都为 0 时取等号。",
    },
    assumptions={
        "en": "The step of the induction: p is the size of the derivative so far, p + g a bound on "
        "it with g not negative. The product formula is proved for two and three neurons.",
        "zh": "这是归纳的一步：p 是目前导数的绝对值，p + g 是它的一个上界（g 非负）。"
        "乘积公式对两个与三个神经元证明。",
    },
)
def exercise_chain_rule_proof() -> Case:
    p, g = sp.symbols("p g", nonnegative=True)
    v = sp.Symbol("v", real=True)
    rise = sigmoid(z).diff(z)
    ws, bs = sp.symbols("w1:4", real=True), sp.symbols("b1:4", real=True)
    inside, product, formulas = x, sp.Integer(1), {}
    for k, (weight, bias) in enumerate(zip(ws, bs, strict=True), start=1):
        line = weight * inside + bias
        product = product * weight * rise.xreplace({z: line})
        inside = sigmoid(line)
        if k > 1:
            formulas[f"{k} neurons"] = equal(partial(inside, x), product)
    # b = -w/2 puts every pre-activation at 0 once the input is 1/2, so the bound is reached
    centred = {x: HALF, **{bias: -weight / 2 for weight, bias in zip(ws, bs, strict=True)}}
    reached = formulas["3 neurons"].left.doit().subs(centred)
    statement = ForAll(
        formulas
        | {
            "one more neuron": at_most(p * sp.Abs(v) * rise, (p + g) * sp.Abs(v) * QUARTER),
            "reached": equal(reached, sp.Mul(*(weight * QUARTER for weight in ws))),
        },
        {
            **dict.fromkeys((x, z, v, *ws, *bs), Reals),
            **dict.fromkeys((p, g), sp.Interval(0, sp.oo)),
        },
        display=(
            r"\frac{\partial a_n}{\partial x} = \prod_{k=1}^{n} w_k\,\sigma'(z_k),",
            r"\left|\frac{\partial a_n}{\partial x}\right| \le \prod_{k=1}^{n} \frac{|w_k|}{4}",
        ),
        words="da_n/dx is the product of w_k sigmoid'(z_k), so its size is at most that of |w_k|/4",
    )
    three = formulas["3 neurons"]
    mistakes = [
        Mistake("1/5 in place of 1/4", "把 1/4 写成 1/5",
                statement.but(**{"one more neuron": at_most(
                    p * sp.Abs(v) * rise, (p + g) * sp.Abs(v) / 5)})),
        Mistake("w in place of |w|", "把 |w| 写成 w",
                statement.but(**{"one more neuron": at_most(
                    p * sp.Abs(v) * rise, (p + g) * v * QUARTER)})),
        Mistake("the weights added", "权重相加而不是相乘",
                statement.but(**{"3 neurons": equal(
                    three.left, product / sp.Mul(*ws) * sp.Add(*ws))})),
        Mistake("one slope lost", "漏掉一个导数",
                statement.but(**{"2 neurons": equal(
                    formulas["2 neurons"].left,
                    formulas["2 neurons"].right / rise.xreplace({z: ws[0] * x + bs[0]}))})),
        Mistake("the bound reached with one quarter less", "取等号时少一个 1/4",
                statement.but(reached=equal(reached, sp.Mul(*ws) / 16))),
    ]  # fmt: skip
    gap = p * sp.Abs(v) * (sigmoid(z) - HALF) ** 2 + g * sp.Abs(v) * QUARTER
    evidence = [
        identity(*formulas, "reached"),
        certificate(**{"one more neuron": gap}),
        points(*formulas, "one more neuron", count=20),
    ]
    values = {"quarter": Value(QUARTER, again=lambda: slope_at(sigmoid(z), z, {z: 0}))}
    answer = Answer(
        Kind.PROOF,
        en="By the composition rule each neuron contributes its slope times its weight: $\\partial "
        "a_n/\\partial x = \\prod_k w_k\\, \\sigma'(z_k)$. Take absolute values; the slope is "
        "positive and at most ${$quarter}$, so each factor is at most $|w_k|/4$, and a product of "
        "non-negative numbers does not fall when one of them grows. The sides are equal if some "
        "$w_k$ is $0$ (both are then $0$), and otherwise only if every slope is exactly a quarter, "
        "that is, every $z_k = 0$. With $b_k = -w_k/2$ and $x = 1/2$ this is so at every depth.",
        zh="由链式法则，每个神经元贡献“导数乘权重”：$\\partial a_n/\\partial x = \\prod_k w_k\\, "
        "\\sigma'(z_k)$。取绝对值；导数为正且至多为 ${$quarter}$，故每个因子至多为 $|w_k|/4$，"
        "而若干非负数之积不会因其中一个增大而变小。若某个 $w_k = 0$，两边同为 $0$；否则当且"
        "仅当每个导数恰为四分之一，即每个 $z_k = 0$ 时取等号。取 $b_k = -w_k/2$、$x = 1/2$，"
        "则任意深度都成立。",
    )
    return Case(statement, evidence, mistakes, values, answer)
