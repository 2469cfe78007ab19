"""What the loss has to do with a vanishing gradient, and what it has not."""

from __future__ import annotations

import sympy as sp

from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.evidence import certificate, identity, points, slope
from gradmath.claims.grades import PROVED
from gradmath.claims.relation import at_least, at_most, equal, greater, less
from gradmath.claims.statement import ForAll
from gradmath.claims.symbols import Reals, sigmoid, y, z
from gradmath.claims.vanishing.saturation import ENTRY, HALF, PAGE, QUARTER, SLOPE, HalfLine, u


@claim(
    "small-loss-is-not-vanishing",
    page=PAGE,
    grade=PROVED,
    titles={"en": "A small loss is no vanishing gradient", "zh": "损失小不等于梯度消失"},
    statement_text={
        "en": "Wherever the neuron stands, |dl/dz| = 2 √l σ′(z) ≤ √l / 2: a small loss always has "
        "a small derivative, saturated or not. That is arrival. What saturation makes small is "
        "the quotient |dl/dz| / √l = 2 σ′(z).",
        "zh": "无论神经元处于何处，|dl/dz| = 2 √l σ′(z) ≤ √l / 2：损失小，导数就必然小，"
        "与饱和与否无关。那是到达目标。饱和使之变小的是商 |dl/dz| / √l = 2 σ′(z)。",
    },
    assumptions={
        "en": "l = (σ(z) − y)², any real y. Stated as squares. In the last row z = 0, where the "
        "slope is largest, and the target is 1/2 + d.",
        "zh": "l = (σ(z) − y)²，y 为任意实数；以平方的形式写出。末行取 z = 0，"
        "此处导数最大，目标为 1/2 + d。",
    },
)
def small_loss_is_not_vanishing() -> Case:
    d = sp.Symbol("d", real=True)
    by_z = ENTRY.diff(z)
    at_best = {z: sp.S.Zero, y: HALF + d}
    statement = ForAll(
        {
            "size": equal(by_z**2, 4 * ENTRY * SLOPE**2),
            "bound": at_most(by_z**2, ENTRY / 4),
            "small though not saturated": equal(by_z.xreplace(at_best), -d / 2),
            "its loss": equal(ENTRY.xreplace(at_best), d**2),
        },
        {z: Reals, y: Reals, d: Reals},
        display=(
            r"|\mathrm d l / \mathrm d z| = 2 \sqrt{l}\;\sigma'(z) \le \tfrac12 \sqrt{l},",
            r"z = 0,\; y = \tfrac12 + d:",
            r"l = d^2, \quad \mathrm d l / \mathrm d z = -\tfrac{d}{2}, \quad \sigma'(z) "
            r"= \tfrac14",
        ),
        scope=r"z, y \in \mathbb{R}",
        words="(dl/dz)^2 = 4 l sigmoid'(z)^2 <= l/4; at z = 0 with target 1/2 + d: l = d^2 and "
        "dl/dz = -d/2",
    )
    s, rise = sigmoid(z), sp.exp(-z) / (1 + sp.exp(-z)) ** 2
    evidence = [
        identity("size", "small though not saturated", "its loss"),
        certificate(bound=4 * ENTRY * (s - HALF) ** 2 * (QUARTER + rise)),
        points("size", "bound"),
    ]
    mistakes = [
        Mistake("the loss in place of its root", "把损失的平方根写成损失",
                statement.but(size=equal(by_z**2, 4 * ENTRY**2 * SLOPE**2))),
        Mistake("an eighth in place of a half", "把 1/2 写成 1/8",
                statement.but(bound=at_most(by_z**2, ENTRY / 64))),
        Mistake("the derivative follows the loss, −d²/2", "以为导数正比于损失，得 −d²/2",
                statement.but(**{"small though not saturated": equal(
                    by_z.xreplace(at_best), -(d**2) / 2)})),
        Mistake("the derivative is large wherever the slope is", "以为斜率大处导数就大",
                statement.but(**{"small though not saturated": equal(
                    by_z.xreplace(at_best), -HALF)})),
        Mistake("the loss is |d|", "以为损失是 |d|",
                statement.but(**{"its loss": equal(ENTRY.xreplace(at_best), sp.Abs(d))})),
    ]  # fmt: skip
    return Case(statement, evidence, mistakes)


@claim(
    "small-output-not-small-loss",
    page=PAGE,
    grade=PROVED,
    titles={"en": "A small output is not a small loss", "zh": "输出小不等于损失小"},
    statement_text={
        "en": "With target 1 the loss is above 1 − 2a: the smaller the output a, the larger the "
        "loss. Only with target 0 does a small output mean a small loss, and then it is the right "
        "answer.",
        "zh": "目标为 1 时，损失大于 1 − 2a：输出 a 越小，损失越大。只有目标为 0 "
        "时，小输出才意味着小损失，而那时它正是正确答案。",
    },
    assumptions={
        "en": "a = σ(z), l = (a − y)², z real.",
        "zh": "a = σ(z)，l = (a − y)²，z 为实数。",
    },
)
def small_output_not_small_loss() -> Case:
    s = sigmoid(z)
    one, zero = (ENTRY.xreplace({y: sp.Integer(target)}) for target in (1, 0))
    statement = ForAll(
        {
            "target 1": greater(one, 1 - 2 * s),
            "target 1: falls with the output": less(one.diff(z), 0),
            "target 0": equal(zero, s**2),
            "target 0: rises with the output": greater(zero.diff(z), 0),
        },
        {z: Reals},
        display=(
            r"y = 1:\quad l > 1 - 2a, \quad \mathrm d l / \mathrm d z < 0,",
            r"y = 0:\quad l = a^2, \quad \mathrm d l / \mathrm d z > 0",
        ),
        words="y = 1: l > 1 - 2 a and dl/dz < 0; y = 0: l = a^2 and dl/dz > 0",
    )
    tail = sp.exp(-z) / (1 + sp.exp(-z))  # 1 - s
    value = 1 / (1 + sp.exp(-z))
    evidence = [
        certificate(
            **{
                "target 1": value**2,
                "target 1: falls with the output": 2 * value * tail**2,
                "target 0: rises with the output": 2 * value**2 * tail,
            }
        ),
        identity("target 0"),
        points(),
    ]
    mistakes = [
        Mistake("a small output makes a small loss, whatever the target", "以为输出小则损失必小",
                statement.but(**{"target 1": less(one, 2 * s)})),
        Mistake("for target 1 the loss grows with the output", "以为目标为 1 时损失随输出增大",
                statement.but(**{"target 1: falls with the output": greater(one.diff(z), 0)})),
        Mistake("the loss is the output", "以为损失就是输出",
                statement.but(**{"target 0": equal(zero, s)})),
        Mistake("for target 0 the loss falls as the output grows", "以为目标为 0 时损失随输出减小",
                statement.but(**{"target 0: rises with the output": less(zero.diff(z), 0)})),
    ]  # fmt: skip
    return Case(statement, evidence, mistakes)


@claim(
    "cross-entropy-cancels",
    page=PAGE,
    grade=PROVED,
    titles={"en": "Cross-entropy cancels the slope", "zh": "交叉熵约去导数"},
    statement_text={
        "en": "For the cross-entropy of a sigmoid neuron dl/dz = a − y: the slope cancels. The "
        "squared error has 2 σ′(z) times as much. Wrong on the far side of z = 0, the neuron "
        "feels at least 1/2.",
        "zh": "sigmoid 神经元配交叉熵时，dl/dz = a − y：导数被约去。平方误差的导数是它的 2 σ′(z) "
        "倍。当神经元错在 z = 0 的另一侧时，它感受到的导数至少为 1/2。",
    },
    assumptions={
        "en": "l = −y log a − (1 − y) log(1 − a) with a = σ(z), z and y real; written in z it is "
        "log(1 + eᶻ) − y z. Last row: y = 1 and z = −u with u ≥ 0.",
        "zh": "l = −y log a − (1 − y) log(1 − a)，a = σ(z)，z、y 为实数；用 z 写出即 log(1 + eᶻ) − "
        "y z。末行：y = 1，z = −u，u ≥ 0。",
    },
    references=("bridle1990",),
)
def cross_entropy_cancels() -> Case:
    s = sigmoid(z)
    entropy = -y * sp.log(s) - (1 - y) * sp.log(1 - s)
    logits = sp.log(1 + sp.exp(z)) - y * z
    felt = 1 - sigmoid(-u)
    statement = ForAll(
        {
            "in the activation": equal(entropy.diff(z), s - y),
            "in the logit": equal(logits.diff(z), s - y),
            "against the squared error": equal(ENTRY.diff(z), 2 * SLOPE * entropy.diff(z)),
            "wrong side": at_least(felt, HALF),
        },
        {z: Reals, y: Reals, u: HalfLine},
        display=(
            r"l = -y \log a - (1 - y) \log(1 - a):",
            r"\mathrm d l / \mathrm d z = a - y,",
            r"\frac{\mathrm d}{\mathrm d z}\,(a - y)^2 = 2\,\sigma'(z)\,(a - y),",
            r"y = 1,\; z \le 0:\quad |a - y| \ge \tfrac12",
        ),
        scope=r"z, y \in \mathbb{R},\; a = \sigma(z)",
        words="d/dz (-y log a - (1 - y) log(1 - a)) = a - y; d/dz (a - y)^2 = 2 sigmoid'(z) (a - "
        "y); for y = 1 and z <= 0 |a - y| >= 1/2",
    )
    gap = (1 - sp.exp(-u)) / (2 * (1 + sp.exp(-u)))
    evidence = [
        identity("in the activation", "in the logit", "against the squared error"),
        certificate(**{"wrong side": gap}),
        slope("in the activation", of=entropy, by=z),
        slope("in the logit", of=logits, by=z),
        points("against the squared error", "wrong side"),
    ]
    mistakes = [
        Mistake("the slope left in", "没有约去导数",
                statement.but(**{"in the activation": equal(
                    entropy.diff(z), (s - y) * SLOPE)})),
        Mistake("the sign turned", "符号写反",
                statement.but(**{"in the logit": equal(logits.diff(z), y - s)})),
        Mistake("the target lost", "漏掉目标",
                statement.but(**{"in the logit": equal(logits.diff(z), s)})),
        Mistake("the factor 2 lost", "漏掉因子 2",
                statement.but(**{"against the squared error": equal(
                    ENTRY.diff(z), SLOPE * entropy.diff(z))})),
        Mistake("it too dies out on the wrong side", "以为它在错误一侧也会衰减",
                statement.but(**{"wrong side": at_most(felt, sp.exp(-u))})),
    ]  # fmt: skip
    return Case(statement, evidence, mistakes)
