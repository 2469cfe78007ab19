"""What the published update does: proved for one sample, and run on real digits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import sympy as sp

from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.computed import Computed, Quantity
from gradmath.claims.evidence import certificate, identity, points
from gradmath.claims.grades import CHECKED, PROVED
from gradmath.claims.measured import Runs
from gradmath.claims.relation import equal, greater, less, unequal
from gradmath.claims.statement import ForAll
from gradmath.claims.symbols import Reals, b, eta, sigmoid, w, y, z
from gradmath.claims.values import Value

if TYPE_CHECKING:
    from numpy.typing import NDArray

PAGE = "chain-rule"

#: What each run must end with: fixed before it runs, and wide enough for any rounding.
ENDS: Mapping[str, tuple[str, str, float, float]] = {
    "right, 0 against 1": ("0 against 1", "right", 0.002, 0.004),
    "published, 0 against 1": ("0 against 1", "published", 0.49, 0.52),
    "right, 1 against the rest": ("1 against the rest", "right", 0.005, 0.06),
    "published, 1 against the rest": ("1 against the rest", "published", 0.08, 0.12),
}
START = 0.25  # at zero weights the neuron answers 1/2 to everything, and (1/2 - y)^2 is 1/4


@claim(
    "published-update-climbs-iff",
    page=PAGE,
    grade=PROVED,
    titles={
        "en": "When the published update climbs",
        "zh": "原文的更新公式何时会使损失上升",
    },
    statement_text={
        "en": "To first order, the update with twice the loss in place of twice the residual "
        "raises the loss of its own sample exactly if the activation is below its target.",
        "zh": "把“残差的两倍”写成“损失的两倍”，则在一阶近似下，该更新使所用样本的损失上升，"
        "当且仅当激活值低于目标。",
    },
    assumptions={
        "en": "One sample with x not 0; the weight alone is moved. First order: the derivative "
        "with respect to η at η = 0. In the statement d > 0 is the distance to the target.",
        "zh": "单个样本，x ≠ 0，只更新权重。一阶近似指 η = 0 处对 η 的导数。式中 d > 0 "
        "是到目标的距离。",
    },
)
def published_update_climbs_iff() -> Case:
    first_order, domain = _first_order()
    x, d = domain
    rate, slope = first_order
    statement = ForAll(
        {
            "rate": equal(rate, -4 * (sigmoid(z) - y) ** 3 * slope**2 * x**2),
            "climbs below the target": greater(rate.xreplace({y: sigmoid(z) + d}), 0),
            "falls above the target": less(rate.xreplace({y: sigmoid(z) - d}), 0),
            "rests on the target": equal(rate.xreplace({y: sigmoid(z)}), 0),
        },
        {z: Reals, y: Reals, x: Reals, d: sp.Interval.open(0, sp.oo)},
        given=(unequal(x, 0),),
        display=(
            r"\frac{\mathrm d}{\mathrm d \eta}\,"
            r" l\bigl(w - \eta \cdot 2\,l\,x\,\sigma'(z)\bigr)\Big|_{\eta = 0}",
            r"= -4\,(a - y)^3\,\sigma'(z)^2\,x^2 \;>\; 0 \iff a < y",
        ),
        words="the first-order change -4 (a - y)^3 sigmoid'(z)^2 x^2 is positive exactly if a < y",
    )
    slope_ = slope**2 * x**2
    evidence = [
        identity("rate", "rests on the target"),
        certificate(
            **{
                "climbs below the target": 4 * d**3 * slope_,
                "falls above the target": 4 * d**3 * slope_,
            }
        ),
        points("rate", "climbs below the target", "falls above the target"),
    ]
    below, above = "climbs below the target", "falls above the target"
    mistakes = [
        Mistake("the right update's rate", "误用正确更新的变化率",
                statement.but(rate=equal(rate, -4 * (sigmoid(z) - y) ** 2 * slope**2 * x**2))),
        Mistake("the sign of the cube flipped", "立方的符号写反",
                statement.but(rate=equal(rate, 4 * (sigmoid(z) - y) ** 3 * slope**2 * x**2))),
        Mistake("it falls below the target too", "以为低于目标时也下降",
                statement.but(**{below: less(rate.xreplace({y: sigmoid(z) + d}), 0)})),
        Mistake("it climbs above the target too", "以为高于目标时也上升",
                statement.but(**{above: greater(rate.xreplace({y: sigmoid(z) - d}), 0)})),
        Mistake("it rests where it agrees with the right update, at a = y + 1",
                "以为在它与正确更新一致之处（a = y + 1）损失不变",
                statement.but(**{"rests on the target": equal(
                    rate.xreplace({y: sigmoid(z) - 1}), 0)})),
    ]  # fmt: skip
    return Case(statement, evidence, mistakes)


def _first_order() -> tuple[tuple[sp.Expr, sp.Expr], tuple[sp.Symbol, sp.Symbol]]:
    """The derivative by eta at 0 of the loss after the published update of the weight, in z."""
    x = sp.Symbol("x", real=True, nonzero=True)
    d = sp.Symbol("d", positive=True)
    slope = sigmoid(z).diff(z)
    line = w * x + b
    loss = (sigmoid(line) - y) ** 2
    published = 2 * loss * x * slope.xreplace({z: line})
    moved = loss.xreplace({w: w - eta * published})
    rate = moved.diff(eta).subs(eta, 0)
    return (rate.xreplace({b: z - w * x}).subs(w * x + (z - w * x), z), slope), (x, d)


def _end(task: str, rule: Any, updates: int | None = None) -> float:
    """The loss at the end of a descent by the package's own kernels."""
    from gradmath.dynamics import PUBLISHED_SETTING, binary, cached, descend

    step, steps = PUBLISHED_SETTING
    data = binary(task)
    run = cached(descend)(
        data.x, data.y, rule=rule, step=step, steps=steps if updates is None else updates
    )
    return float(run.loss[-1])


def _again(task: str, rule: str, updates: int | None = None) -> float:
    """The same by a few lines of NumPy and SciPy that use nothing of the package."""
    import numpy as np
    from scipy.special import expit
    from sklearn.datasets import load_digits

    from gradmath.dynamics import PUBLISHED_SETTING

    step, steps = PUBLISHED_SETTING
    pixels, digit = load_digits(return_X_y=True)
    keep = digit <= 1 if task == "0 against 1" else digit >= 0
    x, target = pixels[keep] / 16, (digit[keep] == 1).astype(float)
    x = np.column_stack([x, np.ones(len(x))])
    theta: NDArray[np.float64] = np.zeros(x.shape[1])
    for _ in range(steps if updates is None else updates):
        out = expit(x @ theta)
        factor = (out - target) if rule == "right" else (out - target) ** 2
        theta = theta - step * x.T @ (2 * factor * out * (1 - out)) / len(x)
    return float(np.mean((expit(x @ theta) - target) ** 2))


def _quantity(task: str, rule: str, low: float, high: float) -> Quantity:
    return Quantity(lambda: _end(task, rule), lambda: _again(task, rule), low, high)


def _values() -> dict[str, Value]:
    first, second = "0 against 1", "1 against the rest"
    return {
        "start": Value(_end(first, "right", 0), digits=3),
        "right_end": Value(_end(first, "right"), digits=2),
        "published_end": Value(_end(first, "published"), digits=3),
        "rest_start": Value(_end(second, "right", 0), digits=3),
        "rest_right_end": Value(_end(second, "right"), digits=2),
        "rest_published_end": Value(_end(second, "published"), digits=3),
    }


@claim(
    "published-update-on-digits",
    page=PAGE,
    grade=CHECKED,
    titles={
        "en": "The published update on real digits",
        "zh": "原文的更新公式在真实手写数字上的表现",
    },
    statement_text={
        "en": "On the handwritten digits 0 against 1 the published update ends with about twice "
        "the loss that it began with, where the right update nearly removes it. On 1 against the "
        "rest the published update happens to descend.",
        "zh": "在真实手写数字“0 与 1”上，原文的更新结束时的损失约为开始时的两倍，"
        "而正确的更新几乎把损失降到零。在“1 与其余数字”上，原文的更新碰巧也使损失下降。",
    },
    assumptions={
        "en": "One sigmoid neuron on all 64 pixels, zero start, full batch, step 1, 200 updates. "
        "The run has no chance in it: the same start gives the same numbers. The final losses are "
        "held to intervals stated before the run, and each run is repeated by separate code, "
        "which must give the same number.",
        "zh": "一个 sigmoid 神经元，输入为全部 64 个像素，从零开始，全批量，步长 1，更新 200 次。"
        "运行中没有随机性，同样的起点总得到同样的数值。最终损失须落在运行前就写明的区间内；"
        "每次运行都由另写的代码重复，所得数值必须相同。",
    },
)
def published_update_on_digits() -> Case:
    start = Quantity(
        lambda: _end("0 against 1", "right", 0),
        lambda: _again("0 against 1", "right", 0),
        START,
        START,
    )
    runs = {name: _quantity(*stated) for name, stated in ENDS.items()}
    intervals = "; ".join(f"{name} in [{low}, {high}]" for name, (_, _, low, high) in ENDS.items())
    statement = Computed(
        {"start": start, **runs}, formula=_intervals(), words=f"start {START}; ends: {intervals}"
    )
    ends = "published, 0 against 1"
    mistakes = [
        Mistake("the published rule learns the digits", "以为原文的规则学会了辨认数字",
                statement.but({ends: (0.0, 0.01)})),
        Mistake("the published rule leaves the loss where it was", "以为原文的规则不改变损失",
                statement.but({ends: (0.24, 0.26)})),
        Mistake("the right rule climbs", "以为正确的规则使损失上升",
                statement.but({"right, 0 against 1": (START, 1.0)})),
        Mistake("the published rule climbs on the second task too", "以为第二个任务上它也上升",
                statement.but({"published, 1 against the rest": (START, 1.0)})),
        Mistake("both rules end alike on the second task", "以为第二个任务上两种规则结果相同",
                statement.but({"right, 1 against the rest": (0.08, 0.12)})),
        Mistake("a loss with 1/2 at the start", "开始时的损失多乘了 1/2",
                statement.but({"start": START / 2})),
    ]  # fmt: skip
    return Case(statement, [Runs()], mistakes, _values())


def _intervals() -> str:
    rows = [rf"L_0 = {START:g}"]
    for task, classes in (
        ("0 against 1", r"\{0\},\{1\}"),
        ("1 against the rest", r"\{1\},\{0,2,\dots,9\}"),
    ):
        lows = {rule: (low, high) for t, rule, low, high in ENDS.values() if t == task}
        rows.append(rf"{classes}:")
        rows.append(
            rf"L_{{2(a-y)}} \in [{lows['right'][0]:g}, {lows['right'][1]:g}],\;"
            rf" L_{{2l}} \in [{lows['published'][0]:g}, {lows['published'][1]:g}]"
        )
    return r"\begin{gathered}" + r" \\ ".join(rows) + r"\end{gathered}"
