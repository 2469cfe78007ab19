"""What a diagnosis concludes from its numbers, by stated thresholds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from gradmath.errors import ValueRangeError

if TYPE_CHECKING:
    from gradmath.dynamics.diagnosis import Diagnosis

#: The verdicts, most urgent first; "steady" if there is nothing to report.
VERDICTS = (
    "non-finite", "no gradient", "exploding", "vanishing", "saturated", "dead units",
    "rounded to zero", "large updates", "steady",
)  # fmt: skip


@dataclass(frozen=True)
class Thresholds:
    """From where on a number counts.

    vanishing: the signal of some layer, relative to that of the last layer, is below this.
    exploding: it is above this.
    flat: an entry is saturated if its slope is below this share of the activation's largest.
    saturated: a layer is, if more than this share of its entries is.
    dead: a layer has dead units, if more than this share of its units is dead.
    rounded: in half precision, more than this share of a layer's gradient is rounded to zero.
    update: a step moves the weights of a layer by more than this share of their norm.

    Where they come from: ten layers keep a hundredth of the signal at a factor of 0.6 a layer; a
    well-started ReLU network has a fifth of its units dead on a small batch, and half of them is
    more than chance; updates of about a thousandth of the weights are usual, and a tenth is a
    hundred times that.  All are conventions; set your own where yours differ.
    """

    vanishing: float = 1e-2
    exploding: float = 1e2
    flat: float = 0.05
    saturated: float = 0.9
    dead: float = 0.5
    rounded: float = 0.05
    update: float = 0.1

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            share = field.name in ("flat", "saturated", "dead", "rounded")
            if not (np.isfinite(value) and value >= 0 and (value <= 1 or not share)):
                allowed = "a number from 0 to 1" if share else "a finite number, at least 0"
                raise ValueRangeError(f"Thresholds({field.name}=)", got=value, allowed=allowed)


@dataclass(frozen=True)
class Finding:
    """One thing that was found: a verdict, the layers that show it, and a sentence."""

    verdict: str
    layers: tuple[int, ...]
    words: str


def findings(found: Diagnosis) -> tuple[Finding, ...]:
    """Everything that the thresholds call for, most urgent first."""
    return tuple(sorted(_findings(found), key=lambda one: VERDICTS.index(one.verdict)))


def _findings(found: Diagnosis) -> Iterator[Finding]:
    limits = found.thresholds
    bad = [place for place in (found.first_forward, found.first_backward) if place]
    if bad:
        yield Finding("non-finite", (), _non_finite(found))
    else:
        yield from _signals(found)
    share = limits.saturated
    if (flat := _layers(found.saturated > share)) and not found.linear:
        yield Finding(
            "saturated", flat,
            f"{_named(flat)}: more than {share:.0%} of the entries sit where the activation has "
            f"less than {limits.flat:.0%} of its largest slope.",
        )  # fmt: skip
    if dead := _layers(found.dead > limits.dead):
        yield Finding(
            "dead units", dead,
            f"{_named(dead)}: more than {limits.dead:.0%} of the units have slope 0 at every "
            "sample; nothing that they learn from reaches them.",
        )  # fmt: skip
    if found.dtype == "float16" and (lost := _layers(found.lost_in_half > limits.rounded)):
        yield Finding(
            "rounded to zero", lost,
            f"{_named(lost)}: more than {limits.rounded:.0%} of the gradient's entries are not 0, "
            "but half precision has no number for them; scale the loss.",
        )  # fmt: skip
    if found.step_given and (large := _layers(found.update_ratio > limits.update)):
        yield Finding(
            "large updates", large,
            f"{_named(large)}: one step of {found.step:g} changes the weights by more than "
            f"{limits.update:.0%} of their norm.",
        )  # fmt: skip


def _signals(found: Diagnosis) -> Iterator[Finding]:
    """What happens to the signal between the last layer and the others."""
    signal, last = found.signal, float(found.signal[-1])
    depth = len(signal)
    if last == 0:
        yield Finding(
            "no gradient", (depth,),
            "The loss sends back nothing: every sample is fitted exactly, or the last layer is "
            "flat at every sample.",
        )  # fmt: skip
        return
    with np.errstate(over="ignore"):
        relative = signal / last
    for verdict, mask, pick, verb in (
        ("exploding", relative > found.thresholds.exploding, np.argmax, "grows"),
        ("vanishing", relative < found.thresholds.vanishing, np.argmin, "shrinks"),
    ):
        if layers := _layers(mask):
            end = int(pick(relative))
            factor = float(relative[end]) ** (1 / (depth - 1 - end))
            yield Finding(
                verdict, layers,
                f"The signal {verb} from {last:.3g} at layer {depth} to {signal[end]:.3g} at layer "
                f"{end + 1}: about {factor:.3g} a layer.",
            )  # fmt: skip


def _non_finite(found: Diagnosis) -> str:
    parts = []
    if found.first_forward:
        parts.append(f"Going forward, {found.first_forward} is the first with NaN or infinity.")
    if found.first_backward:
        parts.append(f"Going backward, {found.first_backward} is the first.")
    return " ".join(parts)


def _layers(mask: np.ndarray) -> tuple[int, ...]:
    return tuple(int(k) + 1 for k in np.flatnonzero(mask))


def _named(layers: tuple[int, ...]) -> str:
    """`Layer 3`, `Layers 1-3, 5`."""
    runs: list[list[int]] = []
    for layer in layers:
        if runs and layer == runs[-1][-1] + 1:
            runs[-1].append(layer)
        else:
            runs.append([layer])
    shown = ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)
    return f"Layer{'s' if len(layers) > 1 else ''} {shown}"
