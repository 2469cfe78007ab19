"""The mistakes that people make with gradients, each with a name: one vocabulary for all checks.

An `Operator` is a way to turn something right into something wrong: a factor lost, a matrix
transposed, a mean forgotten.  Whoever plants mistakes and whoever names the one that was found
uses these words, and no others.

>>> Operator("lost-factor").titles["en"]
'a factor is lost'
>>> Operator.LOST_FACTOR == "lost-factor"
True
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from gradmath.errors import UnknownNameError


class Operator(StrEnum):
    """A kind of mistake; the value is its key in reports and in JSON."""

    LOST_FACTOR = "lost-factor"
    DOUBLED_FACTOR = "doubled-factor"
    LOST_TERM = "lost-term"
    FLIPPED_SIGN = "flipped-sign"
    DROPPED_CHAIN_FACTOR = "dropped-chain-factor"
    LOST_SKIP_PATH = "lost-skip-path"
    WRONG_PLACE = "wrong-place"
    WRONG_LAYER = "wrong-layer"
    TRANSPOSED = "transposed"
    REORDERED = "reordered"
    MISSING_MEAN = "missing-mean"
    SUM_FOR_MEAN = "sum-for-mean"
    WRONG_BRANCH = "wrong-branch"
    WRONG_SIDE_OF_KINK = "wrong-side-of-kink"
    DEFAULTS_ONLY = "defaults-only"
    TAIL_ONLY = "tail-only"
    SINGLE_PRECISION_ONLY = "single-precision-only"
    VALUE_CLIP_FOR_NORM_CLIP = "value-clip-for-norm-clip"

    @property
    def titles(self) -> Mapping[str, str]:
        """The mistake in a few words, by language."""
        en, zh, _ = _TABLE[self]
        return {"en": en, "zh": zh}

    @property
    def description(self) -> str:
        """What is wrong, in one sentence."""
        return _TABLE[self][2]

    @classmethod
    def _missing_(cls, value: object) -> Operator:
        raise UnknownNameError("operator", value, [member.value for member in cls])


_TABLE: Mapping[Operator, tuple[str, str, str]] = {
    Operator.LOST_FACTOR: (
        "a factor is lost",
        "漏掉一个因子",
        "One factor of a product, a number or a name, is left out.",
    ),
    Operator.DOUBLED_FACTOR: (
        "a factor is doubled",
        "多乘一个因子",
        "One factor of a product stands there twice, or a number 2 too many.",
    ),
    Operator.LOST_TERM: (
        "a term is lost",
        "漏掉一项",
        "One term of a sum is left out.",
    ),
    Operator.FLIPPED_SIGN: (
        "a sign is flipped",
        "符号相反",
        "A term, or the whole, has the opposite sign.",
    ),
    Operator.DROPPED_CHAIN_FACTOR: (
        "a factor of the chain is dropped",
        "链式法则漏乘一环",
        "One local derivative is missing from the product of the chain rule, "
        "or one path from its sum over paths.",
    ),
    Operator.LOST_SKIP_PATH: (
        "the skip path is lost",
        "漏掉残差连接的恒等路径",
        "A residual layer's input is not added to what it returns, or the adjoint of its input is "
        "that of the path through the layer alone.",
    ),
    Operator.WRONG_PLACE: (
        "the derivative is taken at the wrong place",
        "导数取错了位置",
        "A derivative is evaluated at another quantity than the function's own argument: "
        "sigmoid'(x) or sigmoid'(a) for sigmoid'(z).",
    ),
    Operator.WRONG_LAYER: (
        "a quantity of the wrong layer is used",
        "用了别的层的量",
        "A weight, activation or adjoint of the layer before or after stands in place of the "
        "layer's own.",
    ),
    Operator.TRANSPOSED: (
        "a matrix is transposed",
        "矩阵被转置",
        "A matrix stands transposed where it should not, or not where it should.",
    ),
    Operator.REORDERED: (
        "matrices are multiplied in the wrong order",
        "矩阵相乘的次序颠倒",
        "The factors of a matrix product stand in another order.",
    ),
    Operator.MISSING_MEAN: (
        "the 1/n of the mean is missing",
        "漏掉平均的 1/n",
        "The loss is a mean over the batch, the gradient that of the sum: 1/n is missing.",
    ),
    Operator.SUM_FOR_MEAN: (
        "a sum stands for a mean, or a mean for a sum",
        "把求和与平均混为一谈",
        "Samples are averaged where they should be summed, or summed where they should be "
        "averaged, after the loss has been reduced.",
    ),
    Operator.WRONG_BRANCH: (
        "the wrong branch is taken",
        "取错了分支",
        "The branches of a function defined piece by piece are exchanged, or one stands for all.",
    ),
    Operator.WRONG_SIDE_OF_KINK: (
        "the slope is that of the wrong side of a kink",
        "在折点取了另一侧的斜率",
        "At a kink, and only there, the derivative returned is not the declared one.",
    ),
    Operator.DEFAULTS_ONLY: (
        "right only at default values",
        "只在默认取值下正确",
        "A name is replaced by a value it often has (w = 1, b = 0, q = 1, n = 1), "
        "or a shape is taken to be square.",
    ),
    Operator.TAIL_ONLY: (
        "wrong only in a tail",
        "只在尾部出错",
        "Right at ordinary sizes, and wrong far out where functions saturate and gradients vanish.",
    ),
    Operator.SINGLE_PRECISION_ONLY: (
        "wrong only in single precision",
        "只在单精度下出错",
        "Right in float64, and wrong in float32.",
    ),
    Operator.VALUE_CLIP_FOR_NORM_CLIP: (
        "clipped by value instead of by norm",
        "把按范数裁剪写成按值裁剪",
        "Each entry is cut at the bound where the whole should be scaled to the norm, "
        "or the other way round.",
    ),
}
