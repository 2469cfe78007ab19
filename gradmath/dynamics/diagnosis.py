"""`diagnose`: what reaches each layer of a network, and what the numbers say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradmath.dynamics import table
from gradmath.dynamics.findings import Finding, Thresholds, findings
from gradmath.dynamics.layers import Profile, numpy_array, profile
from gradmath.dynamics.slopes import largest_slope, slopes
from gradmath.errors import ArgumentTypeError, ValueRangeError
from gradmath.network import Network

Array = NDArray[np.float64]
DEFAULT_STEP = 0.01


@dataclass(frozen=True)
class Diagnosis:
    """Every layer of a network at one batch; layer k is at index k - 1 of each array.

    signal: root mean square, over the samples, of the norm of dl_i/dz_k, the derivative of the
    sample's own loss.  stream: the same of dl_i/da_k, which in a residual network goes past the
    layers and may be large where the signal of each branch is small; NaN for the last layer.
    gradient_norm, bias_gradient_norm, weight_norm: norms of the gradients of
    the mean loss by W_k and b_k, and of W_k.  update_ratio: step * gradient_norm / weight_norm.
    saturated: share of the entries (sample, unit) whose slope |phi'(z)| is below the share
    `thresholds.flat` of its largest; for ReLU these are the inactive ones.  dead: share of the
    units whose slope is exactly 0 at every sample.  zero: share of the entries of the gradient by
    W_k that are exactly 0 (an input that is 0 at every sample, such as a blank pixel, makes a
    whole column of them).  lost_in_half: share of the entries that are not 0 and would be, rounded
    to half precision.

    first_forward, first_backward: the first place with NaN or infinity on the way there (`x`, `W1`,
    `b1`, `z1`, `a1`, ..., `L`) and back (`delta3`, `dW3`, `db3`, `delta2`, ..., `dx`), or None.
    Where a layer has NaN, its shares are NaN too: they cannot be told.
    """

    network: Network
    samples: int
    dtype: str
    loss: float
    step: float
    step_given: bool
    signal: Array
    stream: Array
    gradient_norm: Array
    bias_gradient_norm: Array
    weight_norm: Array
    update_ratio: Array
    saturated: Array
    dead: Array
    zero: Array
    lost_in_half: Array
    first_forward: str | None
    first_backward: str | None
    thresholds: Thresholds

    def __post_init__(self) -> None:
        for name in self.__dataclass_fields__:
            if isinstance(array := getattr(self, name), np.ndarray):
                array.setflags(write=False)

    @property
    def depth(self) -> int:
        """Number of layers."""
        return len(self.signal)

    @property
    def residual(self) -> bool:
        """Whether a layer is residual: then the table shows the stream beside the signal."""
        return any(layer.residual for layer in self.network.layers)

    @property
    def linear(self) -> bool:
        """Whether no layer has an activation: then nothing can be saturated."""
        return all(layer.activation.name == "identity" for layer in self.network.layers)

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """What the thresholds call for, most urgent first; empty if all is steady."""
        return findings(self)

    @property
    def verdict(self) -> str:
        """The most urgent finding in a word or two: one of `gradmath.dynamics.VERDICTS`."""
        return self.findings[0].verdict if self.findings else "steady"

    @property
    def words(self) -> str:
        """The findings in sentences."""
        if self.findings:
            return " ".join(finding.words for finding in self.findings)
        first, last = float(self.signal[0]), float(self.signal[-1])
        return f"The signal is {last:.3g} at layer {self.depth} and {first:.3g} at layer 1."

    def __repr__(self) -> str:
        return table.text(self)

    def _repr_html_(self) -> str:
        return table.html(self)


def diagnose(
    net: Network,
    params: Mapping[str, Any],
    x: Any,
    y: Any,
    *,
    step: float | None = None,
    thresholds: Thresholds | None = None,
) -> Diagnosis:
    """Measure every layer of a network at one batch, and say what the numbers mean.

    net: a `gm.Network`.  params: a mapping with W1, b1, ..., Wn, bn.  x: (batch, inputs).
    y: (batch, outputs), or classes (batch,) for softmax_cross_entropy.  NumPy arrays or lists;
    NaN and infinity are what is looked for, and are not refused.
    step: the step eta of the update ratio eta ||dL/dW_k|| / ||W_k|| (default 0.01).  Only a step
    that was given can lead to the verdict "large updates".
    thresholds: see `Thresholds`; the defaults are listed there.

    The result shows itself as a table.  `verdict` is "non-finite", "no gradient", "exploding",
    "vanishing", "saturated", "dead units", "rounded to zero", "large updates" or "steady"; `words`
    says it in sentences, and `findings` lists everything that was found with the layers that show
    it.  Numbers come from the network's own kernel, in the type of the parameters.

    Raises ShapeError, ArgumentTypeError and ValueRangeError as a kernel does.

    >>> import gradmath as gm
    >>> net = gm.Network(1, [gm.Dense(1, "sigmoid")] * 8)
    >>> params = {k: [[2.0]] if k[0] == "W" else [-1.0] for k in net.shapes}
    >>> found = gm.diagnose(net, params, x=[[0.5]], y=[[1.0]])
    >>> found.verdict
    'vanishing'
    >>> found.words
    'The signal shrinks from 0.25 at layer 8 to 0.00195 at layer 1: about 0.5 a layer.'
    """
    if not isinstance(net, Network):
        raise ArgumentTypeError("net", got=type(net).__name__, allowed="a gradmath.Network")
    given = DEFAULT_STEP if step is None else step
    if isinstance(given, bool) or not np.isfinite(given) or given <= 0:
        raise ValueRangeError("step", got=repr(step), allowed="a positive, finite number")
    limits = Thresholds() if thresholds is None else thresholds
    if not isinstance(limits, Thresholds):
        raise ArgumentTypeError(
            "thresholds", got=type(limits).__name__, allowed="gradmath.dynamics.Thresholds(...)"
        )
    found = profile(net, params, x, y, check_finite=False)
    dtype = str(found.gradient["x"].dtype)
    exact = found if dtype == "float64" else _widened(net, params, x, y)
    layers = range(1, found.depth + 1)
    shape = [_flatness(net, k, found, limits.flat) for k in layers]
    arrays = {name: numpy_array(name, value) for name, value in params.items()}
    return Diagnosis(
        network=net,
        samples=found.signal.shape[1],
        dtype=dtype,
        loss=found.loss,
        step=float(given),
        step_given=step is not None,
        signal=found.rms_signal,
        stream=np.append(found.rms_stream, np.nan),
        gradient_norm=found.weight_gradient,
        bias_gradient_norm=found.bias_gradient,
        weight_norm=found.weight_norm,
        update_ratio=_ratio(given, found),
        saturated=np.array([saturated for saturated, _ in shape]),
        dead=np.array([dead for _, dead in shape]),
        zero=np.array([_zero(found.gradient[f"W{k}"]) for k in layers]),
        lost_in_half=np.array([_lost(exact.gradient[f"W{k}"]) for k in layers]),
        first_forward=_first_forward(arrays, numpy_array("x", x), found),
        first_backward=_first_backward(found),
        thresholds=limits,
    )


def _widened(net: Network, params: Mapping[str, Any], x: Any, y: Any) -> Profile:
    """The same in double precision: what a narrower type would have to represent."""
    wide = {name: numpy_array(name, value).astype(np.float64) for name, value in params.items()}
    return profile(net, wide, numpy_array("x", x).astype(np.float64), y, check_finite=False)


def _flatness(net: Network, k: int, found: Profile, flat: float) -> tuple[float, float]:
    """Shares of saturated entries and of dead units in layer k."""
    activation = net.layers[k - 1].activation
    with np.errstate(all="ignore"):
        slope = np.abs(slopes(activation, found.z[k - 1]).astype(np.float64))
    if np.isnan(slope).any():
        return float("nan"), float("nan")
    low = slope < flat * largest_slope(activation)
    return float(np.mean(low)), float(np.mean((slope == 0).all(axis=0)))


def _ratio(step: float, found: Profile) -> Array:
    """step ||g|| / ||W||; 0 for no gradient at all, infinite for one against zero weights."""
    change = step * found.weight_gradient
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return np.where(change == 0, 0.0, change / found.weight_norm)


def _zero(gradient: NDArray[Any]) -> float:
    return float("nan") if np.isnan(gradient).any() else float(np.mean(gradient == 0))


def _lost(gradient: NDArray[Any]) -> float:
    if np.isnan(gradient).any():
        return float("nan")
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        return float(np.mean((gradient != 0) & (gradient.astype(np.float16) == 0)))


def _first_forward(params: Mapping[str, Any], x: Any, found: Profile) -> str | None:
    places: list[tuple[str, Any]] = [("x", x)]
    for k in range(1, found.depth + 1):
        places += [(name, params[name]) for name in (f"W{k}", f"b{k}")]
        places += [(f"z{k}", found.z[k - 1]), (f"a{k}", found.a[k - 1])]
    places.append(("L", found.loss))
    return _first(places)


def _first_backward(found: Profile) -> str | None:
    places: list[tuple[str, Any]] = []
    for k in range(found.depth, 0, -1):
        places.append((f"delta{k}", found.delta[k - 1]))
        places += [(f"d{name}", found.gradient[name]) for name in (f"W{k}", f"b{k}")]
    places.append(("dx", found.gradient["x"]))
    return _first(places)


def _first(places: list[tuple[str, Any]]) -> str | None:
    return next((name for name, value in places if not np.isfinite(value).all()), None)
