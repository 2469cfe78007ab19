"""The three factors of a gradient entry, and the slips that lie nearest to hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sympy as sp

from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.derivations import one_neuron
from gradmath.claims.evidence import certificate, identity, points, slope
from gradmath.claims.grades import PROVED
from gradmath.claims.planted import with_rule
from gradmath.claims.relation import Relation, at_least, equal, less, partial
from gradmath.claims.statement import ForAll
from gradmath.claims.symbols import Reals, a, b, sigmoid, w, x, y, z
from gradmath.claims.values import Value

if TYPE_CHECKING:
    from gradmath.derivation import Derivation

PAGE = "chain-rule"

#: One entry of the loss, in the activation and in the parameters.
OUTER = (a - y) ** 2
LINE = w * x + b
ENTRY = (sigmoid(LINE) - y) ** 2
SLOPE = sigmoid(z).diff(z)
SLOPE_HERE = SLOPE.xreplace({z: LINE})
ALL = {w: Reals, b: Reals, x: Reals, y: Reals}


@claim(
    "local-derivatives",
    page=PAGE,
    grade=PROVED,
    titles={"en": "The local derivatives", "zh": "局部导数"},
    statement_text={
        "en": "The derivative of one entry with respect to the activation is twice the residual, "
        "that of the activation with respect to the pre-activation is the sigmoid's slope, and "
        "those of the pre-activation with respect to weight, bias and input are x, 1 and w.",
        "zh": "损失元素对激活值的导数是残差的两倍，激活值对预激活值的导数是 sigmoid 的导数，"
        "预激活值对权重、偏置、输入的导数分别是 x、1、w。",
    },
    assumptions={
        "en": "l = (a − y)², a = σ(z), z = w x + b; all real.",
        "zh": "l = (a − y)²，a = σ(z)，z = w x + b，各量均为实数。",
    },
)
def local_derivatives() -> Case:
    s = sigmoid(z)
    statement = ForAll(
        {
            "l by a": equal(partial(OUTER, a), sp.Mul(2, a - y, evaluate=False)),
            "a by z": equal(partial(s, z), s * (1 - s)),
            "z by w": equal(partial(LINE, w), x),
            "z by b": equal(partial(LINE, b), 1),
            "z by x": equal(partial(LINE, x), w),
        },
        {a: Reals, z: Reals, **ALL},
    )
    mistakes = [
        Mistake("twice the loss for l by a", "l 对 a 的导数写成 2l",
                statement.but(**{"l by a": equal(partial(OUTER, a), 2 * OUTER)})),
        Mistake("the residual's sign flipped", "残差符号写反",
                statement.but(**{"l by a": equal(partial(OUTER, a), 2 * (y - a))})),
        Mistake("the factor 2 lost", "漏掉因子 2",
                statement.but(**{"l by a": equal(partial(OUTER, a), a - y)})),
        Mistake("1 - s for the slope", "导数写成 1 − s",
                statement.but(**{"a by z": equal(partial(s, z), 1 - s)})),
        Mistake("w for z by w", "z 对 w 的导数写成 w",
                statement.but(**{"z by w": equal(partial(LINE, w), w)})),
        Mistake("0 for z by b, as if the bias were fixed", "把偏置当作常数，z 对 b 的导数写成 0",
                statement.but(**{"z by b": equal(partial(LINE, b), 0)})),
        Mistake("x for z by x", "z 对 x 的导数写成 x",
                statement.but(**{"z by x": equal(partial(LINE, x), x)})),
    ]  # fmt: skip
    evidence = [
        identity(),
        slope("l by a", of=OUTER, by=a),
        slope("a by z", of=s, by=z),
        slope("z by w", of=LINE, by=w),
        slope("z by b", of=LINE, by=b),
        slope("z by x", of=LINE, by=x),
    ]
    return Case(statement, evidence, mistakes)


@claim(
    "chain-product",
    page=PAGE,
    grade=PROVED,
    titles={"en": "The product K of the three", "zh": "三个局部导数之积 K"},
    statement_text={
        "en": "The derivative of one entry with respect to the weight is K: twice the residual, "
        "times the slope at the pre-activation, times the input. For the bias the input is "
        "replaced by 1.",
        "zh": "损失元素对权重的导数为 K：残差的两倍，乘以预激活值处的导数，再乘以输入。"
        "对偏置求导时，输入换成 1。",
    },
    assumptions={
        "en": "l = (σ(w x + b) − y)², all real. The gradient that the package derives is "
        "held to the same formula.",
        "zh": "l = (σ(w x + b) − y)²，各量均为实数。本库推导出的梯度也须满足同一公式。",
    },
)
def chain_product() -> Case:
    residual = sigmoid(LINE) - y
    product = sp.Mul(2, residual, SLOPE_HERE, x)
    derivation = one_neuron()
    own = derivation.symbols

    def derived(by: Derivation) -> dict[str, Relation]:
        """What a derivation says of the weight and of the bias, against the statement."""
        return {
            "derived weight": equal(_in_our_symbols(by.explicit("w")), product),
            "derived bias": equal(_in_our_symbols(by.explicit("b")), product / x),
        }

    at_input = with_rule(derivation, "a", "z", sigmoid(own["x"]).diff(own["x"]))
    published = with_rule(derivation, "l", "a", 2 * (own["a"] - own["y"]) ** 2)
    statement = ForAll(
        {
            "weight": equal(partial(ENTRY, w), product),
            "bias": equal(partial(ENTRY, b), product / x),
            **derived(derivation),
        },
        ALL,
        display=_chain_display(),
        words="dl/dw = 2 (sigmoid(w x + b) - y) sigmoid'(w x + b) x; dl/db the same without x; "
        "the package derives the same",
    )
    mistakes = [
        Mistake("the slope lost", "漏掉 sigmoid 的导数",
                statement.but(weight=equal(partial(ENTRY, w), 2 * residual * x))),
        Mistake("the input lost", "漏掉输入",
                statement.but(weight=equal(partial(ENTRY, w), product / x))),
        Mistake("the slope at the input", "在输入 x 处取导数",
                statement.but(weight=equal(
                    partial(ENTRY, w), 2 * residual * SLOPE.xreplace({z: x}) * x))),
        Mistake("twice the loss", "残差误作损失",
                statement.but(weight=equal(
                    partial(ENTRY, w), 2 * residual**2 * SLOPE_HERE * x))),
        Mistake("the bias lost inside the slope", "导数里漏掉偏置",
                statement.but(weight=equal(
                    partial(ENTRY, w), 2 * residual * SLOPE.xreplace({z: w * x}) * x))),
        Mistake("the input kept in the bias", "偏置的导数误带输入",
                statement.but(bias=equal(partial(ENTRY, b), product))),
        Mistake("a derivation with the slope at the input", "推导中导数取在输入 x 处",
                statement.but(**derived(at_input)), derivation=at_input),
        Mistake("a derivation with twice the loss", "推导中残差误作损失",
                statement.but(**derived(published)), derivation=published),
    ]  # fmt: skip
    evidence = [
        identity(),
        slope("weight", of=ENTRY, by=w),
        slope("bias", of=ENTRY, by=b),
    ]
    return Case(statement, evidence, mistakes, {"K": Value(product)})


def _in_our_symbols(expression: sp.Expr) -> sp.Expr:
    known = {symbol.name: symbol for symbol in ALL}
    return expression.xreplace({s: known[s.name] for s in expression.free_symbols})


def _chain_display() -> list[str]:
    return [
        r"K = \frac{\partial l}{\partial w}"
        r" = \frac{\partial l}{\partial a}\,\frac{\partial a}{\partial z}\,"
        r"\frac{\partial z}{\partial w} = 2\,(a - y)\,\sigma'(z)\,x,",
        r"\frac{\partial l}{\partial b} = 2\,(a - y)\,\sigma'(z),",
        r"z = w x + b,\quad a = \sigma(z)",
    ]


@claim(
    "residual-not-loss",
    page=PAGE,
    grade=PROVED,
    titles={"en": "The residual, not the loss", "zh": "是残差，不是损失"},
    statement_text={
        "en": "The derivative of (a − y)² with respect to a is 2 (a − y). Twice the loss, 2 l, is "
        "never negative and agrees with it only where a = y or a = y + 1; for a below its target "
        "the two have opposite signs.",
        "zh": "(a − y)² 对 a 的导数是 2 (a − y)。而 2l 永不为负，只有在 a = y 或 a = y + 1 "
        "时两者才相等；当 a 低于目标时，两者符号相反。",
    },
    assumptions={
        "en": "a and y are real; d is positive. A sigmoid's activation reaches neither a target of "
        "0 or 1 nor the value above it, so there the two never agree.",
        "zh": "a、y 为实数，d 为正数。目标为 0 或 1 时，sigmoid 的激活值既取不到 y 也取不到 y + 1，"
        "因此两者永远不等。",
    },
)
def residual_not_loss() -> Case:
    d = sp.Symbol("d", positive=True)
    right = 2 * (a - y)
    below = {a: y - d}
    statement = ForAll(
        {
            "derivative": equal(partial(OUTER, a), right),
            "difference": equal(2 * OUTER - right, 2 * (a - y) * (a - y - 1)),
            "never negative": at_least(2 * OUTER, 0),
            "opposite signs": less((2 * OUTER * right).subs(below), 0),
        },
        {a: Reals, y: Reals, d: sp.Interval.open(0, sp.oo)},
        display=(
            r"\frac{\partial l}{\partial a} = 2\,(a - y), \qquad 2\,l \ge 0,",
            r"2\,l - 2\,(a - y) = 2\,(a - y)\,(a - y - 1),",
            r"2\,l \cdot 2\,(a - y)\,\Big|_{a = y - d} = -4 d^3 < 0",
        ),
        words="dl/da = 2 (a - y); 2 l - 2 (a - y) = 2 (a - y) (a - y - 1); 2 l >= 0; "
        "for a < y the two have opposite signs",
    )
    mistakes = [
        Mistake("twice the loss", "写成 2l",
                statement.but(derivative=equal(partial(OUTER, a), 2 * OUTER))),
        Mistake("the absolute residual", "残差取绝对值",
                statement.but(derivative=equal(partial(OUTER, a), 2 * sp.Abs(a - y)))),
        Mistake("the two always agree", "以为两者恒等",
                statement.but(difference=equal(2 * OUTER - right, 0))),
        Mistake("the derivative is never negative either", "以为导数也不会为负",
                statement.but(**{"never negative": at_least(right, 0)})),
        Mistake("the same sign below the target", "以为低于目标时同号",
                statement.but(**{"opposite signs": less((-2 * OUTER * right).subs(below), 0)})),
    ]  # fmt: skip
    evidence = [
        identity("derivative", "difference"),
        certificate(**{"never negative": 2 * (a - y) ** 2, "opposite signs": 4 * d**3}),
        slope("derivative", of=OUTER, by=a),
        points(),
    ]
    return Case(statement, evidence, mistakes)


@claim(
    "preactivation-not-input",
    page=PAGE,
    grade=PROVED,
    titles={"en": "The slope at the pre-activation", "zh": "导数取在预激活值处"},
    statement_text={
        "en": "The derivative of the activation with respect to the weight is the slope at the "
        "pre-activation w x + b, times x. The slopes at two places u and v are equal only if "
        "u = v or u = −v, so the slope at x is another number in general.",
        "zh": "激活值对权重的导数，是预激活值 w x + b 处的导数乘以 x。两处 u、v 的导数只有在 u = v "
        "或 u = −v 时才相等，所以 x 处的导数一般是另一个数。",
    },
    assumptions={"en": "All quantities are real.", "zh": "各量均为实数。"},
)
def preactivation_not_input() -> Case:
    u, v = sp.symbols("u v", real=True)
    gap = SLOPE.xreplace({z: u}) - SLOPE.xreplace({z: v})
    bottom = (1 + sp.exp(u)) ** 2 * (1 + sp.exp(v)) ** 2
    factored = (sp.exp(u) - sp.exp(v)) * (1 - sp.exp(u + v)) / bottom
    statement = ForAll(
        {
            "derivative": equal(partial(sigmoid(LINE), w), SLOPE_HERE * x),
            "two places": equal(gap, factored),
        },
        {w: Reals, b: Reals, x: Reals, u: Reals, v: Reals},
    )
    mistakes = [
        Mistake("the slope at the input", "在输入 x 处取导数",
                statement.but(derivative=equal(
                    partial(sigmoid(LINE), w), SLOPE.xreplace({z: x}) * x))),
        Mistake("the bias left out", "漏掉偏置",
                statement.but(derivative=equal(
                    partial(sigmoid(LINE), w), SLOPE.xreplace({z: w * x}) * x))),
        Mistake("the slope at the weight", "在权重 w 处取导数",
                statement.but(derivative=equal(
                    partial(sigmoid(LINE), w), SLOPE.xreplace({z: w}) * x))),
        Mistake("the slope is the same everywhere", "以为处处导数相同",
                statement.but(**{"two places": equal(gap, 0)})),
    ]  # fmt: skip
    evidence = [identity(), slope("derivative", of=sigmoid(LINE), by=w), points()]
    return Case(statement, evidence, mistakes)


SHARED = 3  # samples in the claim on sharing


@claim(
    "shared-weight-sums",
    page=PAGE,
    grade=PROVED,
    titles={"en": "A shared weight collects a sum", "zh": "共享的权重，导数相加"},
    statement_text={
        "en": "If one weight serves every sample, its derivative is the sum of what each sample "
        "would give to a weight of its own.",
        "zh": "若所有样本共用同一个权重，则对它的导数，等于各样本若各有自己的权重时所得导数之和。",
    },
    assumptions={
        "en": "Three samples, each with an input and a target of its own; any real values. The "
        "loss here is the plain sum of the entries.",
        "zh": "三个样本，各有自己的输入与目标，可取任意实数。这里的损失是各元素之和。",
    },
)
def shared_weight_sums() -> Case:
    xs, ys, ws = (sp.symbols(f"{n}1:{SHARED + 1}", real=True) for n in "xyw")
    entries = [(sigmoid(own * u + b) - v) ** 2 for own, u, v in zip(ws, xs, ys, strict=True)]
    to_shared = dict.fromkeys(ws, w)
    loss = sp.Add(*entries).xreplace(to_shared)
    gifts = [e.diff(own).xreplace(to_shared) for e, own in zip(entries, ws, strict=True)]
    left = partial(loss, w)
    statement = ForAll(
        {"statement": equal(left, sp.Add(*gifts))},
        {w: Reals, b: Reals, **dict.fromkeys([*xs, *ys], Reals)},
        display=(
            r"\frac{\partial}{\partial w} \sum_{i} l_i(w)"
            r" = \sum_{i} \frac{\partial l_i(w_i)}{\partial w_i}\,\Big|_{w_i = w}",
        ),
        words="d/dw sum l_i(w) = sum over i of dl_i(w_i)/dw_i at w_i = w",
    )
    mistakes = [
        Mistake("only the first sample", "只算第一个样本",
                statement.but(statement=equal(left, gifts[0]))),
        Mistake("the mean in place of the sum", "把和写成平均",
                statement.but(statement=equal(left, sp.Add(*gifts) / SHARED))),
        Mistake("the product of the contributions", "各份贡献相乘",
                statement.but(statement=equal(left, sp.Mul(*gifts)))),
        Mistake("the last sample overwrites the others", "最后一个样本覆盖其余",
                statement.but(statement=equal(left, gifts[-1]))),
    ]  # fmt: skip
    return Case(statement, [identity(), slope("statement", of=loss, by=w)], mistakes)
