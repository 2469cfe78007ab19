"""Numbers about the page's trainings, each computed by the package and again by NumPy alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from gradmath.claims.computed import Quantity

if TYPE_CHECKING:
    from gradmath.dynamics.symptoms import Trial, Which

PAGE = "practice"

#: Stated in every claim of a training on the page.
ASSUMED = {
    "en": "Random numbers from PCG64(0): one run each, no chance left in it. Two runs that differ "
    "by the remedy alone. The stated intervals are wide; what is shown here is rounded.",
    "zh": "随机数来自 PCG64(0)：每种情形各运行一次，其中不再有随机性；两次运行只差所用的措施。"
    "陈述中的区间取得较宽，此处的数值经过舍入。",
}


def pair(
    ours: Callable[[], float], again: Callable[[], float], low: float, high: float
) -> Quantity:
    """A quantity with both computations put off."""
    return Quantity(lambda: float(ours()), lambda: float(again()), low, high)


def of(name: str, which: Which) -> Trial:
    """The description of a training."""
    from gradmath.dynamics.symptoms import trial

    return trial(name, which)


def accuracy(chosen: Callable[[], Trial], low: float, high: float) -> Quantity:
    """The share of the test images told right at the end."""

    def ours() -> float:
        from gradmath.dynamics.symptoms import carried_out

        return carried_out(chosen()).final_accuracy

    def again() -> float:
        from gradmath.claims.practice.again import right_again

        return right_again(chosen())

    return pair(ours, again, low, high)


def reach(chosen: Callable[[], Trial], low: float, high: float) -> Quantity:
    """At the start, the signal of the first layer over that of the last."""

    def ours() -> float:
        from gradmath.dynamics.symptoms import diagnosed

        signal = diagnosed(chosen()).signal
        return float(signal[0] / signal[-1])

    def again() -> float:
        from gradmath.claims.practice.again import train_again

        first = train_again(chosen()).first
        return float(first[0] / first[-1])

    return pair(ours, again, low, high)


def saturated(chosen: Callable[[], Trial], layer: int, low: float, high: float) -> Quantity:
    """At the start, the share of a layer's entries with less than 5 % of the largest slope."""

    def ours() -> float:
        from gradmath.dynamics.symptoms import diagnosed

        return float(diagnosed(chosen()).saturated[layer - 1])

    def again() -> float:
        from gradmath.claims.practice.again import shares_again

        return shares_again(chosen(), end=False)[0][layer - 1]

    return pair(ours, again, low, high)


def dead(chosen: Callable[[], Trial], layer: int, low: float, high: float) -> Quantity:
    """At the end, the share of a layer's units with slope 0 at every image looked at."""

    def ours() -> float:
        from gradmath.dynamics.symptoms import diagnosed

        return float(diagnosed(chosen(), end=True).dead[layer - 1])

    def again() -> float:
        from gradmath.claims.practice.again import shares_again

        return shares_again(chosen(), end=True)[1][layer - 1]

    return pair(ours, again, low, high)


def batch_losses(
    chosen: Callable[[], Trial], of_losses: Callable[[np.ndarray], float], low: float, high: float
) -> Quantity:
    """A number made of the losses of the batches, update by update."""

    def ours() -> float:
        from gradmath.dynamics.symptoms import carried_out

        return of_losses(carried_out(chosen()).batch_loss)

    def again() -> float:
        from gradmath.claims.practice.again import train_again

        return of_losses(train_again(chosen()).losses)

    return pair(ours, again, low, high)
