"""Beyond the source: residual connections, normalisation, gates, matching losses, Adam."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import sympy as sp

from gradmath.catalogue import losses
from gradmath.catalogue.applied import applied
from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.computed import AllOf
from gradmath.claims.evidence import certificate, identity, points
from gradmath.claims.grades import PROVED
from gradmath.claims.relation import at_least, at_most, equal, greater, less, partial
from gradmath.claims.shapes import ForShapes, Gradient, ShapeProof, ShapeSample
from gradmath.claims.statement import ForAll
from gradmath.claims.symbols import Reals, sigmoid, tanh, y, z
from gradmath.claims.values import Value

PAGE = "remedies"
Positive, Unit = sp.Interval.open(0, sp.oo), sp.Interval.open(0, 1)
BLOCKS = 50  # residual blocks to quote numbers for


def _identity(a: SimpleNamespace) -> Any:
    import numpy as np

    return np.eye(a.sizes.p, dtype=int).astype(object)


@claim(
    "residual-identity-path",
    page=PAGE,
    grade=PROVED,
    titles={"en": "The identity path", "zh": "恒等通路"},
    statement_text={
        "en": "A residual block h + V φ(W h) has the Jacobian I + J, with J that of its branch. If "
        "the branch changes the length of no vector by a factor above ρ, the block's factor lies "
        "between 1 − ρ and 1 + ρ. The identity is no guarantee: the block h − tanh(h) has slope "
        "exactly 0 at h = 0.",
        "zh": "残差块 h + V φ(W h) 的雅可比矩阵为 I + J，其中 J 是分支的雅可比矩阵。"
        "若分支对任何向量长度的放大倍数都不超过 ρ，则整个块的倍数介于 1 − ρ 与 1 + ρ 之间。"
        "恒等通路并非万无一失：h − tanh(h) 在 h = 0 处的导数恰为 0。",
    },
    assumptions={
        "en": "I + J is proved entry by entry for one to three units inside and out and any "
        "differentiable φ, and checked at larger shapes. For the factor: a vector of length r is "
        "carried by J to one of length ρ r that makes any angle 2φ with it, 0 < ρ < 1; lengths are "
        "told by squares, and the bounds hold for every smaller ρ as well.",
        "zh": "I + J 对内外单元数为 1 到 3 的所有形状、任意可微的 φ 逐元素证明，并在更大的形状上"
        "核验。关于倍数：J 把长度为 r 的向量变成长度为 ρr、与它夹角为任意 2φ 的向量，0 < ρ < 1；"
        "长度以平方比较，ρ 更小时界限依然成立。",
    },
    references=("he2016",),
)
def residual_identity_path() -> Case:
    r, rho = sp.symbols("r rho", positive=True)
    phi, h = sp.symbols("phi h", real=True)
    jacobian = ForShapes(
        {"h": "p", "W": "qp", "V": "pq"},
        left=Gradient(lambda a: a.h + a.V @ a.phi(a.W @ a.h), by="h"),
        right=lambda a: _identity(a) + (a.V * a.slope(a.W @ a.h)) @ a.W,
        formula=r"\frac{\partial}{\partial h}\bigl(h + V\,\varphi(W h)\bigr)"
        r" = I + V\,\operatorname{diag}(\varphi'(W h))\,W = I + J",
        words="d/dh (h + V phi(W h)) = I + V diag(phi'(W h)) W",
        name="jacobian",
    )

    def length(share: sp.Expr) -> sp.Expr:
        """The squared length of v + J v for v = (r, 0)."""
        return (r + share * sp.cos(2 * phi)) ** 2 + (share * sp.sin(2 * phi)) ** 2

    block = h - tanh(h)
    lengths = ForAll(
        {
            "floor": at_least(length(rho * r), (1 - rho) ** 2 * r**2),
            "ceiling": at_most(length(rho * r), (1 + rho) ** 2 * r**2),
            "singular": equal(block.diff(h).subs(h, 0), 0),
        },
        {r: Positive, rho: Unit, phi: Reals},
        scope=r"0 < \rho < 1",
        display=(
            r"\lVert J v \rVert \le \rho\,\lVert v \rVert \;\Rightarrow\;"
            r" (1 - \rho)\,\lVert v \rVert \le \lVert (I + J)\,v \rVert \le"
            r" (1 + \rho)\,\lVert v \rVert,",
            r"\frac{\mathrm d}{\mathrm d h}\bigl(h - \tanh h\bigr)\Big|_{h = 0} = 0",
        ),
        words="|J v| = rho |v|: (1 - rho)|v| <= |(I + J) v| <= (1 + rho)|v|; the slope of "
        "h - tanh(h) at 0 is 0",
    )
    statement = AllOf((jacobian, lengths))
    evidence = [
        ShapeProof(),
        ShapeSample(),
        certificate(
            floor=4 * rho * r**2 * sp.cos(phi) ** 2, ceiling=4 * rho * r**2 * sp.sin(phi) ** 2
        ),
        identity("singular"),
    ]

    def with_jacobian(right: Any, words: str) -> AllOf:
        return AllOf((jacobian.but(right, words=words), lengths))

    def with_lengths(**changed: Any) -> AllOf:
        return AllOf((jacobian, lengths.but(**changed)))

    mistakes = [
        Mistake("the identity lost", "漏掉单位阵",
                with_jacobian(lambda a: (a.V * a.slope(a.W @ a.h)) @ a.W, "V diag(phi') W")),
        Mistake("the slopes lost", "漏掉激活函数的导数",
                with_jacobian(lambda a: _identity(a) + a.V @ a.W, "I + V W")),
        Mistake("the identity multiplied in place of added", "把加单位阵写成乘单位阵",
                with_jacobian(lambda a: _identity(a) @ (a.V * a.slope(a.W @ a.h)) @ a.W,
                              "I V diag(phi') W")),
        Mistake("never below 1, thanks to the identity", "以为有了恒等通路就不小于 1",
                with_lengths(floor=at_least(length(rho * r), r**2))),
        Mistake("never above 1", "以为不大于 1",
                with_lengths(ceiling=at_most(length(rho * r), r**2))),
        Mistake("the identity alone keeps every slope from 0", "以为单凭恒等通路导数就不会为 0",
                with_lengths(singular=equal(block.diff(h).subs(h, 0), 1))),
    ]  # fmt: skip
    share = sp.Rational(1, 10)
    values = {
        "blocks": Value(BLOCKS),
        "rho": Value(share, digits=1),
        "low": Value((1 - share) ** BLOCKS, digits=1),
        "high": Value((1 + share) ** BLOCKS, digits=2),
        "plain": Value(share**BLOCKS, digits=1),
    }
    return Case(statement, evidence, mistakes, values)


def _normalised(numbers: list[sp.Expr], eps: sp.Expr = sp.S.Zero) -> list[sp.Expr]:
    """Layer normalisation of three numbers."""
    mean = sp.Add(*numbers) / len(numbers)
    variance = sp.Add(*((number - mean) ** 2 for number in numbers)) / len(numbers)
    return [(number - mean) / sp.sqrt(variance + eps) for number in numbers]


#: three pre-activations that are not all equal: the first two differ by d > 0
FIRST, SECOND = sp.symbols("z2 z3", real=True)
APART, SCALE = sp.symbols("d c", positive=True)
ENTRIES = [FIRST + APART, FIRST, SECOND]
LAYER = {
    "en": "Three entries, not all equal: z₁ = z₂ + d with d > 0 (for another order, rename them). "
    "No ε is added to the variance.",
    "zh": "三个分量，不全相等：z₁ = z₂ + d，d > 0（其他次序可重新编号）。方差不加 ε。",
}


@claim(
    "layernorm-scale-invariant",
    page=PAGE,
    grade=PROVED,
    titles={"en": "Layer normalisation forgets the scale", "zh": "层归一化不看尺度"},
    statement_text={
        "en": "Multiply all pre-activations of a layer by the same positive number, or add the "
        "same number to all, and layer normalisation returns what it returned before. So the size "
        "of the weights no longer decides the size of what is passed on.",
        "zh": "把一层的所有预激活值同乘一个正数，或同加一个数，层归一化的结果不变。"
        "因此向前传的信号大小不再取决于权重的大小。",
    },
    assumptions={
        "en": LAYER["en"] + " The scale c is positive: a negative one turns the sign.",
        "zh": LAYER["zh"] + "尺度 c 为正；若为负则结果变号。",
    },
    references=("ba2016",),
)
def layernorm_scale_invariant() -> Case:
    k = sp.Symbol("k", real=True)
    names = ("1", "2", "3")

    def parts(kind: str, left: list[sp.Expr], right: list[sp.Expr]) -> dict[str, Any]:
        return {f"{kind} {n}": equal(p, q) for n, p, q in zip(names, left, right, strict=True)}

    plain = _normalised(ENTRIES)
    scaled = _normalised([SCALE * entry for entry in ENTRIES])
    shifted = _normalised([entry + k for entry in ENTRIES])
    statement = ForAll(
        {**parts("scaled", scaled, plain), **parts("shifted", shifted, plain)},
        {FIRST: Reals, SECOND: Reals, APART: Positive, SCALE: Positive, k: Reals},
        scope=r"\operatorname{Var} z > 0",
        display=(
            r"\operatorname{LN}(z)_i = \frac{z_i - \bar z}{\sqrt{\operatorname{Var} z}}:\quad"
            r" \operatorname{LN}(c\,z) = \operatorname{LN}(z) \quad (c > 0),",
            r"\operatorname{LN}(z + k) = \operatorname{LN}(z)",
        ),
        words="LN(c z) = LN(z) for c > 0, LN(z + k) = LN(z)",
    )
    turned = _normalised([-SCALE * entry for entry in ENTRIES])
    with_eps = _normalised([SCALE * entry for entry in ENTRIES], sp.Rational(1, 100))
    uncentred = [entry / sp.sqrt(sp.Add(*(e**2 for e in ENTRIES)) / 3) for entry in ENTRIES]
    uncentred_shifted = [
        (entry + k) / sp.sqrt(sp.Add(*((e + k) ** 2 for e in ENTRIES)) / 3) for entry in ENTRIES
    ]
    mistakes = [
        Mistake("a negative scale does no harm either", "以为负的尺度也不影响结果",
                statement.but(**parts("scaled", turned, plain))),
        Mistake("exact for ε > 0 too", "以为 ε > 0 时也精确成立",
                statement.but(**parts("scaled", with_eps,
                                      _normalised(ENTRIES, sp.Rational(1, 100))))),
        Mistake("without centring, still blind to a shift", "不减均值也对平移不敏感",
                statement.but(**parts("shifted", uncentred_shifted, uncentred))),
        Mistake("the scale comes out", "以为尺度会原样传出",
                statement.but(**parts("scaled", scaled, [SCALE * entry for entry in plain]))),
    ]  # fmt: skip
    return Case(statement, [identity()], mistakes)


@claim(
    "layernorm-gradient-orthogonal",
    page=PAGE,
    grade=PROVED,
    titles={
        "en": "The gradient behind a normalisation",
        "zh": "归一化之前的梯度",
    },
    statement_text={
        "en": "Whatever comes after a layer normalisation, the gradient with respect to the "
        "pre-activations is orthogonal to them and to (1, …, 1); and when they are c times as "
        "large, it is c times as small.",
        "zh": "无论层归一化之后接什么，损失对预激活值的梯度都与预激活值正交，也与 (1, …, 1) 正交；"
        "预激活值放大 c 倍，梯度就缩小为 1/c。",
    },
    assumptions={
        "en": LAYER["en"] + " What comes after enters by its own gradient (q₁, q₂, q₃), any "
        "numbers. c > 0. With ε > 0 all of this holds only where the variance is far above ε.",
        "zh": LAYER["zh"] + "后续部分以其梯度 (q₁, q₂, q₃) 进入，可为任意数。c > 0。"
        "若 ε > 0，则只在方差远大于 ε 时近似成立。",
    },
    references=("ba2016",),
)
def layernorm_gradient_orthogonal() -> Case:
    zs = list(sp.symbols("z1:4", real=True))
    qs = list(sp.symbols("q1:4", real=True))
    here = dict(zip(zs, ENTRIES, strict=True))
    there = {symbol: SCALE * entry for symbol, entry in here.items()}

    def grads(eps: sp.Expr = sp.S.Zero, centre: bool = True) -> list[sp.Expr]:
        made = _normalised(zs, eps)
        if not centre:
            made = [entry / sp.sqrt(sp.Add(*(e**2 for e in zs)) / 3) for entry in zs]
        after = sp.Add(*(q * entry for q, entry in zip(qs, made, strict=True)))
        return [after.diff(symbol) for symbol in zs]

    def along(found: list[sp.Expr]) -> sp.Expr:
        return sp.Add(*(g * s for g, s in zip(found, zs, strict=True))).xreplace(here)

    def across(found: list[sp.Expr]) -> sp.Expr:
        return sp.Add(*found).xreplace(here)

    plain, padded = grads(), grads(sp.Rational(1, 100))
    root_mean_square = grads(centre=False)
    scaled = plain[0].xreplace(there)
    statement = ForAll(
        {
            "orthogonal to z": equal(along(plain), 0),
            "orthogonal to 1": equal(across(plain), 0),
            "scale": equal(scaled, plain[0].xreplace(here) / SCALE),
        },
        {FIRST: Reals, SECOND: Reals, APART: Positive, SCALE: Positive,
         **dict.fromkeys(qs, Reals)},
        display=(
            r"g(z) = \nabla_{\! z}\, F(\operatorname{LN}(z)):\quad g(z) \cdot z = 0, \qquad"
            r" \textstyle\sum_i g_i(z) = 0,",
            r"g(c\,z) = \frac{1}{c}\,g(z) \quad (c > 0)",
        ),
        words="g = gradient of F(LN(z)): g.z = 0, the sum of g is 0, g(c z) = g(z)/c for c > 0",
    )  # fmt: skip
    mistakes = [
        Mistake("exact for ε > 0 too", "以为 ε > 0 时也精确成立",
                statement.but(**{"orthogonal to z": equal(along(padded), 0)})),
        Mistake("the gradient does not depend on the scale", "以为梯度与尺度无关",
                statement.but(scale=equal(scaled, plain[0].xreplace(here)))),
        Mistake("the gradient grows with the scale", "以为梯度随尺度增大",
                statement.but(scale=equal(scaled, SCALE * plain[0].xreplace(here)))),
        Mistake("without centring, the sum is still 0", "不减均值，梯度之和仍为 0",
                statement.but(**{"orthogonal to 1": equal(across(root_mean_square), 0)})),
    ]  # fmt: skip
    return Case(statement, [identity()], mistakes)


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
    values: dict[str, Value] = {"steps": Value(100)}
    for bias in (0, 1, 5):
        gate = sigmoid(sp.Integer(bias)).explicit()
        values[f"gate_{bias}"] = Value(gate, digits=3)
        values[f"carried_{bias}"] = Value(gate**100, digits=2)
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
            r"\text{linear, squared error:}\quad \frac{\partial l}{\partial z} = 2\,(z - y),",
            r"\text{sigmoid, cross-entropy:}\quad \frac{\partial l}{\partial z} = \sigma(z) - y,",
            r"\text{softmax, cross-entropy:}\quad \frac{\partial l}{\partial z_j} ="
            r" \frac{e^{z_j}}{\sum_k e^{z_k}} - t_j,",
            r"\text{but sigmoid, squared error:}\quad \frac{\partial l}{\partial z} ="
            r" 2\,(\sigma(z) - y)\,\sigma'(z)",
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
