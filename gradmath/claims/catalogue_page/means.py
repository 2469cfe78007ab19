"""Means over the standard normal distribution: what a wide layer does to a signal on average."""

from __future__ import annotations

import sympy as sp

from gradmath.catalogue import activations
from gradmath.catalogue.applied import applied
from gradmath.claims import estimates
from gradmath.claims.again import repeated
from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.edge.gains import root_mean_square
from gradmath.claims.enclosed import enclosures
from gradmath.claims.grades import PROVED
from gradmath.claims.located import Located, Mean
from gradmath.claims.symbols import sigmoid, tanh, z
from gradmath.claims.values import Value

PAGE = "catalogue"
HAIR = sp.Rational(1, 10**12)
relu, selu, silu, gelu = (applied(activations[n]) for n in ("relu", "selu", "silu", "gelu"))


@claim(
    "gaussian-means",
    page=PAGE,
    grade=PROVED,
    titles={"en": "Gaussian means of activations and slopes", "zh": "激活值与斜率的高斯均值"},
    statement_text={
        "en": "For Z drawn from the standard normal distribution: the mean of the sigmoid's slope "
        "and of its square, and the mean squares of other activations and slopes. ReLU keeps half "
        "of the mean square; SELU keeps mean 0 and mean square 1, though its slopes have a mean "
        "square above 1.",
        "zh": "设 Z 服从标准正态分布：这里给出 sigmoid 斜率及其平方的均值，以及其他激活值与斜率"
        "的均方。ReLU 保留一半的均方；SELU 保持均值 0、均方 1，但其斜率的均方大于 1。",
    },
    assumptions={
        "en": "The means are integrals over the whole line, with error bounds for the finite part "
        "and for both tails. Those without a closed form are proved to 18 decimals.",
        "zh": "均值是整条实轴上的积分，有限部分与两侧尾部都有误差界。没有闭式的值证明到小数点后 "
        "18 位。",
    },
    references=("he2015", "klambauer2017"),
)
def gaussian_means() -> Case:
    searched = {
        "sigmoid slope": sigmoid(z).diff(z),
        "sigmoid slope squared": sigmoid(z).diff(z) ** 2,
        "tanh squared": tanh(z) ** 2,
        "tanh slope squared": tanh(z).diff(z) ** 2,
        "silu slope squared": silu(z).diff(z) ** 2,
        "gelu slope squared": gelu(z).diff(z) ** 2,
        "selu slope squared": selu(z).diff(z) ** 2,
    }
    closed = {
        "relu squared": (relu(z) ** 2, sp.Rational(1, 2)),
        "selu": (selu(z), sp.S.Zero),
        "selu squared": (selu(z) ** 2, sp.S.One),
    }
    parts = {name: Mean(of, estimates.mean(of)) for name, of in searched.items()}
    parts |= {name: Mean(of, value) for name, (of, value) in closed.items()}
    statement = Located(parts)
    slope_mean = parts["sigmoid slope"].value
    mistakes = [
        Mistake(
            "every mean off by 10⁻¹²",
            "每个均值都差 10⁻¹²",
            statement.but({name: {"value": p.value + HAIR} for name, p in parts.items()}),
        ),
        Mistake(
            "the square of the mean for the mean of the square",
            "把平方的均值写成均值的平方",
            statement.but({"sigmoid slope squared": {"value": slope_mean**2}}),
        ),
        Mistake(
            "the gain 5/3 keeps the mean square of tanh",
            "误以为增益 5/3 保持 tanh 的均方",
            statement.but({"tanh squared": {"value": sp.Rational(9, 25)}}),
        ),
        Mistake(
            "ReLU keeps the whole mean square",
            "误以为 ReLU 保留全部均方",
            statement.but({"relu squared": {"value": sp.S.One}}),
        ),
        Mistake(
            "SELU keeps the gradients' mean square too",
            "误以为 SELU 也保持梯度的均方",
            statement.but({"selu slope squared": {"value": sp.S.One}}),
        ),
    ]
    names = {name: name.replace(" ", "_") for name in parts}
    values = {names[name]: Value(part.value, digits=6) for name, part in parts.items()}
    values["tanh_gain"] = Value(
        1 / sp.sqrt(parts["tanh squared"].value), digits=7, again=1 / root_mean_square("tanh", 0)
    )
    values["sigmoid_ratio"] = Value(
        sp.sqrt(parts["sigmoid slope squared"].value),
        digits=5,
        again=root_mean_square("sigmoid", 1),
    )
    values["selu_hundred"] = Value(
        sp.sqrt(parts["selu slope squared"].value) ** 100,
        digits=3,
        again=repeated(root_mean_square("selu", 1), 100),
    )
    return Case(statement, [enclosures()], mistakes, values)
