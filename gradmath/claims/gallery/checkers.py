"""Wrong gradients that well-known checkers accept by their defaults, as recorded."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import sympy as sp

from gradmath.claims.claim import Case, claim
from gradmath.claims.gallery.cases import (
    MEANT,
    ON_RECORD,
    PAGE,
    RIGHT,
    RIGHT_THEN,
    SAME,
    SAME_HALF,
    SAME_SINGLE,
    WRONG,
    WRONG_THEN,
    four,
    meant,
    setting,
    slope,
    stack,
    whole,
    written,
)  # fmt: skip
from gradmath.claims.gallery.facts import Error, Fact, verdict
from gradmath.claims.gallery.recording import ACCEPTED, REJECTED, recording
from gradmath.claims.grades import RECORDED
from gradmath.claims.values import Value


@claim(
    "gallery-nine-sigmoids",
    page=PAGE,
    grade=RECORDED,
    titles={
        "en": "Zero for nine sigmoids (PyTorch, gradcheck)",
        "zh": "九层 sigmoid，梯度写成零（PyTorch 的 gradcheck）",
    },
    statement_text={
        "en": "By its defaults, gradcheck accepts zero as the gradient of nine stacked sigmoids.",
        "zh": "在默认设置下，gradcheck 接受把九层 sigmoid 的梯度写成零。",
    },
    assumptions=ON_RECORD,
)
def nine_sigmoids() -> Case:
    name = "nine-sigmoids"
    function = stack(recording().of(name).inputs["layers"])
    facts = four(name, {"atol": 0.0}) | {"same function": meant(name, function, SAME)}
    values = {
        "slope": slope(function, name),
        "atol": setting(name, "atol"),
        "rtol": setting(name, "rtol"),
    }
    return written(
        rf"\sigma^{{\circ 9}}{{}}'(\tfrac12) = {values['slope'].latex} \;\ne\; 0",
        "gradcheck accepts slope 0 for nine stacked sigmoids at x = 1/2",
        facts,
        values,
    )


@claim(
    "gallery-relu-at-zero",
    page=PAGE,
    grade=RECORDED,
    titles={
        "en": "The slope of ReLU at its kink (PyTorch, gradcheck)",
        "zh": "ReLU 在不可导点处的斜率（PyTorch 的 gradcheck）",
    },
    statement_text={
        "en": "At 0, gradcheck accepts the slope 1/2 for ReLU and rejects PyTorch's own, 0. Beside "
        "the kink it judges both rightly.",
        "zh": "在 0 处，gradcheck 接受 ReLU 的斜率为 1/2，却拒绝 PyTorch 自己给出的 0；"
        "离开该点后，两者都判断正确。",
    },
    assumptions=ON_RECORD,
)
def relu_at_zero() -> Case:
    name = "relu-at-zero"
    facts = four(name, {"z": "0.25"}, (ACCEPTED, REJECTED, REJECTED, ACCEPTED))
    own = recording().of(name).results["own"]
    return written(
        r"\mathrm{relu}'(0^-) = 0, \qquad \mathrm{relu}'(0^+) = 1",
        "gradcheck accepts slope 1/2 for relu at 0 and rejects 0",
        facts,
        {"own": Value(own, digits=2)},
    )


@claim(
    "gallery-one-entry-in-many",
    page=PAGE,
    grade=RECORDED,
    titles={
        "en": "One flipped sign among many entries (PyTorch, gradcheck in fast mode)",
        "zh": "众多分量中有一个写反了符号（PyTorch 的 gradcheck，快速模式）",
    },
    statement_text={
        "en": "In fast mode, gradcheck accepts a gradient in which one entry has the wrong sign. "
        "By its defaults, which compare every entry, it rejects it.",
        "zh": "在快速模式下，gradcheck 接受一个有分量符号写反的梯度；"
        "默认设置逐个比较分量，则会拒绝它。",
    },
    assumptions=ON_RECORD,
)
def one_entry_in_many() -> Case:
    name, fast = "one-entry-in-many", {"fast_mode": True}
    facts: dict[str, Fact] = {
        "wrong": verdict(name, "wrong", REJECTED, WRONG),
        "right": verdict(name, "right", ACCEPTED, RIGHT),
        "wrong, setting changed": verdict(name, "wrong", ACCEPTED, WRONG_THEN, fast),
        "right, setting changed": verdict(name, "right", ACCEPTED, RIGHT_THEN, fast),
    }
    inputs = recording().of(name).inputs
    points = [sp.Rational(x) for x in inputs["x"]]
    terms = [float(1 / (1 + sp.exp(-x)).evalf(30)) for x in points]
    slopes = [s * (1 - s) for s in terms]
    share = 2 * slopes[inputs["place"]] / sum(slopes)

    def gap() -> float:
        value = recording().of(name).value
        assert value is not None
        return abs(value - sum(terms)) / sum(terms)

    facts["same function"] = Error(MEANT, "torch", gap, 0.0, SAME)
    values = {
        "n": Value(int(inputs["n"]), again=len(points)),
        "x": Value(points[inputs["place"]], again=lambda: min(points)),
        "share": Value(share, digits=2, again=lambda: _share_again(points, inputs["place"])),
        "rtol": setting(name, "rtol"),
    }
    return written(
        r"\frac{\partial}{\partial x_7} \sum_{i} \sigma(x_i) = \sigma'(x_7) \;\ne\; -\sigma'(x_7)",
        "gradcheck in fast mode accepts a gradient with one sign flipped",
        facts,
        values,
    )


def _share_again(points: Sequence[sp.Rational], place: int) -> float:
    """Twice the share of one slope in the sum of all, each as 1/(4 cosh(x/2)^2)."""
    slopes = [1 / (2 * math.cosh(float(x) / 2)) ** 2 for x in points]
    return 2 * slopes[place] / math.fsum(slopes)


def _turning_point(sizes: Mapping[str, str], says: str) -> int:
    """The last size with this verdict, or the first, on its side of the only change of verdict."""
    ordered = sorted((int(n), verdict) for n, verdict in sizes.items())
    (change,) = [k for k in range(1, len(ordered)) if ordered[k - 1][1] != ordered[k][1]]
    return ordered[change if ordered[change][1] == says else change - 1][0]


def _spacing() -> float:
    """The distance from 1 to the next number of half precision, by NumPy."""
    import numpy as np

    return float(np.spacing(np.float16(1)))


@claim(
    "gallery-lost-factor-at-many-points",
    page=PAGE,
    grade=RECORDED,
    titles={
        "en": "A lost factor, at many points at once (JAX, check_grads in forward mode)",
        "zh": "漏掉一个因子，同时检查许多点（JAX 的 check_grads，前向模式）",
    },
    statement_text={
        "en": "In forward mode, check_grads accepts the sigmoid itself as its own slope, without "
        "the factor 1 - s, once it is asked about enough points together. With its default modes "
        "it rejects it.",
        "zh": "在前向模式下，一次检查的点足够多时，check_grads 会接受漏掉因子 1 - s 的导数，"
        "即把 sigmoid 本身当作它的导数；默认的两种模式一起用则会拒绝。",
    },
    assumptions=ON_RECORD,
)
def lost_factor_at_many_points() -> Case:
    name, forward = "lost-factor-at-many-points", {"modes": ["fwd"]}
    words = {
        "lost": ("the lost factor, forward mode alone", "漏掉因子，仅用前向模式"),
        "zero": ("the slope zero, forward mode alone", "斜率写成零，仅用前向模式"),
        "right": ("the right slope, forward mode alone", "正确的斜率，仅用前向模式"),
        "reverse": ("the lost factor, reverse mode alone", "漏掉因子，仅用反向模式"),
    }
    facts: dict[str, Fact] = {
        "wrong": verdict(name, "wrong", REJECTED, WRONG),
        "right": verdict(name, "right", ACCEPTED, RIGHT),
        "wrong, forward": verdict(name, "wrong", ACCEPTED, words["lost"], forward),
        "zero, forward": verdict(name, "zero", ACCEPTED, words["zero"], forward),
        "right, forward": verdict(name, "right", ACCEPTED, words["right"], forward),
        "wrong, reverse": verdict(name, "wrong", REJECTED, words["reverse"], {"modes": ["rev"]}),
    }
    function = stack(1)
    facts["same function"] = meant(name, function, SAME_SINGLE)
    record = recording().of(name)

    def least(gradient: str) -> Value:
        sizes = record.trial(gradient, forward).sizes
        return Value(
            min(int(n) for n, says in sizes.items() if says == ACCEPTED),
            again=lambda: _turning_point(sizes, ACCEPTED),
        )

    def most(gradient: str) -> Value:
        sizes = record.trial(gradient, forward).sizes
        return Value(
            max(int(n) for n, says in sizes.items() if says == REJECTED),
            again=lambda: _turning_point(sizes, REJECTED),
        )

    values = {
        "n": whole(name, "n"),
        "lost_at": least("wrong"),
        "lost_not_at": most("wrong"),
        "zero_at": least("zero"),
        "zero_not_at": most("zero"),
    }
    return written(
        r"\sigma'(x) = \sigma(x)\,\bigl(1 - \sigma(x)\bigr) \;\ne\; \sigma(x)",
        "check_grads in forward mode accepts sigmoid' = sigmoid at many points",
        facts,
        values,
    )


@claim(
    "gallery-half-precision-step",
    page=PAGE,
    grade=RECORDED,
    titles={
        "en": "A step too small to move (JAX, check_grads in half precision)",
        "zh": "步长小到自变量不动（JAX 的 check_grads，半精度）",
    },
    statement_text={
        "en": "In half precision at 1, check_grads accepts the slope zero for the sigmoid and "
        "rejects the right one. With a larger step it judges both rightly.",
        "zh": "在半精度下、于 1 处，check_grads 接受 sigmoid 的斜率为零，却拒绝正确的斜率；"
        "加大步长后，两者都判断正确。",
    },
    assumptions=ON_RECORD,
)
def half_precision_step() -> Case:
    name = "half-precision-step"
    facts = four(name, {"eps": 0.1}, (ACCEPTED, REJECTED, REJECTED, ACCEPTED))
    function = stack(1)
    facts["same function"] = meant(name, function, SAME_HALF)
    values = {
        "slope": slope(function, name),
        "spacing": Value(sp.Rational(1, 2**10), again=_spacing),
    }
    return written(
        rf"\sigma'(1) = {values['slope'].latex} \;\ne\; 0",
        "check_grads accepts slope 0 for the sigmoid at 1 in float16",
        facts,
        values,
    )


@claim(
    "gallery-eleven-sigmoids",
    page=PAGE,
    grade=RECORDED,
    titles={
        "en": "Zero for eleven sigmoids (HIPS autograd, check_grads)",
        "zh": "十一层 sigmoid，梯度写成零（HIPS autograd 的 check_grads）",
    },
    statement_text={
        "en": "check_grads accepts zero as the gradient of eleven stacked sigmoids, whatever the "
        "random directions. Without its absolute tolerance it rejects the right gradient too.",
        "zh": "无论随机方向如何，check_grads 都接受把十一层 sigmoid 的梯度写成零；"
        "去掉绝对容差后，它连正确的梯度也会拒绝。",
    },
    assumptions=ON_RECORD,
)
def eleven_sigmoids() -> Case:
    name = "eleven-sigmoids"
    function = stack(recording().of(name).inputs["layers"])
    facts = four(name, {"TOL": 0.0}, (ACCEPTED, ACCEPTED, REJECTED, REJECTED))
    facts["same function"] = meant(name, function, SAME)
    values = {"slope": slope(function, name), "tol": setting(name, "TOL")}
    return written(
        rf"\sigma^{{\circ 11}}{{}}'(\tfrac12) = {values['slope'].latex} \;\ne\; 0",
        "check_grads accepts slope 0 for eleven stacked sigmoids at x = 1/2",
        facts,
        values,
    )


@claim(
    "gallery-seven-sigmoids",
    page=PAGE,
    grade=RECORDED,
    titles={
        "en": "Zero for seven sigmoids (PyTensor, verify_grad)",
        "zh": "七层 sigmoid，梯度写成零（PyTensor 的 verify_grad）",
    },
    statement_text={
        "en": "By its defaults, verify_grad accepts zero as the gradient of seven stacked "
        "sigmoids. With a smaller absolute tolerance and a wider relative one it does not.",
        "zh": "在默认设置下，verify_grad 接受把七层 sigmoid 的梯度写成零；"
        "缩小绝对容差、放宽相对容差后，便能分辨。",
    },
    assumptions=ON_RECORD,
)
def seven_sigmoids() -> Case:
    name = "seven-sigmoids"
    function = stack(recording().of(name).inputs["layers"])
    facts = four(name, {"abs_tol": 1e-8, "rel_tol": 1e-2})
    facts["same function"] = meant(name, function, SAME)
    values = {"slope": slope(function, name)}
    return written(
        rf"\sigma^{{\circ 7}}{{}}'(\tfrac12) = {values['slope'].latex} \;\ne\; 0",
        "verify_grad accepts slope 0 for seven stacked sigmoids at x = 1/2",
        facts,
        values,
    )
