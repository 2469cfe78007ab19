"""ReLU: the gradient along paths of active units, and units that no path reaches any more."""

from __future__ import annotations

import sympy as sp

from gradmath.catalogue import activations
from gradmath.catalogue.applied import applied, explicit
from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.evidence import certificate, identity, points, slope
from gradmath.claims.grades import PROVED
from gradmath.claims.relation import equal, greater, less
from gradmath.claims.remedies.relu import PAGE, Positive, relu, t, u
from gradmath.claims.statement import ForAll
from gradmath.claims.symbols import Reals, b, eta, w, y
from gradmath.claims.values import Instance, Value

SAMPLES = 3
leaky = applied(activations["leaky_relu"])


@claim(
    "relu-path-gradient",
    page=PAGE,
    grade=PROVED,
    titles={"en": "The gradient runs along active paths", "zh": "梯度沿激活的路径传播"},
    statement_text={
        "en": "In a chain of active ReLU units the derivative by the first weight is twice the "
        "residual, times all later weights, times the input. With several units side by side the "
        "paths through active units add up; a path with an inactive unit contributes nothing.",
        "zh": "在一串激活的 ReLU 单元中，损失对首个权重的导数等于残差的两倍，乘以其后所有权重，"
        "再乘以输入。若有多个单元并列，则各条经过激活单元的路径相加；含未激活单元的路径没有贡献。",
    },
    assumptions={
        "en": "Chain: a = w₃ relu(w₂ relu(w₁ x)). Side by side: a = v₁ relu(w₁ x) + v₂ relu(w₂ x), "
        "in the second case with −w₂ in place of w₂. Squared error; x and all w positive, "
        "v and y real.",
        "zh": "链：a = w₃ relu(w₂ relu(w₁x))。并列：a = v₁ relu(w₁x) + v₂ relu(w₂x)，"
        "第二种情形中以 −w₂ 代替 w₂。平方误差；x 与各 w 均为正，v、y 为实数。",
    },
)
def relu_path_gradient() -> Case:
    x, w1, w2, w3 = sp.symbols("x w1 w2 w3", positive=True)
    v1, v2 = sp.symbols("v1 v2", real=True)

    def side_by_side(second: sp.Expr) -> sp.Expr:
        return v1 * relu(w1 * x).explicit() + v2 * relu(second * x).explicit()

    chain = w3 * relu(w2 * relu(w1 * x)).explicit()
    chained = (w3 * relu(w2 * relu(w1 * x)) - y) ** 2
    both, one = side_by_side(w2), side_by_side(-w2)
    residual = w1 * w2 * w3 * x - y
    statement = ForAll(
        {
            "chain": equal(((chain - y) ** 2).diff(w1), 2 * residual * w2 * w3 * x),
            "both active": equal(
                ((both - y) ** 2).diff(x),
                2 * (v1 * w1 * x + v2 * w2 * x - y) * (v1 * w1 + v2 * w2),
            ),
            "one active": equal(((one - y) ** 2).diff(x), 2 * (v1 * w1 * x - y) * v1 * w1),
            "inactive": equal(((one - y) ** 2).diff(w2), 0),
        },
        {**dict.fromkeys((x, w1, w2, w3), Positive), v1: Reals, v2: Reals, y: Reals},
        display=(
            r"a = w_3 \operatorname{ReLU}(w_2 \operatorname{ReLU}(w_1 x)):",
            r"\frac{\partial l}{\partial w_1} = 2\,(a - y)\,w_2\,w_3\,x,",
            r"a = \sum_k v_k \operatorname{ReLU}(w_k x):",
            r"\frac{\partial l}{\partial x} = 2\,(a - y) \sum_{k\,:\,w_k x > 0} v_k\,w_k",
        ),
        words="a = w3 relu(w2 relu(w1 x)): dl/dw1 = 2 (a - y) w2 w3 x; a = sum of v[k] relu(w[k] "
        "x): dl/dx = 2 (a - y) times the sum of v[k] w[k] over the active k",
    )
    left = statement.parts["chain"].left
    mistakes = [
        Mistake("twice the loss times the input", "写成损失的两倍乘以输入",
                statement.but(chain=equal(left, 2 * residual**2 * x))),
        Mistake("the later weights lost", "漏掉其后的权重",
                statement.but(chain=equal(left, 2 * residual * x))),
        Mistake("an inactive path counted", "把未激活的路径也算上",
                statement.but(**{
                    "one active": equal(((one - y) ** 2).diff(x),
                                        2 * (v1 * w1 * x - y) * (v1 * w1 - v2 * w2)),
                    "inactive": equal(((one - y) ** 2).diff(w2), 2 * (v1 * w1 * x - y) * v2 * x)})),
        Mistake("paths multiplied in place of added", "把各条路径相乘而不是相加",
                statement.but(**{"both active": equal(
                    ((both - y) ** 2).diff(x),
                    2 * (v1 * w1 * x + v2 * w2 * x - y) * (v1 * w1 * v2 * w2))})),
    ]  # fmt: skip
    return Case(statement, [identity(), slope("chain", of=chained, by=w1)], mistakes)


@claim(
    "dying-relu",
    page=PAGE,
    grade=PROVED,
    titles={"en": "A dead unit stays dead", "zh": "死去的单元不会复活"},
    statement_text={
        "en": "If the pre-activation of a ReLU unit is negative for every sample, its weight and "
        "bias have gradient exactly 0 and plain descent never moves them again. One step can do "
        "it: from w = 1, b = 0 with x = 1 and target 0, any η above 1/4 does. An L2 penalty "
        "scales the pre-activations towards 0 but leaves them negative. A leaky unit still has a "
        "gradient.",
        "zh": "若一个 ReLU 单元对每个样本的预激活值都为负，则它的权重与偏置的梯度恰为 0，"
        "普通梯度下降再也不会移动它们。一步就足以造成这种局面：从 w = 1、b = 0 出发，x = "
        "1、目标为 0，只要 η 大于 1/4。L2 正则项把预激活值朝 0 缩小，但它们仍为负。"
        "带泄漏的单元则仍有梯度。",
    },
    assumptions={
        "en": "Three samples with inputs that do not change, mean squared error, pre-activations "
        "−u₁, −u₂, −u₃. Too long a step is written η = 1/4 + t. The penalty has η λ = 1/(1 + t). "
        "The leaky unit has slope 1/100 on the left.",
        "zh": "三个样本，输入不变，均方误差，预激活值为 −u₁、−u₂、−u₃。过长的步长写作 η = 1/4 + t。"
        "正则项取 ηλ = 1/(1 + t)。带泄漏单元左侧斜率为 1/100。",
    },
    references=("maas2013",),
)
def dying_relu() -> Case:
    xs, ys = (list(sp.symbols(f"{name}1:{SAMPLES + 1}", real=True)) for name in "xy")
    us = list(sp.symbols(f"u1:{SAMPLES + 1}", positive=True))
    loss = sp.Add(*((relu(w * p + b) - q) ** 2 for p, q in zip(xs, ys, strict=True))) / SAMPLES
    dead = {w * p + b: -v for p, v in zip(xs, us, strict=True)}
    by_weight, by_bias = (loss.diff(symbol).xreplace(dead) for symbol in (w, b))

    single = relu(w * 1 + b) ** 2  # x = 1, y = 0
    start = {w: 1, b: 0}
    step = {s: start[s] - eta * single.diff(s).subs(start) for s in (w, b)}
    after = sp.expand(step[w] * 1 + step[b])
    decayed = -us[0] * (1 - eta * (1 / (eta * (1 + t))))
    trickle = ((leaky(w * 1 + b) - y) ** 2).diff(w).xreplace({w + b: -u}).xreplace({y: sp.S.Zero})
    quarter = sp.Rational(1, 4)
    statement = ForAll(
        {
            "weight": equal(by_weight, 0),
            "bias": equal(by_bias, 0),
            "after one step": equal(after, 1 - 4 * eta),
            "killed": less(after.subs(eta, quarter + t), 0),
            "L2 leaves it dead": less(decayed, 0),
            "leaky moves": less(trickle, 0),
        },
        {**dict.fromkeys((*xs, *ys), Reals), **dict.fromkeys((*us, u, t, eta), Positive)},
        display=(
            r"z_i = w\,x_i + b < 0 \ \text{for all}\ i \;\Rightarrow\;",
            r"\frac{\partial L}{\partial w} = \frac{\partial L}{\partial b} = 0,",
            r"w = x = 1,\; b = y = 0:",
            r"\hat z = 1 - 4\,\eta < 0 \iff \eta > \tfrac14",
        ),
        words="dL/dw = dL/db = 0 if every w x[i] + b < 0; from w = x = 1, b = y = 0 one step gives "
        "z = 1 - 4 eta; (1 - eta lam) z < 0 for z < 0; a leaky unit has dl/dw < 0 there",
    )
    passing = sp.Add(*(2 * (relu(-v) - q) * p for v, q, p in zip(us, ys, xs, strict=True)))
    evidence = [
        identity("weight", "bias", "after one step"),
        certificate(
            **{
                "killed": 4 * t,
                "L2 leaves it dead": us[0] * t / (1 + t),
                "leaky moves": u / 5000,
            }
        ),
        points("weight", "bias", "killed", "L2 leaves it dead", count=6),
    ]
    mistakes = [
        Mistake("the residual passed on through a dead unit", "以为死去的单元照样传回残差",
                statement.but(weight=equal(passing / SAMPLES, by_weight))),
        Mistake("the bias still learns", "以为偏置还能学习",
                statement.but(bias=equal(passing.subs(dict.fromkeys(xs, 1)) / SAMPLES, by_bias))),
        Mistake("the bias not moved in the step", "走一步时漏掉偏置",
                statement.but(**{"after one step": equal(after, 1 - 2 * eta)})),
        Mistake("one step cannot kill", "以为一步不会致死",
                statement.but(killed=greater(after.subs(eta, quarter + t), 0))),
        Mistake("an L2 penalty revives it", "以为 L2 正则项能使它复活",
                statement.but(**{"L2 leaves it dead": greater(decayed, 0)})),
        Mistake("a leaky unit is pushed further down", "以为带泄漏的单元被推得更低",
                statement.but(**{"leaky moves": greater(trickle, 0)})),
    ]  # fmt: skip
    values = {
        "z_after": Value(explicit(after.subs(eta, 1)), again=Instance("after one step", {eta: 1})),
        "most": Value(quarter),
        "leaky": Value(trickle.subs(u, 3), digits=1, again=2 * -3 * 0.01 * 0.01),
    }
    return Case(statement, evidence, mistakes, values)
