"""Where a leap ends: a jagged loss on real data, and neurons that no longer answer."""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import sympy as sp

from gradmath.catalogue.applied import explicit
from gradmath.claims import ball
from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.computed import Computed, Quantity
from gradmath.claims.derivations import chain
from gradmath.claims.evidence import enclosure, identity
from gradmath.claims.exploding.stacks import PAGE
from gradmath.claims.grades import CHECKED, PROVED
from gradmath.claims.kernel import KernelValues
from gradmath.claims.measured import Runs
from gradmath.claims.planted import derived_parts, with_rule
from gradmath.claims.relation import Relation, equal, greater, less
from gradmath.claims.statement import ForAll
from gradmath.claims.symbols import sigmoid, z
from gradmath.claims.values import Value

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SAMPLES, HIDDEN, STEPS = 300, 16, 150
CALM, JAGGED = 0.5, 2.5  # the two steps of the run on digits
DEPTH = 10  # of the chain that leaps


@functools.cache
def losses(step: float) -> NDArray[np.float64]:
    """The loss of each step of the run on the first digits of scikit-learn's set."""
    from gradmath.dynamics import cached

    return cached(_run)(step)


def _run(step: float) -> NDArray[np.float64]:
    from sklearn.datasets import load_digits

    from gradmath.dynamics.steps import full_batch
    from gradmath.network import Dense, Network

    x, digit = (part[:SAMPLES] for part in load_digits(return_X_y=True))
    net = Network(64, [Dense(HIDDEN, "tanh"), Dense(10)], loss="softmax_cross_entropy")
    return full_batch(net, net.init(seed=0), x / 16, digit, step=step, steps=STEPS).loss


@functools.cache
def losses_again(step: float) -> NDArray[np.float64]:
    """The same by a few lines of NumPy and SciPy that use nothing of the package but its start."""
    import numpy as np
    from scipy.special import logsumexp
    from sklearn.datasets import load_digits

    from gradmath.network import Dense, Network

    pixels, digit = load_digits(return_X_y=True)
    x, target = pixels[:SAMPLES] / 16, np.eye(10)[digit[:SAMPLES]]
    start = Network(64, [Dense(HIDDEN), Dense(10)]).init(seed=0)
    v, c, w, b = (start[name].copy() for name in ("W1", "b1", "W2", "b2"))
    found = []
    for _ in range(STEPS + 1):
        hidden = np.tanh(x @ v.T + c)
        logits = hidden @ w.T + b
        total = logsumexp(logits, axis=1, keepdims=True)
        found.append(float(np.mean(total[:, 0] - np.sum(target * logits, axis=1))))
        delta = (np.exp(logits - total) - target) / SAMPLES
        back = (delta @ w) * (1 - hidden**2)
        w, b = w - step * delta.T @ hidden, b - step * delta.sum(axis=0)
        v, c = v - step * back.T @ x, c - step * back.sum(axis=0)
    return np.array(found)


def _rises(loss: Any) -> float:
    return float((loss[1:] > loss[:-1]).sum())


def _climb(loss: Any) -> float:
    return float(max(loss) / loss[0])


@claim(
    "jagged-loss-on-digits",
    page=PAGE,
    grade=CHECKED,
    titles={"en": "A jagged loss on real digits", "zh": "真实手写数字上的锯齿状损失"},
    statement_text={
        "en": "A small network on handwritten digits, with step 1/2: the loss falls at each of "
        "150 steps. The same network from the same start with step 2.5: the loss rises at ten to "
        "twenty of them, and climbs to more than one and a half times where it began; yet it ends "
        "lower than the calm run.",
        "zh": "手写数字上的一个小网络，步长 1/2：150 步中损失每步都下降。同一网络、同一起点，"
        "步长 2.5：其中 10 到 20 步损失上升，最高超过起始值的一倍半；"
        "但最终的损失比平稳的那次更低。",
    },
    assumptions={
        "en": "16 units with tanh, softmax cross-entropy, the first 300 images, full batch, Xavier "
        "start with seed 0. There is no chance in the run. The numbers are held to intervals "
        "stated before it, and separate code must arrive at the same ones. With still larger "
        "steps the run is chaotic: rounding decides its later steps.",
        "zh": "16 个 tanh 单元，softmax 交叉熵，前 300 幅图像，全批量，Xavier 初始化，种子 0。"
        "运行中没有随机性。各数值须落在运行前写明的区间内，另写的代码须得到相同的数值。"
        "步长再大，运行便是混沌的：后面的步子由舍入误差决定。",
    },
    references=("cohen2021",),
)
def jagged_loss_on_digits() -> Case:
    def quantity(step: float, what: Any, low: float, high: float) -> Quantity:
        return Quantity(lambda: what(losses(step)), lambda: what(losses_again(step)), low, high)

    parts = {
        "calm rises": quantity(CALM, _rises, 0.0, 0.0),
        "calm end": quantity(CALM, lambda loss: float(loss[-1]), 0.04, 0.08),
        "jagged rises": quantity(JAGGED, _rises, 10.0, 20.0),
        "jagged climb": quantity(JAGGED, _climb, 1.5, 2.5),
        "jagged end": quantity(JAGGED, lambda loss: float(loss[-1]), 0.01, 0.03),
    }
    intervals = "; ".join(f"{name} in [{q.low:g}, {q.high:g}]" for name, q in parts.items())
    statement = Computed(
        parts,
        formula=r"\begin{gathered}"
        rf"\eta = {CALM:g}: \; 0 \text{{ rises}},\; 0.04 \le L_{{150}} \le 0.08, \\"
        rf"\eta = {JAGGED:g}: \; 10 \text{{ to }} 20 \text{{ rises}}, \\"
        r" 1.5 \le \max_k L_k / L_0 \le 2.5, \\ 0.01 \le L_{150} \le 0.03"
        r"\end{gathered}",
        words=f"steps {CALM:g} and {JAGGED:g}: {intervals}",
    )
    mistakes = [
        Mistake("a calm run at the larger step", "以为大步长也平稳",
                statement.but({"jagged rises": 0.0})),
        Mistake("a rise at every second step", "以为每隔一步就上升",
                statement.but({"jagged rises": (70.0, 80.0)})),
        Mistake("a loss that never exceeds its start", "以为损失从不超过起始值",
                statement.but({"jagged climb": (0.0, 1.0)})),
        Mistake("a large step that learns nothing", "以为大步长什么也学不到",
                statement.but({"jagged end": (2.0, 3.0)})),
        Mistake("rises at the smaller step too", "以为小步长也会上升",
                statement.but({"calm rises": (1.0, 20.0)})),
        Mistake("a calm run that ends lowest", "以为平稳的那次最终最低",
                statement.but({"calm end": (0.0, 0.01)})),
    ]  # fmt: skip
    jagged, calm = losses(JAGGED), losses(CALM)
    values = {
        "rises": Value(int(_rises(jagged))),
        "start": Value(float(jagged[0]), digits=3, again=lambda: losses_again(JAGGED)[0]),
        "peak": Value(float(jagged.max()), digits=2, again=lambda: max(losses_again(JAGGED))),
        "calm_end": Value(float(calm[-1]), digits=2),
        "jagged_end": Value(float(jagged[-1]), digits=2),
    }
    return Case(statement, [Runs()], mistakes, values)


@claim(
    "overflow-then-saturate",
    page=PAGE,
    grade=PROVED,
    titles={
        "en": "First too large, then gone: the two failures meet",
        "zh": "先爆炸、后消失：两种故障相遇",
    },
    statement_text={
        "en": "Ten sigmoid layers with w = 8 and b = −4, input 1/2, target 2/5: the derivative by "
        "the first bias is 128/5. One step with η = 1 makes the loss more than ten times as high, "
        "and drives the layers so deep into saturation that the same derivative is below 10⁻³⁰ in "
        "size: what exploded has vanished.",
        "zh": "十个 sigmoid 层，w = 8、b = −4，输入 1/2，目标 2/5：对第一个偏置的导数是 128/5。"
        "以 η = 1 走一步，损失升到十倍以上，各层深陷饱和，同一个导数的绝对值降到 10⁻³⁰ 以下："
        "爆炸的梯度消失了。",
    },
    assumptions={
        "en": "One unit a layer, one sample, squared error; all weights and biases take the step. "
        "The numbers after the step are enclosed by ball arithmetic.",
        "zh": "每层一个单元，单个样本，平方误差；所有权重与偏置都更新。"
        "走步之后的数值以球算术作区间包围。",
    },
)
def overflow_then_saturate() -> Case:
    start, target = sp.Rational(1, 2), sp.Rational(2, 5)
    before = [(sp.Integer(8), sp.Integer(-4))] * DEPTH
    slopes, end = _backward(before, start, target)
    # numbers by name: written out, they would be nested too deeply for SymPy
    after = [sp.symbols(f"w_{k} b_{k}", real=True) for k in range(1, DEPTH + 1)]
    moved = {
        symbol: number - by
        for symbols, numbers, steps in zip(after, before, slopes, strict=True)
        for symbol, number, by in zip(symbols, numbers, steps, strict=True)
    }
    late, late_end = _backward(after, start, target)
    loss, late_loss = (end - target) ** 2, (late_end - target) ** 2
    derivation = chain(DEPTH)
    point = {"x": start, "y": target}
    for k, (w, b) in enumerate(before, start=1):
        point |= {f"w{k}": w, f"b{k}": b}
    stated = {"b1": sp.Rational(128, 5), "w1": sp.Rational(64, 5)}
    own = derivation.symbols
    at_weight = with_rule(derivation, "a1", "z1", sigmoid(own["z1"]))
    tiny = sp.Rational(1, 10**30)
    statement = ForAll(
        {
            "before": equal(slopes[0][1], stated["b1"]),
            "loss rises": greater(late_loss, 10 * loss),
            "vanished": greater(late[0][1], -tiny),
            "vanished above": less(late[0][1], tiny),
            **derived_parts(derivation, point, stated, "L"),
        },
        {symbol: sp.FiniteSet(number) for symbol, number in moved.items()},
        display=(
            r"\frac{\partial L}{\partial b_1} = \frac{128}{5} \;\longrightarrow\;"
            r" \Bigl|\frac{\partial \hat L}{\partial \hat b_1}\Bigr| < 10^{-30},",
            r"\hat L > 10\, L",
        ),
        scope="",
        words="dL/db1 = 128/5 before the step; after it |dL/db1| < 10^-30 and the loss is more "
        "than 10 times as high",
    )

    def planted(words: str, **changed: Relation) -> ForAll:
        """With words of its own: the numbers after the step are too long to be printed."""
        return replace(statement, parts={**statement.parts, **changed}, display=(), words=words)

    mistakes = [
        Mistake("a slope of one quarter a layer", "以为每层只乘四分之一",
                planted("dL/db1 = 128/5 / 8^9", before=equal(slopes[0][1], stated["b1"] / 8**9))),
        Mistake("a loss that falls with the step", "以为这一步使损失下降",
                planted("the loss falls", **{"loss rises": less(late_loss, loss)})),
        Mistake("a gradient that stays as large", "以为梯度仍然那么大",
                planted("before the step dL/db1 < 10^-30",
                        **{"vanished above": less(slopes[0][1], tiny)})),
        Mistake("as small at the last layer", "以为最后一层也同样小",
                planted("dL/db10 > -10^-30", vanished=greater(late[-1][1], -tiny))),
        Mistake("a derivation with the activation for its slope", "推导中导数误作激活值",
                planted("derived with the activation for its slope",
                        **derived_parts(at_weight, point, stated, "L")),
                derivation=at_weight),
    ]  # fmt: skip
    evidence = [
        identity("before", "derived dL/db1", "derived dL/dw1"),
        enclosure("loss rises", "vanished", "vanished above"),
        KernelValues(derivation, point, {"derived dL/db1": "b1", "derived dL/dw1": "w1"}),
    ]

    def enclosed(expression: sp.Expr) -> float:
        return float(ball.number(expression, moved))

    values = {
        "before": Value(stated["b1"], digits=3),
        "after": Value(enclosed(late[0][1]), digits=2),
        "loss": Value(loss, again=(sp.Rational(1, 2) - sp.Rational(2, 5)) ** 2),
        "loss_after": Value(enclosed(late_loss), digits=3),
        "times": Value(
            enclosed(late_loss) / float(loss),
            digits=3,
            again=lambda: float(ball.number(late_loss / loss, moved)),
        ),
    }
    return Case(statement, evidence, mistakes, values)


Layers = list[tuple[sp.Expr, sp.Expr]]


def _backward(layers: Layers, x: sp.Expr, y: sp.Expr) -> tuple[Layers, sp.Expr]:
    """Derivatives of (a_n - y)^2 by each (w, b) of a chain of sigmoid neurons, and a_n.

    The sigmoid is written out, so that it takes its exact value where it has one, as at 0.
    """
    value = explicit(sigmoid(z))
    rate = value.diff(z)
    inputs, ahead = [x], []
    for w, b in layers:
        ahead.append(w * inputs[-1] + b)
        inputs.append(value.subs(z, ahead[-1]))
    found: Layers = []
    delta = 2 * (inputs[-1] - y)
    for (w, _), before, at in zip(layers[::-1], inputs[-2::-1], ahead[::-1], strict=True):
        delta = delta * rate.subs(z, at)
        found.append((delta * before, delta))
        delta = delta * w
    return found[::-1], inputs[-1]
