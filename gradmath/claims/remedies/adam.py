"""Adam: blind to the scale of a gradient, but only far above its epsilon."""

from __future__ import annotations

import sympy as sp

from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.evidence import certificate, identity, points
from gradmath.claims.grades import PROVED
from gradmath.claims.relation import equal, greater, less
from gradmath.claims.statement import ForAll
from gradmath.claims.symbols import Reals, eta
from gradmath.claims.values import Value

PAGE = "remedies"
Positive, Unit = sp.Interval.open(0, sp.oo), sp.Interval.open(0, 1)
STEPS = 2
EPSILON = sp.Rational(1, 10**8)  # what the paper and the frameworks use

beta1, beta2, k, size, eps = sp.symbols("beta1 beta2 k g epsilon", positive=True)


def _update(
    gradients: list[sp.Expr], epsilon: sp.Expr = sp.S.Zero, *, corrected: bool = True
) -> sp.Expr:
    """The step that Adam takes after these gradients of one weight."""
    m = v = sp.S.Zero
    for g in gradients:
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
    if corrected:
        m, v = m / (1 - beta1 ** len(gradients)), v / (1 - beta2 ** len(gradients))
    return eta * m / (sp.sqrt(v) + epsilon)


def _first_step(gradient: sp.Rational) -> sp.Expr:
    """The share of eta that Adam's own update takes first, with the betas that are usual."""
    usual = {beta1: sp.Rational(9, 10), beta2: sp.Rational(999, 1000), eta: 1}
    return _update([gradient], EPSILON).subs(usual)


@claim(
    "adam-scale-invariant",
    page=PAGE,
    grade=PROVED,
    titles={"en": "Adam does not see the scale", "zh": "Adam 看不见尺度"},
    statement_text={
        "en": "Without ε, Adam takes the same steps when every gradient is multiplied by the same "
        "positive number. With ε its first step is η g/(g + ε): half a step when g = ε, and never "
        "more than plain descent with rate η/ε would take. Far below ε the scale is back.",
        "zh": "若不加 ε，把所有梯度同乘一个正数，Adam 走的步子不变。加上 ε 后，第一步为 η g/(g + "
        "ε)：g = ε 时只有半步，且绝不超过学习率为 η/ε 的普通梯度下降。远低于 ε 时，"
        "尺度又起作用了。",
    },
    assumptions={
        "en": "One weight, g > 0 in the first step. The same steps: proved for two steps in a row, "
        "with any gradients, not both 0 (the first is not), and any β₁, β₂ between 0 and 1.",
        "zh": "单个权重，第一步中 g > 0。步子不变：对连续两步证明，梯度任意（第一个不为 0），"
        "β₁、β₂ 为 0 与 1 之间的任意数。",
    },
    references=("kingma2015",),
)
def adam_scale_invariant() -> Case:
    later = sp.Symbol("g2", real=True)
    seen = [size, later]
    first = _update([size], eps)
    statement = ForAll(
        {
            "two steps": equal(_update([k * g for g in seen]), _update(seen)),
            "first step": equal(first, eta * size / (size + eps)),
            "half": equal(first.subs(size, eps), eta / 2),
            "at most η": less(first, eta),
            "at most plain": less(first, eta / eps * size),
        },
        {later: Reals, beta1: Unit, beta2: Unit,
         **dict.fromkeys((size, k, eps, eta), Positive)},
        display=(
            r"\varepsilon = 0,\; k > 0:",
            r"\Delta(k\,g_1, k\,g_2, \dots) = \Delta(g_1, g_2, \dots);",
            r"\varepsilon > 0:\quad \Delta(g_1) = \frac{\eta\,g_1}{g_1 + \varepsilon},",
            r"\Delta(g_1) < \min\left(\eta,\; \frac{\eta}{\varepsilon}\,g_1\right),"
            r" \quad \Delta(\varepsilon) = \frac{\eta}{2}",
        ),
        words="without epsilon the step of (k g1, k g2) is that of (g1, g2); with it the first is "
        "eta g/(g + epsilon), below eta and below eta/epsilon g",
    )  # fmt: skip
    evidence = [
        identity("two steps", "first step", "half"),
        certificate(
            **{
                "at most η": eta * eps / (size + eps),
                "at most plain": eta * size**2 / (eps * (size + eps)),
            }
        ),
        points(count=8),
    ]
    with_eps = _update([k * g for g in seen], eps), _update(seen, eps)
    mistakes = [
        Mistake("blind to the scale with ε as well", "以为加上 ε 也不看尺度",
                statement.but(**{"two steps": equal(*with_eps)})),
        Mistake("the step grows with the gradient, as in plain descent", "以为步长随梯度增大",
                statement.but(**{"two steps": equal(_update([k * g for g in seen]),
                                                    k * _update(seen))})),
        Mistake("the bias correction left out", "漏掉偏差修正",
                statement.but(**{"first step": equal(
                    _update([size], eps, corrected=False), eta * size / (size + eps))})),
        Mistake("a full step even at g = ε", "以为 g = ε 时仍是整步",
                statement.but(half=equal(first.subs(size, eps), eta))),
        Mistake("longer than η", "以为步长大于 η",
                statement.but(**{"at most η": greater(first, eta)})),
        Mistake("faster than plain descent with rate η/ε", "以为比学习率为 η/ε 的普通下降还快",
                statement.but(**{"at most plain": greater(first, eta / eps * size)})),
    ]  # fmt: skip

    tiny, big = sp.Rational(1, 10**12), sp.Rational(1, 10**4)

    def share(g: sp.Rational) -> sp.Rational:
        return g / (g + EPSILON)

    values = {
        "epsilon": Value(EPSILON, digits=1, again=tiny * (1 - share(tiny)) / share(tiny)),
        "small": Value(tiny, digits=1, again=EPSILON * share(tiny) / (1 - share(tiny))),
        "share_small": Value(share(tiny), digits=1, again=_first_step(tiny)),
        "large": Value(big, digits=1, again=EPSILON * share(big) / (1 - share(big))),
        "lost_large": Value(1 - share(big), digits=1, again=1 - _first_step(big)),
    }
    return Case(statement, evidence, mistakes, values)
