"""The home page's picture."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy
from numpy.typing import NDArray

from gradmath import kernels
from gradmath.claims import claims
from gradmath.claims.derivations import chain
from gradmath.claims.values import Value
from gradmath.errors import DeclarationError
from gradmath.figures.palette import SERIES
from gradmath.figures.registry import Drawing, Say, figure
from gradmath.figures.style import canvas, label, panel, strip_ticks

_DEPTH = 50
_WEIGHTS = (2, 4, 8)


@dataclass(frozen=True)
class Chain:
    """|dL/db_k| for every layer k of a chain, from the layer next to the loss backwards."""

    weight: int
    norms: NDArray[np.float64]

    @property
    def ratio(self) -> sympy.Rational:
        """How much larger the gradient is one layer further from the loss; the same everywhere."""
        ratios = {sympy.Rational(float(r)) for r in self.norms[1:] / self.norms[:-1]}
        (only,) = ratios  # the figure says "a layer": more than one ratio would be an error
        return only


@functools.cache
def chains() -> tuple[Chain, ...]:
    """The gradients of a chain of sigmoid neurons with b = -w/2, for each weight of the dial.

    The input is 1/2, so every pre-activation is 0 and every activation 1/2, without rounding.
    """
    layers = range(1, _DEPTH + 1)
    kernel: Any = kernels.compile(chain(_DEPTH), "numpy")
    found = []
    for weight in _WEIGHTS:
        weights = {f"w{k}": float(weight) for k in layers}
        biases = {f"b{k}": -weight / 2 for k in layers}
        _, gradient = kernel(x=0.5, y=1.0, **weights, **biases)
        found.append(Chain(weight, np.abs([float(gradient[f"b{k}"]) for k in reversed(layers)])))
    return tuple(found)


@figure(
    "one-dial",
    titles={
        "en": "One dial: the weight of a chain of sigmoid neurons",
        "zh": "一个旋钮：一串 sigmoid 神经元的权重",
    },
    alts={
        "en": "Three straight lines on a logarithmic scale: the size of the gradient against the"
        " number of layers between a neuron and the loss. For weight 2 the line falls from"
        " {start} to {vanished}, for weight 4 it is level, for weight 8 it rises to {exploded}.",
        "zh": "对数坐标上的三条直线：梯度大小随神经元与损失之间层数的变化。权重为 2 时从 {start} "
        "降到 {vanished}，权重为 4 时保持水平，权重为 8 时升到 {exploded}。",
    },
    captions={
        "en": "Size of the gradient with respect to a neuron's bias, against the number of layers"
        " between that neuron and the loss. Every bias is −w/2, so every activation is exactly"
        " 1/2 and each layer multiplies the gradient by w/4: by {factor_2} for w = 2, by"
        " {factor_4} for w = 4, by {factor_8} for w = 8. After {layers} layers, {start} has"
        " become {vanished}, {steady} and {exploded}.",
        "zh": "梯度（对神经元偏置的导数的绝对值）随该神经元与损失之间层数的变化。每个偏置都取"
        " −w/2，于是每个激活值恰为 1/2，每一层恰好把梯度乘以 w/4：w = 2 时乘以 {factor_2}，w = 4 "
        "时乘以 {factor_4}，w = 8 时乘以 {factor_8}。经过 {layers} 层，{start} 分别变成"
        " {vanished}、{steady} 和 {exploded}。",
    },
)
def one_dial(say: Say) -> Drawing:
    """Three lines on a logarithmic scale."""
    made = canvas(330)
    axes = panel(made, 56, 34, 348, 240)
    looks: dict[int, tuple[str, Any, float, float, str]] = {  # words, line, where they stand
        2: (say("w = 2: vanishing", "w = 2：消失"), "-", 22, 1e-5, "left"),
        4: (say("w = 4: steady", "w = 4：保持不变"), (0, (6, 2)), 20, 60, "center"),
        8: (say("w = 8: exploding", "w = 8：爆炸"), (0, (2, 1.6)), 18, 1e7, "right"),
    }
    for curve, colour in zip(chains(), SERIES, strict=False):
        words, dashes, across, height, side = looks[curve.weight]
        axes.semilogy(np.arange(_DEPTH), curve.norms, color=colour, linestyle=dashes)
        label(axes, across, height, words, color=colour, ha=side)
    axes.set_xlim(0, _DEPTH - 1)
    axes.set_ylim(1e-17, 1e17)
    axes.set_yticks([1e-15, 1e-10, 1e-5, 1, 1e5, 1e10, 1e15])
    axes.set_yticklabels(["10⁻¹⁵", "10⁻¹⁰", "10⁻⁵", "1", "10⁵", "10¹⁰", "10¹⁵"])
    axes.minorticks_off()
    strip_ticks(axes)
    axes.set_xlabel(say("layers between the neuron and the loss", "神经元与损失之间的层数"))
    axes.set_title(say("size of the gradient |∂L/∂b|", "梯度大小 |∂L/∂b|"), pad=12)
    return Drawing(made, _stated())


def _stated() -> dict[str, Value]:
    """The numbers of the claim, which is proved; a line that is not drawn to them is an error."""
    stated = claims["one-dial"].values
    for curve, name in zip(chains(), ("vanished", "steady", "exploded"), strict=True):
        ends = {"start": curve.norms[0], name: curve.norms[-1]}
        drawn = {f"factor_{curve.weight}": curve.ratio} | {
            key: sympy.Rational(float(end)) for key, end in ends.items()
        }
        for key, number in drawn.items():
            if number != stated[key].value:
                raise DeclarationError(
                    f"{key} of figure 'one-dial'", got=number, allowed=stated[key].value
                )
    return dict(stated)
