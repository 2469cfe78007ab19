"""Clipping by norm: direction kept, length bounded, no help against vanishing, no overflow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp

from gradmath.catalogue import clips
from gradmath.catalogue.applied import applied
from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.computed import Computed, Quantity
from gradmath.claims.evidence import certificate, identity, points
from gradmath.claims.grades import CHECKED, PROVED
from gradmath.claims.measured import Runs
from gradmath.claims.relation import at_most, equal, greater, less
from gradmath.claims.statement import ForAll
from gradmath.claims.symbols import Reals, eta
from gradmath.claims.values import Value

PAGE = "remedies"
clip = applied(clips["clip_by_norm"])  # clip(g, norm, max_norm): one entry of the clipped gradient

theta, phi = sp.symbols("theta phi", real=True)
c, t, r = sp.symbols("c t r", positive=True)
rest = sp.Symbol("s", nonnegative=True)  # how far a gradient stays below the bound
WIDE = r + rest  # a bound that a gradient of norm r keeps
Positive = sp.Interval.open(0, sp.oo)
LETTERS = {
    theta: Reals,
    phi: Reals,
    **dict.fromkeys((c, t, r), Positive),
    rest: sp.Interval(0, sp.oo),
}
#: a direction in space; a gradient is so many times this
UNIT = (sp.sin(phi) * sp.cos(theta), sp.sin(phi) * sp.sin(theta), sp.cos(phi))
LONG = c + t  # the norm of a gradient that is clipped
SPACE = {
    "en": "Three entries, the gradient in spherical coordinates: g = r (sin φ cos θ, sin φ sin θ, "
    "cos φ). Longer than the bound: r = c + t, t > 0; within it: c = r + s, s ≥ 0.",
    "zh": "三个分量，梯度以球坐标表示：g = r (sin φ cos θ, sin φ sin θ, cos φ)。"
    "超出界限时 r = c + t，t > 0；未超出时 c = r + s，s ≥ 0。",
}


def gradient(norm: sp.Expr) -> tuple[sp.Expr, ...]:
    """The gradient of this norm in the direction `UNIT`."""
    return tuple(norm * entry for entry in UNIT)


def clipped(norm: sp.Expr, most: sp.Expr) -> tuple[sp.Expr, ...]:
    """That gradient, clipped to norm `most`."""
    return tuple(clip(entry, norm, most) for entry in gradient(norm))


def squared(g: tuple[sp.Expr, ...]) -> sp.Expr:
    """The square of the norm."""
    return sp.Add(*(entry**2 for entry in g))


@claim(
    "clip-norm-keeps-direction",
    page=PAGE,
    grade=PROVED,
    titles={"en": "Clipping by norm keeps the direction", "zh": "按范数裁剪保持方向"},
    statement_text={
        "en": "A gradient longer than c becomes c/‖g‖ times itself, and a shorter one is returned "
        "as it is: in both cases a positive multiple of g.",
        "zh": "范数大于 c 的梯度变成自身的 c/‖g‖ 倍，范数不超过 c 的原样返回：两种情形下都是 g "
        "的正数倍，方向不变。",
    },
    assumptions=SPACE,
    references=("pascanu2013",),
)
def clip_norm_keeps_direction() -> Case:
    long, short = clipped(LONG, c), clipped(r, WIDE)
    names = ("1", "2", "3")
    statement = ForAll(
        {
            **{f"long {n}": equal(h, c / LONG * g)
               for n, h, g in zip(names, long, gradient(LONG), strict=True)},
            **{f"short {n}": equal(h, g)
               for n, h, g in zip(names, short, gradient(r), strict=True)},
        },
        LETTERS,
        scope=r"c > 0",
        display=(
            r"\operatorname{clip}(g; c) = \begin{cases} g & \lVert g \rVert \le c \\"
            r" \dfrac{c}{\lVert g \rVert}\,g & \lVert g \rVert > c \end{cases}",
        ),
        words="clip(g; c) = g for |g| <= c, (c/|g|) g for |g| > c",
    )  # fmt: skip

    def wrong(kind: str, norm: sp.Expr, change: Callable[[sp.Expr], sp.Expr]) -> ForAll:
        return statement.but(**{
            f"{kind} {n}": equal(statement.parts[f"{kind} {n}"].left, change(g))
            for n, g in zip(names, gradient(norm), strict=True)
        })  # fmt: skip

    mistakes = [
        Mistake("always scaled to norm c, short gradients too", "短的梯度也放大到范数 c",
                wrong("short", r, lambda g: WIDE / r * g)),
        Mistake("divided by the norm without c", "只除以范数，漏掉 c",
                wrong("long", LONG, lambda g: g / LONG)),
        Mistake("turned round", "方向反了",
                wrong("long", LONG, lambda g: -c / LONG * g)),
        Mistake("set to 0 when too long", "超出界限就置零",
                wrong("long", LONG, lambda g: sp.S.Zero)),
        Mistake("the excess subtracted from every entry", "从每个分量中减去超出的量",
                wrong("long", LONG, lambda g: g - t)),
    ]  # fmt: skip
    return Case(statement, [identity(), points(count=12)], mistakes)


@claim(
    "clip-norm-bound",
    page=PAGE,
    grade=PROVED,
    titles={"en": "How far a clipped step goes", "zh": "裁剪后的一步能走多远"},
    statement_text={
        "en": "After clipping, the gradient's norm is c if it was larger, and what it was "
        "otherwise; so a step has length at most η c. It is the step of plain descent with "
        "η c/‖g‖ < η in place of η: a step that was safe stays safe.",
        "zh": "裁剪之后，原来超过 c 的范数等于 c，其余不变，因此一步的长度至多为 η c。"
        "它就是把 η 换成 η c/‖g‖ < η 的普通梯度下降：原先安全的步长依然安全。",
    },
    assumptions=SPACE,
    references=("pascanu2013",),
)
def clip_norm_bound() -> Case:
    long, short = clipped(LONG, c), clipped(r, WIDE)
    statement = ForAll(
        {
            "long": equal(squared(long), c**2),
            "short": equal(squared(short), r**2),
            "short stays below": at_most(r**2, WIDE**2),
            "smaller step": less(eta * c / LONG, eta),
            "step": equal(eta * long[2], eta * c / LONG * gradient(LONG)[2]),
        },
        {**LETTERS, eta: Positive},
        scope=r"\eta, c > 0",
        display=(
            r"\lVert \operatorname{clip}(g; c) \rVert = \min(\lVert g \rVert, c),",
            r"\lVert \hat w - w \rVert \le \eta\,c,",
            r"\eta\,\operatorname{clip}(g; c) = \frac{\eta\,c}{\lVert g \rVert}\;g"
            r" \quad (\lVert g \rVert > c)",
        ),
        words="|clip(g; c)| = min(|g|, c); for |g| > c the step is that of eta c/|g| < eta",
    )
    evidence = [
        identity("long", "short", "step"),
        certificate(**{"short stays below": rest * (2 * r + rest), "smaller step": eta * t / LONG}),
    ]
    by_largest = tuple(entry * c / gradient(LONG)[2] for entry in gradient(LONG))
    mistakes = [
        Mistake("divided by the last entry in place of the norm", "除以最后一个分量而不是范数",
                statement.but(long=equal(squared(by_largest), c**2))),
        Mistake("the norm in place of its square", "把范数的平方写成范数",
                statement.but(long=equal(squared(long), c), short=equal(squared(short), r))),
        Mistake("a step longer than before", "以为步长变长",
                statement.but(**{"smaller step": greater(eta * c / LONG, eta)})),
        Mistake("as long as the bound", "以为总是达到界限",
                statement.but(**{"short stays below": greater(r**2, WIDE**2)})),
        Mistake("the learning rate left as it was", "以为学习率没有变化",
                statement.but(step=equal(eta * long[2], eta * gradient(LONG)[2]))),
    ]  # fmt: skip
    return Case(statement, evidence, mistakes)


@claim(
    "clip-no-cure-for-vanishing",
    page=PAGE,
    grade=PROVED,
    titles={"en": "Clipping does not cure vanishing", "zh": "裁剪治不了梯度消失"},
    statement_text={
        "en": "Clipping by norm never makes an entry larger. And since it multiplies all layers "
        "alike, the ratio of a layer's gradient to another's is what it was: a flat first layer "
        "stays as flat beside the last.",
        "zh": "按范数裁剪从不使任何分量变大。它把各层同乘一个数，所以一层梯度与另一层梯度之比不变："
        "首层相对末层有多小，裁剪后仍有多小。",
    },
    assumptions={
        "en": SPACE["en"] + " The first entry stands for a layer near the input and the third for "
        "one near the loss. Larger is told by squares.",
        "zh": SPACE["zh"] + "第一个分量代表靠近输入的层，第三个代表靠近损失的层。大小以平方比较。",
    },
)
def clip_no_cure_for_vanishing() -> Case:
    g, h, short = gradient(LONG), clipped(LONG, c), clipped(r, WIDE)
    statement = ForAll(
        {
            "never larger": at_most(h[0] ** 2, g[0] ** 2),
            "short unchanged": equal(short[0], gradient(r)[0]),
            "same ratio": equal(h[0] * g[2], h[2] * g[0]),
        },
        LETTERS,
        scope=r"c > 0",
        display=(
            r"h = \operatorname{clip}(g; c):\quad |h_k| \le |g_k|,",
            r"\frac{h_j}{h_k} = \frac{g_j}{g_k} \quad (g_k \ne 0)",
        ),
        words="h = clip(g; c): |h[k]| <= |g[k]| and h[j] g[k] = h[k] g[j]",
    )
    evidence = [
        certificate(**{"never larger": t * (2 * c + t) * UNIT[0] ** 2}),
        identity("short unchanged", "same ratio"),
        points(count=12),
    ]
    mistakes = [
        Mistake("clipping lifts a small entry", "以为裁剪会抬高小的分量",
                statement.but(**{"never larger": greater(h[0] ** 2, g[0] ** 2)})),
        Mistake("a short gradient is stretched to the bound", "以为短的梯度会被拉长到界限",
                statement.but(**{"short unchanged": equal(
                    short[0], WIDE / r * gradient(r)[0])})),
        Mistake("each layer clipped by a norm of its own", "每层按各自的范数裁剪",
                statement.but(**{"same ratio": equal(
                    sp.sign(g[0]) * c * g[2], sp.sign(g[2]) * c * g[0])})),
    ]  # fmt: skip
    return Case(statement, evidence, mistakes)


#: two entries of one gradient, 3 and 4 parts of a size, by the size; the norm is 5 parts
HUGE, TINY, SINGLE = 1e200, 1e-200, 1e30


def _clipped(size: float, entry: int, dtype: str = "float64") -> float:
    import numpy as np

    from gradmath.functions import clips as functions

    by_norm: Any = functions["clip_by_norm"]
    return float(by_norm(np.array([3 * size, 4 * size], dtype=dtype), 1.0)[entry])


def _naive(size: float, entry: int, dtype: str = "float64") -> float:
    """The textbook formula on the machine: the root of the sum of squares."""
    import numpy as np

    with np.errstate(all="ignore"):
        g = np.array([3 * size, 4 * size], dtype=dtype)
        norm = np.sqrt((g * g).sum())
        return float((g * (g.dtype.type(1.0) / norm) if norm > 1 else g)[entry])


def _exact(size: float, entry: int, dtype: str = "float64") -> float:
    """The same in exact fractions of the numbers that the machine holds."""
    from fractions import Fraction
    from math import isqrt

    import numpy as np

    g = [Fraction(float(x)) for x in np.array([3 * size, 4 * size], dtype=dtype)]
    total, digits = sum(x * x for x in g), 10**40
    if total <= 1:
        return float(g[entry])
    # a root to 40 digits of the norm itself
    scale = Fraction(10) ** (40 - len(str(int(total))) // 2)
    norm = Fraction(isqrt(int(total * scale * scale)), 1) / scale
    return float(Fraction(int(g[entry] / norm * digits), digits))


def _naive_again(size: float, entry: int, dtype: str = "float64") -> float:
    """What the textbook formula does to such numbers, by the limits of the type alone."""
    import numpy as np

    largest = float(np.finfo(dtype).max)
    overflows = (4 * size) / largest * (4 * size) > 1  # a square beyond the largest number
    return 0.0 if overflows else _exact(size, entry, dtype)


@claim(
    "clip-overflow-safe",
    page=PAGE,
    grade=CHECKED,
    titles={"en": "A norm that does not overflow", "zh": "不会上溢的范数"},
    statement_text={
        "en": "For the gradient (3, 4) times 10²⁰⁰ the textbook formula squares, overflows and "
        "clips everything to 0. Dividing by the largest entry first, as this package does, gives "
        "(0.6, 0.8). In single precision the textbook formula fails from about 10¹⁹ on.",
        "zh": "对梯度 (3, 4) × 10²⁰⁰，教科书公式先求平方，于是上溢，把一切裁剪成 0。"
        "本库先除以绝对值最大的分量，得到 (0.6, 0.8)。在单精度下，教科书公式从大约 10¹⁹ 起就失效。",
    },
    assumptions={
        "en": "Clipped to norm 1, in double precision, and at 10³⁰ in single precision. Each "
        "number is computed again in exact fractions; a gradient as small as 10⁻²⁰⁰ is returned "
        "as it is.",
        "zh": "裁剪到范数 1；双精度，以及 10³⁰ 处的单精度。每个数都用精确分数重算；"
        "小到 10⁻²⁰⁰ 的梯度原样返回。",
    },
)
def clip_overflow_safe() -> Case:
    def ours(size: float, entry: int, dtype: str = "float64") -> Quantity:
        at = (size, entry, dtype)
        share = (0.6, 0.8)[entry]
        close = 1e-15 if dtype == "float64" else 1e-7
        stated = share if size > 1 else (3, 4)[entry] * size
        bounds = stated * (1 - close), stated * (1 + close)
        return Quantity(lambda: _clipped(*at), lambda: _rounded(_exact(*at), dtype), *bounds)

    def naive(size: float, dtype: str = "float64") -> Quantity:
        at = (size, 1, dtype)
        return Quantity(lambda: _naive(*at), lambda: _naive_again(*at), 0.0, 0.0)

    statement = Computed(
        {
            "first entry at 1e200": ours(HUGE, 0),
            "second entry at 1e200": ours(HUGE, 1),
            "second entry at 1e-200": ours(TINY, 1),
            "second entry at 1e30, single": ours(SINGLE, 1, "float32"),
            "textbook at 1e200": naive(HUGE),
            "textbook at 1e30, single": naive(SINGLE, "float32"),
        },
        formula=r"\begin{gathered} g = 10^{200} \cdot (3, 4): \\[0.6ex]"
        r" \sqrt{g_1^2 + g_2^2} \to \infty, \quad \tfrac{1}{\infty}\,g = (0, 0); \\[0.6ex]"
        r" m = \max_k |g_k|,\;\; r = \lVert g/m \rVert: \\[0.6ex]"
        r" \frac{g}{m} \cdot \frac{1}{r} = (0.6,\, 0.8) \end{gathered}",
        words="clip((3e200, 4e200); 1) = (0.6, 0.8); the root of the sum of squares overflows and "
        "gives (0, 0)",
    )
    mistakes = [
        Mistake("the textbook formula still works at 1e200", "以为教科书公式在 1e200 处仍然有效",
                statement.but({"textbook at 1e200": (0.7, 0.9)})),
        Mistake("the textbook formula still works in single precision at 1e30",
                "以为教科书公式在单精度 1e30 处仍然有效",
                statement.but({"textbook at 1e30, single": (0.7, 0.9)})),
        Mistake("everything clipped to 0", "以为一切都被裁剪成 0",
                statement.but({"first entry at 1e200": 0.0,
                               "second entry at 1e30, single": 0.0})),
        Mistake("divided by the largest entry alone", "只除以绝对值最大的分量",
                statement.but({"second entry at 1e200": (0.999, 1.001)})),
        Mistake("a tiny gradient stretched to norm 1", "把极小的梯度拉长到范数 1",
                statement.but({"second entry at 1e-200": (0.7, 0.9)})),
    ]  # fmt: skip
    import numpy as np

    values = {
        "double": Value(
            float(np.sqrt(np.finfo("float64").max)), digits=2, again=sp.sqrt(2**1024 - 2**971)
        ),
        "single": Value(
            float(np.sqrt(float(np.finfo("float32").max))), digits=2, again=sp.sqrt(2**128 - 2**104)
        ),
        "half": Value(
            float(np.sqrt(float(np.finfo("float16").max))), digits=3, again=sp.sqrt(2**16 - 2**5)
        ),
    }
    return Case(statement, [Runs()], mistakes, values)


def _rounded(number: float, dtype: str) -> float:
    import numpy as np

    return float(np.dtype(dtype).type(number))
