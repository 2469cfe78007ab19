"""The loss of one neuron, its gradient, and what a step of descent promises."""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp

from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.evidence import certificate, enclosure, identity, points, slope
from gradmath.claims.grades import PROVED
from gradmath.claims.relation import Relation, at_most, equal, greater, less
from gradmath.claims.statement import ForAll
from gradmath.claims.symbols import Reals, b, eta, sigmoid, w, x, y, z
from gradmath.claims.values import Value

PAGE = "one-neuron"
SAMPLES = 3  # the gradient of the mean is proved for 1 to this many samples


def entry(w: sp.Expr, b: sp.Expr, x: sp.Expr, y: sp.Expr) -> sp.Expr:
    """One entry of the loss: (sigmoid(w x + b) - y)^2."""
    return (sigmoid(w * x + b) - y) ** 2


def _mse_terms(count: int) -> tuple[sp.Expr, list[sp.Symbol], list[sp.Symbol]]:
    """The mean of `count` entries, with their inputs and targets."""
    xs, ys = (list(sp.symbols(f"{name}1:{count + 1}", real=True)) for name in "xy")
    return sp.Add(*(entry(w, b, u, v) for u, v in zip(xs, ys, strict=True))) / count, xs, ys


def _stated(count: int, *, by_weight: bool, scale: sp.Expr, squared: bool = False) -> sp.Expr:
    """The gradient as stated for `count` samples: scale * sum of residual * slope * input."""
    _, xs, ys = _mse_terms(count)
    terms = []
    for u, v in zip(xs, ys, strict=True):
        s, ds = sigmoid(w * u + b), sigmoid(z).diff(z).xreplace({z: w * u + b})
        terms.append((s - v) ** (2 if squared else 1) * ds * (u if by_weight else 1))
    return scale * sp.Add(*terms)


@claim(
    "mse-gradient",
    page=PAGE,
    grade=PROVED,
    titles={"en": "The gradient of the mean squared error", "zh": "均方误差的梯度"},
    statement_text={
        "en": "For one to three samples, the gradient of the mean squared error is twice the mean, "
        "over the samples, of residual times slope times input; for the bias the input is 1.",
        "zh": "样本数为 1 到 3 时，均方误差的梯度等于“残差 × 导数 × 输入”对样本取平均后的两倍；"
        "对偏置而言，输入取 1。",
    },
    assumptions={
        "en": "Proved for one, two and three samples; the derivative of a sum is the sum of "
        "derivatives, so more samples bring nothing new.",
        "zh": "对一、二、三个样本分别证明；和的导数等于导数的和，样本再多也是同样的道理。",
    },
)
def mse_gradient() -> Case:
    parts: dict[str, Relation] = {}
    domain = {w: Reals, b: Reals}
    for count in range(1, SAMPLES + 1):
        loss, xs, ys = _mse_terms(count)
        domain |= dict.fromkeys([*xs, *ys], Reals)
        scale = sp.Rational(2, count)
        parts[f"weight {count}"] = equal(loss.diff(w), _stated(count, by_weight=True, scale=scale))
        parts[f"bias {count}"] = equal(loss.diff(b), _stated(count, by_weight=False, scale=scale))
    statement = ForAll(
        parts,
        domain,
        display=_mse_display(),
        words="dL/dw = 2/n sum (sigmoid(w x_i + b) - y_i) sigmoid'(w x_i + b) x_i; "
        "dL/db the same without the last factor",
    )
    last, two = f"weight {SAMPLES}", sp.Integer(2)
    counts = range(1, SAMPLES + 1)

    def wrong(kind: str, right: Callable[[int], sp.Expr], first: int = 1) -> ForAll:
        """Another right side for the weight or the bias, for every number of samples."""
        return statement.but(**{
            f"{kind} {n}": equal(parts[f"{kind} {n}"].left, right(n)) for n in counts if n >= first
        })  # fmt: skip

    # with one sample a mean is a sum: there 1/n cannot be lost
    mistakes = [
        Mistake("the mean taken for a sum: 1/n lost", "漏掉 1/n",
                wrong("weight", lambda n: parts[f"weight {n}"].right * n, first=2)),
        Mistake("1/n lost in the bias", "偏置的导数漏掉 1/n",
                wrong("bias", lambda n: parts[f"bias {n}"].right * n, first=2)),
        Mistake("the factor 2 lost", "漏掉因子 2",
                wrong("weight", lambda n: parts[f"weight {n}"].right / two)),
        Mistake("the input lost", "漏掉输入 x",
                wrong("weight", lambda n: parts[f"bias {n}"].right)),
        Mistake("the input kept in the bias", "偏置的导数误带输入 x",
                wrong("bias", lambda n: parts[f"weight {n}"].right)),
        Mistake("the loss in place of the residual", "用损失代替残差",
                wrong("weight", lambda n: _stated(
                    n, by_weight=True, scale=two / n, squared=True))),
        Mistake("the sign flipped", "符号写反",
                wrong("weight", lambda n: -parts[f"weight {n}"].right)),
    ]  # fmt: skip
    loss = _mse_terms(SAMPLES)[0]
    evidence = [
        identity(),
        slope(last, of=loss, by=w),
        slope(f"bias {SAMPLES}", of=loss, by=b),
    ]
    return Case(statement, evidence, mistakes)


def _mse_display() -> list[str]:
    """The general formula, from SymPy's own sum over indexed inputs and targets."""
    from gradmath import notation

    n, i = sp.Symbol("n", integer=True, positive=True), sp.Symbol("i", integer=True)
    inputs, targets = sp.IndexedBase("x", real=True), sp.IndexedBase("y", real=True)
    at = w * inputs[i] + b
    residual, slope_ = sigmoid(at) - targets[i], sigmoid(z).diff(z).xreplace({z: at})
    rows = []
    for name, factor in (("w", inputs[i]), ("b", sp.Integer(1))):
        right = sp.Sum(residual * slope_ * factor, (i, 1, n))
        rows.append(
            notation.partial_latex("L", name) + rf" = \frac{{2}}{{n}} {notation.latex(right)}"
        )
    return rows


@claim(
    "update-rule",
    page=PAGE,
    grade=PROVED,
    titles={"en": "What a step of descent does", "zh": "一步梯度下降做了什么"},
    statement_text={
        "en": "Descent replaces each parameter by itself minus η times its partial derivative. "
        "To first order in η the loss then changes by −η times the squared length of the "
        "gradient, which is never positive.",
        "zh": "梯度下降把每个参数减去 η 乘以相应的偏导数。在 η 的一阶近似下，损失的变化为 −η 乘以"
        "梯度长度的平方，绝不为正。",
    },
    assumptions={
        "en": "One neuron, one sample, any real x and y. First order: the derivative with respect "
        "to η at η = 0.",
        "zh": "一个神经元、一个样本，x、y 为任意实数。一阶近似指 η = 0 处对 η 的导数。",
    },
)
def update_rule() -> Case:
    loss = entry(w, b, x, y)
    by_w, by_b = loss.diff(w), loss.diff(b)
    size = by_w**2 + by_b**2

    def first_order(step_w: sp.Expr, step_b: sp.Expr) -> sp.Expr:
        """The derivative of the loss by eta at 0, for the update by the two steps."""
        return entry(w + eta * step_w, b + eta * step_b, x, y).diff(eta).subs(eta, 0)

    down = first_order(-by_w, -by_b)
    statement = ForAll(
        {"first order": equal(down, -size), "never rises": at_most(down, 0)},
        {w: Reals, b: Reals, x: Reals, y: Reals},
        display=(
            r"\hat w = w - \eta\,\frac{\partial l}{\partial w}, \qquad"
            r" \hat b = b - \eta\,\frac{\partial l}{\partial b},",
            r"\frac{\mathrm d}{\mathrm d \eta}\, l(\hat w, \hat b)\,\Big|_{\eta = 0}"
            r" = -\left(\frac{\partial l}{\partial w}\right)^{2}"
            r" - \left(\frac{\partial l}{\partial b}\right)^{2} \le 0",
        ),
        words="d/d eta l(w - eta dl/dw, b - eta dl/db) at eta = 0 is -(dl/dw)^2 - (dl/db)^2 <= 0",
    )
    mistakes = [
        Mistake("plus in place of minus", "减号写成加号",
                statement.but(**{"first order": equal(first_order(by_w, by_b), -size)})),
        Mistake("a step along the gradient, said never to raise the loss",
                "沿梯度方向走，却以为损失不会上升",
                statement.but(**{"never rises": at_most(first_order(by_w, by_b), 0)})),
        Mistake("the length in place of its square", "用长度代替长度的平方",
                statement.but(**{"first order": equal(down, -sp.sqrt(size))})),
        Mistake("the bias not updated", "没有更新偏置",
                statement.but(**{"first order": equal(first_order(-by_w, sp.Integer(0)), -size)})),
        Mistake("a gain that does not depend on the gradient", "以为降幅与梯度无关",
                statement.but(**{"first order": equal(down, -1)})),
    ]  # fmt: skip
    evidence = [identity("first order"), certificate(**{"never rises": size}), points()]
    return Case(statement, evidence, mistakes)


@claim(
    "loss-not-convex",
    page=PAGE,
    grade=PROVED,
    titles={"en": "The loss is not convex", "zh": "损失函数不是凸的"},
    statement_text={
        "en": "For one sample x = 1, y = 1 and b = 0 the curvature of the loss along w is negative "
        "at w = −2, and between w = −4 and w = 0 the loss rises above its chord. So the loss is "
        "not convex.",
        "zh": "取一个样本 x = 1、y = 1，且 b = 0：损失沿 w 方向的曲率在 w = −2 处为负，"
        "且在 w = −4 与 w = 0 之间损失高于弦。因此损失函数不是凸函数。",
    },
    assumptions={
        "en": "The numbers are enclosed by ball arithmetic. One point of negative curvature is "
        "enough: a convex function has none.",
        "zh": "数值以球算术作区间包围。凸函数处处没有负曲率，因此有一个负曲率点就足够了。",
    },
)
def loss_not_convex() -> Case:
    along = entry(w, sp.Integer(0), sp.Integer(1), sp.Integer(1))
    second = along.diff(w, 2).subs(w, -2)
    ends = (along.subs(w, -4) + along.subs(w, 0)) / 2
    middle = along.subs(w, -2)
    l_ww = r"\frac{\partial^2 l}{\partial w^2}"
    statement = ForAll(
        {"curvature": less(second, 0), "above the chord": greater(middle, ends)},
        display=(
            rf"{l_ww}\,\Big|_{{w = -2}} < 0, \qquad l(-2) > \frac{{l(-4) + l(0)}}{{2}}",
            r"(x = y = 1,\; b = 0)",
        ),
        words="with x = y = 1 and b = 0: d2l/dw2 < 0 at w = -2; l(-2) > (l(-4) + l(0))/2",
    )
    residual, gradient = sigmoid(w) - 1, sigmoid(w).diff(w)
    mistakes = [
        Mistake("the sign of the curvature", "曲率符号弄反",
                statement.but(curvature=greater(second, 0))),
        Mistake("the term with the second derivative lost", "漏掉含二阶导数的项",
                statement.but(curvature=less((2 * gradient**2).subs(w, -2), 0))),
        Mistake("the term with the second derivative negated", "含二阶导数的项符号写反",
                statement.but(curvature=less(
                    (2 * gradient**2 - 2 * residual * gradient.diff(w)).subs(w, -2), 0))),
        Mistake("below the chord, as a convex function would be", "以为低于弦（凸函数才如此）",
                statement.but(**{"above the chord": less(middle, ends)})),
    ]  # fmt: skip
    values = {
        "curvature": Value(second, digits=4),
        "middle": Value(middle, digits=4),
        "chord": Value(ends, digits=4),
    }
    return Case(statement, [enclosure()], mistakes, values)
