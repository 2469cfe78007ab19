"""Gates that carry, and losses that match."""

from __future__ import annotations

import math

import sympy as sp

from gradmath.catalogue import losses
from gradmath.catalogue.applied import applied
from gradmath.claims.again import factors, repeated
from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.evidence import certificate, identity, points
from gradmath.claims.grades import PROVED
from gradmath.claims.relation import equal, greater, less, partial
from gradmath.claims.statement import ForAll
from gradmath.claims.symbols import Reals, sigmoid, y, z
from gradmath.claims.values import Value

PAGE = "remedies"


@claim(
    "lstm-carry-product",
    page=PAGE,
    grade=PROVED,
    titles={"en": "The carry path of an LSTM", "zh": "LSTM 的直接通路"},
    statement_text={
        "en": "Along the direct path of an LSTM cell, cₜ = fₜ cₜ₋₁ + iₜ gₜ, the derivative of the "
        "last state by the first is the product of the forget gates. No weight matrix and no "
        "activation's slope enters. As each gate is below 1, so is the product.",
        "zh": "沿 LSTM 单元的直接通路 cₜ = fₜ cₜ₋₁ + iₜ gₜ，末状态对初状态的导数等于各遗忘门之积，"
        "其中没有权重矩阵，也没有激活函数的导数。每个门都小于 1，乘积也小于 1。",
    },
    assumptions={
        "en": "Three steps, gates and candidates held fixed: the paths that run through them, by "
        "way of the hidden state, are left out. A forget gate is a sigmoid of p.",
        "zh": "三步，门与候选值视为固定：经由隐藏状态通过它们的路径不计在内。遗忘门为 σ(p)。",
    },
    references=("hochreiter1997",),
)
def lstm_carry_product() -> Case:
    state = sp.Symbol("c0", real=True)
    f, i, g, p = (list(sp.symbols(f"{name}1:4", real=True)) for name in "figp")
    after = state
    for gate, opened, candidate in zip(f, i, g, strict=True):
        after = gate * after + opened * candidate
    carried = sp.prod(f)
    gates = sp.prod([sigmoid(number) for number in p])
    grown = sp.prod([1 + sp.exp(-number) for number in p])
    statement = ForAll(
        {
            "product": equal(partial(after, state), carried),
            "below 1": less(gates, 1),
            "above 0": greater(gates, 0),
        },
        dict.fromkeys((state, *f, *i, *g, *p), Reals),
        display=(
            r"c_t = f_t\,c_{t-1} + i_t\,g_t:\quad"
            r" \frac{\partial c_T}{\partial c_0} = \prod_{t=1}^{T} f_t,",
            r"f_t = \sigma(p_t):\quad 0 < \prod_t f_t < 1",
        ),
        words="c[t] = f[t] c[t-1] + i[t] g[t]: dc[T]/dc[0] = product of f[t], between 0 and 1",
    )
    evidence = [
        identity("product"),
        certificate(**{"below 1": (sp.expand(grown) - 1) / grown, "above 0": 1 / grown}),
        points(count=12),
    ]
    mistakes = [
        Mistake("the input gates multiplied in", "误乘输入门",
                statement.but(product=equal(partial(after, state), carried * sp.prod(i)))),
        Mistake("the last gate alone", "只算最后一个门",
                statement.but(product=equal(partial(after, state), f[2]))),
        Mistake("gates added in place of multiplied", "把各门相加而不是相乘",
                statement.but(product=equal(partial(after, state), sp.Add(*f)))),
        Mistake("the product is above 1/2, whatever the gates", "以为无论门取何值，乘积都大于 1/2",
                statement.but(**{"above 0": greater(gates, sp.Rational(1, 2))})),
        Mistake("it may grow", "以为乘积会大于 1",
                statement.but(**{"below 1": greater(gates, 1)})),
    ]  # fmt: skip
    values: dict[str, Value] = {}
    for bias in (0, 1, 5):
        gate = sigmoid(sp.Integer(bias)).explicit()
        values[f"gate_{bias}"] = Value(gate, digits=3, again=(1 + math.tanh(bias / 2)) / 2)
        values[f"carried_{bias}"] = Value(gate**100, digits=2, again=repeated(gate, 100))
    values["steps"] = Value(
        100, again=lambda: factors(values["gate_0"].value, values["carried_0"].value)
    )
    return Case(statement, evidence, mistakes, values)


squared, binary = (applied(losses[name]) for name in ("squared_error", "binary_cross_entropy"))


@claim(
    "matching-losses",
    page=PAGE,
    grade=PROVED,
    titles={"en": "Losses that match their outputs", "zh": "与输出相配的损失"},
    statement_text={
        "en": "With a linear output and squared error, a sigmoid and binary cross-entropy, or a "
        "softmax and its cross-entropy, the derivative by the last pre-activation is the residual "
        "(twice, for squared error): no slope that could saturate. A sigmoid with squared error "
        "keeps the slope.",
        "zh": "线性输出配平方误差、sigmoid 配二元交叉熵、softmax 配交叉熵时，损失对最后一层预激活"
        "值的导数就是残差（平方误差为其两倍），不含会饱和的导数因子。sigmoid 配平方误差则仍含该"
        "因子。",
    },
    assumptions={
        "en": "One sample; softmax of three outputs with targets t₁ + t₂ + t₃ = 1, the derivative "
        "by the first pre-activation (the others by renaming).",
        "zh": "单个样本；softmax 取三个输出，目标满足 t₁ + t₂ + t₃ = 1，对第一个预激活值求导"
        "（其余由重新编号得到）。",
    },
    references=("bridle1990",),
)
def matching_losses() -> Case:
    zs = list(sp.symbols("z1:4", real=True))
    t2, t3 = sp.symbols("t2 t3", real=True)
    total = sp.Add(*(sp.exp(symbol) for symbol in zs))
    shares = [sp.exp(symbol) / total for symbol in zs]
    targets = [1 - t2 - t3, t2, t3]
    entropy = -sp.Add(
        *(t * (symbol - sp.log(total)) for t, symbol in zip(targets, zs, strict=True))
    )
    on_sigmoid = (sigmoid(z) - y) ** 2
    slope = sigmoid(z).diff(z)
    statement = ForAll(
        {
            "linear": equal(partial(squared(z, y), z), 2 * (z - y)),
            "sigmoid": equal(partial(binary(z, y), z), sigmoid(z) - y),
            "softmax": equal(partial(entropy, zs[0]), shares[0] - targets[0]),
            "no match": equal(partial(on_sigmoid, z), 2 * (sigmoid(z) - y) * slope),
        },
        {z: Reals, y: Reals, **dict.fromkeys((*zs, t2, t3), Reals)},
        display=(
            r"\text{linear, squared error:}",
            r"\frac{\partial l}{\partial z} = 2\,(z - y);",
            r"\text{sigmoid, cross-entropy:}",
            r"\frac{\partial l}{\partial z} = \sigma(z) - y;",
            r"\text{softmax, cross-entropy:}",
            r"\frac{\partial l}{\partial z_j} = \frac{e^{z_j}}{\sum_k e^{z_k}} - t_j;",
            r"\text{but sigmoid, squared error:}",
            r"\frac{\partial l}{\partial z} = 2\,(\sigma(z) - y)\,\sigma'(z)",
        ),
        words="squared error on z: 2 (z - y); cross-entropy on sigmoid(z): sigmoid(z) - y; on "
        "softmax: share - target; squared error on sigmoid(z): 2 (sigmoid(z) - y) sigmoid'(z)",
    )
    mistakes = [
        Mistake("the slope kept under cross-entropy", "交叉熵下仍保留导数因子",
                statement.but(sigmoid=equal(
                    partial(binary(z, y), z), (sigmoid(z) - y) * slope))),
        Mistake("the slope lost under squared error", "平方误差下漏掉导数因子",
                statement.but(**{"no match": equal(
                    partial(on_sigmoid, z), 2 * (sigmoid(z) - y))})),
        Mistake("the sign of the residual flipped", "残差符号写反",
                statement.but(softmax=equal(partial(entropy, zs[0]), targets[0] - shares[0]))),
        Mistake("the sum over the other targets lost", "漏掉其余目标的贡献",
                statement.but(softmax=equal(
                    partial(entropy, zs[0]), targets[0] * (shares[0] - 1)))),
        Mistake("a squared error with 1/2", "平方误差多乘了 1/2",
                statement.but(linear=equal(partial(squared(z, y), z), z - y))),
    ]  # fmt: skip
    return Case(statement, [identity()], mistakes)
