"""Gradients that fall below what a number format can hold, and the scale that lifts them."""

from __future__ import annotations

import math
from fractions import Fraction

import sympy as sp

from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.computed import Computed, Quantity
from gradmath.claims.grades import CHECKED
from gradmath.claims.measured import Runs
from gradmath.claims.rounded import rounded
from gradmath.claims.values import Value
from gradmath.claims.vanishing.rounding import PRECISIONS
from gradmath.verify.ulps import FLOAT16, FLOAT32, FLOAT64, Format

PAGE = "vanishing"

#: the weight of the page's dial at which every layer halves the gradient, without any rounding
HALVING = 2.0
SCALE = 1024  # what the loss is multiplied by
TOO_MUCH = 2**18  # a scale that drives the last layer's gradient beyond half precision


def signals(form: Format, layers: int, scale: float = 1.0) -> list[float]:
    """The gradients of a chain of neurons with w = 2, b = -1, from the loss backwards, in a format.

    Every pre-activation is 0 and every activation 1/2; the loss (a - 1)^2 is multiplied by `scale`.
    """
    import numpy as np

    of = np.dtype(form.name).type
    a, w, quarter = of(0.5), of(HALVING), of(0.25)
    found = []
    with np.errstate(all="ignore"):
        delta = of(2 * scale) * (a - of(1)) * quarter
        for _ in range(layers):
            found.append(float(delta))
            delta = delta * w * quarter
    return found


def signals_exactly(form: Format, layers: int, scale: int = 1) -> list[Fraction | None]:
    """The same with integers; None for infinity."""
    found: list[Fraction | None] = []
    delta = rounded(Fraction(-scale, 4), form)
    for _ in range(layers):
        found.append(delta)
        if delta is not None:
            doubled = rounded(delta * 2, form)
            delta = None if doubled is None else rounded(doubled / 4, form)
    return found


DEPTH = 1200  # more layers than double precision has room for


def reach(form: Format, scale: float = 1.0) -> float:
    """How many layers, counted from the loss, have a gradient that is not 0."""
    return float(sum(value != 0 for value in signals(form, DEPTH, scale)))


def reach_exactly(form: Format, scale: int = 1) -> float:
    """The same with integers."""
    return float(sum(value != 0 for value in signals_exactly(form, DEPTH, scale)))


def _halvings(form: Format, scale: int = 1) -> float:
    """Halvings of scale/4 before half of the smallest subnormal number, a tie, becomes 0."""
    return float(form.precision - form.emin - 2 + scale.bit_length() - 1)


def _reached(form: Format) -> Quantity:
    stated = _halvings(form)
    return Quantity(lambda: reach(form), lambda: reach_exactly(form), stated, stated)


@claim(
    "half-precision-underflow",
    page=PAGE,
    grade=CHECKED,
    titles={
        "en": "Underflow: a gradient too small for the format",
        "zh": "下溢：梯度小到格式容不下",
    },
    statement_text={
        "en": "In the chain of the dial with w = 2 the gradient is 1/4 at the loss and exactly "
        "half as large one layer further on. In half precision it is exactly 0 from the 24th layer "
        "on, in single precision from the 149th, in double from the 1074th. In mathematics it is "
        "never 0.",
        "zh": "旋钮那串神经元取 w = 2 时，梯度在损失处为 1/4，每往前一层恰好减半。半精度下从第 24 "
        "层起恰好为 0，单精度从第 149 层起，双精度从第 1074 层起。数学上它永不为 0。",
    },
    assumptions={
        "en": "b = −1, x = 1/2, target 1: every number on the way is a power of two, so that "
        "nothing is rounded before the end of the format. Half of the smallest subnormal number is "
        "a tie and is rounded to 0. Layers are counted from the loss; computed by NumPy, and once "
        "more with integers.",
        "zh": "b = −1，x = 1/2，目标为 1：途中每个数都是 2 的幂，到达格式的尽头之前没有任何舍入。"
        "最小次正规数的一半恰在正中，舍入为 0。层数从损失一端数起；由 NumPy 计算，并用整数重算。",
    },
)
def half_precision_underflow() -> Case:
    parts = {f"{name}: layers reached": _reached(form) for name, form in PRECISIONS.items()}
    parts["half: the first layer lost"] = Quantity(
        lambda: signals(FLOAT64, 24)[23], lambda: float(signals_exactly(FLOAT64, 24)[23] or 0),
        -(2.0**-25), -(2.0**-25),
    )  # fmt: skip
    statement = Computed(
        parts,
        formula=r"\begin{gathered} \delta_{n-k} = -\tfrac14 \cdot 2^{-k}, \\[0.6ex]"
        r" \mathrm{fl}(\delta_{n-k}) = 0 \iff k \ge 23\ (\text{half}), \\[0.6ex]"
        r" 148\ (\text{single}),\ 1073\ (\text{double}) \end{gathered}",
        words="the gradient k layers before the last is -2^-(k + 2); in floating point it is 0 "
        "from k = 23 (half), 148 (single), 1073 (double) on",
    )
    names = list(PRECISIONS)
    mistakes = [
        Mistake("the smallest normal number taken for the smallest", "把最小正规数当成最小的数",
                statement.but({f"{n}: layers reached": float(-PRECISIONS[n].emin - 1)
                               for n in names})),
        Mistake("a tie rounded up: one layer more", "正中的数向上舍入，多算一层",
                statement.but({f"{n}: layers reached": _halvings(PRECISIONS[n]) + 1
                               for n in names})),
        Mistake("half precision reaches as far as single", "以为半精度与单精度一样深",
                statement.but({"half: layers reached": _halvings(FLOAT32)})),
        Mistake("the gradient is 0 there in mathematics, too", "以为数学上那里也为 0",
                statement.but({"half: the first layer lost": 0.0})),
    ]  # fmt: skip
    values = {
        name: Value(int(_halvings(form)) + 1, again=int(reach_exactly(form)) + 1)
        for name, form in PRECISIONS.items()
    }
    values["true"] = Value(
        sp.Rational(1, 2**25), digits=2, again=lambda: -(signals_exactly(FLOAT64, 24)[23] or 0)
    )
    return Case(statement, [Runs()], mistakes, values)


def _largest_half() -> int:
    """The largest finite number of half precision, by NumPy."""
    import numpy as np

    return int(np.finfo(np.float16).max)


@claim(
    "loss-scaling",
    page=PAGE,
    grade=CHECKED,
    titles={"en": "Loss scaling", "zh": "损失缩放"},
    statement_text={
        "en": "Multiply the loss by 2¹⁰, and in half precision the same chain has a gradient ten "
        "layers further back; divided by 2¹⁰ again outside half precision it is exactly right. "
        "Multiply by 2¹⁸, and the layer next to the loss overflows. With a power of two nothing "
        "else is rounded differently; with a factor of 1000 it is.",
        "zh": "把损失乘以 2¹⁰，同一串神经元在半精度下的梯度就能多传十层；"
        "在半精度之外再除以 2¹⁰，所得恰好正确。若乘以 2¹⁸，紧挨损失的一层就会上溢。"
        "用 2 的幂缩放不改变其他任何舍入；用 1000 则会改变。",
    },
    assumptions={
        "en": "The chain of the claim before. For the last part: a gradient of 3/8 is multiplied "
        "by nine factors that are no powers of two, such as 5/7, and compared bit by bit after "
        "division in exact arithmetic; no number on the way is below the smallest normal one.",
        "zh": "所用的链同上一条。末项：梯度 3/8 依次乘以九个不是 2 的幂的因子（如 5/7），"
        "以精确运算除回之后逐位比较；途中没有低于最小正规数的值。",
    },
    references=("micikevicius2018",),
)
def loss_scaling() -> Case:
    deep = int(_halvings(FLOAT16, SCALE))
    parts = {
        "layers reached": Quantity(
            lambda: reach(FLOAT16, SCALE), lambda: reach_exactly(FLOAT16, SCALE),
            float(deep), float(deep),
        ),
        "the last of them, divided": Quantity(
            lambda: signals(FLOAT16, deep, SCALE)[-1] / SCALE,
            lambda: float(Fraction(signals_exactly(FLOAT16, deep, SCALE)[-1] or 0) / SCALE),
            -(2.0 ** -(deep + 1)), -(2.0 ** -(deep + 1)),
        ),
        "too large a scale": Quantity(
            lambda: float(math.isinf(signals(FLOAT16, 1, TOO_MUCH)[0])),
            lambda: float(signals_exactly(FLOAT16, 1, TOO_MUCH)[0] is None), 1.0, 1.0,
        ),
        "changed by 1024": Quantity(
            lambda: changed(1024), lambda: changed_exactly(1024), 0.0, 0.0
        ),
        "changed by 1000": Quantity(
            lambda: changed(1000), lambda: changed_exactly(1000), 1.0, 9.0
        ),
    }  # fmt: skip
    statement = Computed(
        parts,
        formula=r"\begin{gathered} \partial (S L) / \partial w = S\,\partial L / \partial "
        r"w, \\[0.6ex] S = 2^{10}:\; \mathrm{fl}(S\,\delta_{n-k}) = 0 \iff k \ge 33, \\[0.6ex] "
        r"S = 2^{18}:\; \mathrm{fl}(S\,\delta_n) = -\infty \end{gathered}",
        words="with the loss times 2^10 the gradient in half precision is 0 from k = 33 on, in "
        "place of 23, and right after division; times 2^18 it overflows; 2^10 changes no rounding, "
        "1000 does",
    )
    mistakes = [
        Mistake("scaling reaches no further", "以为缩放后并没有传得更深",
                statement.but({"layers reached": _halvings(FLOAT16)})),
        Mistake("it reaches ten times as far", "以为能传到十倍深",
                statement.but({"layers reached": 10 * _halvings(FLOAT16)})),
        Mistake("the division forgotten", "忘记除回来",
                statement.but({"the last of them, divided": -(2.0 ** -(deep + 1)) * SCALE})),
        Mistake("no scale is too large", "以为缩放多大都行",
                statement.but({"too large a scale": 0.0})),
        Mistake("every scale changes the rounding", "以为任何缩放都会改变舍入",
                statement.but({"changed by 1024": (1.0, 9.0)})),
        Mistake("no scale changes the rounding", "以为任何缩放都不改变舍入",
                statement.but({"changed by 1000": 0.0})),
    ]  # fmt: skip
    values = {
        "scale": Value(SCALE, again=2**10),
        "lost": Value(deep + 1, again=lambda: int(reach_exactly(FLOAT16, SCALE)) + 1),
        "too_much": Value(TOO_MUCH, again=2**18),
        "largest": Value(int(FLOAT16.largest), again=_largest_half),
        "changed": Value(int(changed(1000))),
        "compared": Value(len(_TRAILED)),
    }
    return Case(statement, [Runs()], mistakes, values)


#: factors of a chain that are no powers of two, so that every product in half precision is rounded
_TRAILED = tuple(Fraction(k, 7) for k in (5, 6, 5, 8, 6, 5, 9, 6, 5))


def changed(scale: int) -> float:
    """In how many layers a scaled gradient, divided again exactly, is not the unscaled one."""
    import numpy as np

    def run(times: int) -> list[Fraction]:
        delta, found = np.float16(0.375 * times), []
        for factor in _TRAILED:
            delta = delta * np.float16(float(factor))
            found.append(Fraction(float(delta)) / times)
        return found

    return float(sum(a != b for a, b in zip(run(1), run(scale), strict=True)))


def changed_exactly(scale: int) -> float:
    """The same with integers."""

    def run(times: int) -> list[Fraction]:
        delta, found = rounded(Fraction(3 * times, 8), FLOAT16), []
        for factor in _TRAILED:
            kept = rounded(factor, FLOAT16)
            assert delta is not None
            assert kept is not None
            delta = rounded(delta * kept, FLOAT16)
            assert delta is not None
            found.append(delta / times)
        return found

    return float(sum(a != b for a, b in zip(run(1), run(scale), strict=True)))
