"""The trainings of the page once more, by NumPy alone: nothing of the package computes here.

What is read from a `Trial` is its description.  Every rule (forward, backward, start, order of the
images, clipping, penalty, half precision) is written out.  `remember_again` is backpropagation
through time as textbooks have it, step by step, where the package unrolls a network.
"""

from __future__ import annotations

import functools
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

if TYPE_CHECKING:
    from gradmath.dynamics.symptoms import Trial

Array = NDArray[np.float64]
LEAK = 0.01


@dataclass(frozen=True)
class Again:
    """What a training gave: batch losses (NaN after it stopped), parameters, and when it stopped.

    `first` is the signal of each layer before the training: the root mean square, over the first
    250 images, of the norm of the derivative of a sample's loss by the pre-activations.
    """

    losses: Array
    weights: list[Array]
    biases: list[Array]
    stopped: int | None
    first: Array


@functools.cache
def images() -> tuple[Array, Any, Array, Any]:
    """The digits and their split."""
    from sklearn.datasets import load_digits

    pixels, digit = load_digits(return_X_y=True)
    order = np.random.Generator(np.random.PCG64(0)).permutation(len(pixels))
    test, rest = order[:497], order[497:]
    x = pixels / 16
    return x[rest], digit[rest], x[test], digit[test]


def bent(name: str, z: Array) -> tuple[Array, Array]:
    """An activation and its slope."""
    match name:
        case "sigmoid":
            s = expit(z)
            return s, s * expit(-z)
        case "tanh":
            return np.tanh(z), 1 / np.cosh(np.clip(z, -300, 300)) ** 2
        case "relu":
            return np.where(z > 0, z, 0.0), np.where(z > 0, 1.0, 0.0)
        case "leaky_relu":
            return np.where(z > 0, z, LEAK * z), np.where(z > 0, 1.0, LEAK)
    return z, np.ones_like(z)


def drawn(chosen: Trial) -> list[Array]:
    """The weights at the start, first to last."""
    rng = np.random.Generator(np.random.PCG64(chosen.plan.seed))
    widths = [64, *[chosen.width] * (chosen.layers - 1), 10]
    made = []
    for fan_in, fan_out in itertools.pairwise(widths):
        shape = (fan_out, fan_in)
        match chosen.start:
            case "habit":
                limit = 1 / np.sqrt(fan_in)
                made.append(rng.uniform(-limit, limit, shape))
            case "xavier":
                limit = np.sqrt(6 / (fan_in + fan_out))
                made.append(rng.uniform(-limit, limit, shape))
            case "he":
                made.append(rng.normal(0, np.sqrt(2 / fan_in), shape))
            case "zeros":
                made.append(np.zeros(shape))
            case (_, spread):
                made.append(rng.standard_normal(shape) * (spread / np.sqrt(fan_in)))
                rng.standard_normal(fan_out)  # the biases are drawn too, with spread 0
    return made


def swept(
    chosen: Trial, weights: list[Array], biases: list[Array], x: Array, digit: Any
) -> tuple[float, list[Array], list[Array]]:
    """Mean loss, the signals of each sample, and what each layer took in."""
    names = [chosen.activation] * (chosen.layers - 1)
    names.append("sigmoid" if chosen.loss == "squared_error" else "identity")
    inputs, slopes = [x], []
    for name, w, b in zip(names, weights, biases, strict=True):
        a, slope = bent(name, inputs[-1] @ w.T + b)
        inputs.append(a)
        slopes.append(slope)
    loss, adjoint = lost(chosen.loss, inputs.pop(), np.eye(10)[digit])
    signals: list[Array] = []
    for w, slope in zip(reversed(weights), reversed(slopes), strict=True):
        signals.insert(0, adjoint * slope)
        adjoint = signals[0] @ w
    return loss, signals, inputs


def lost(name: str, answer: Array, y: Array) -> tuple[float, Array]:
    """The mean loss, and the derivative of each sample's loss by its outputs."""
    if name == "squared_error":
        return float(np.mean(np.sum((answer - y) ** 2, axis=1))), 2 * (answer - y)
    shifted = answer - answer.max(axis=1, keepdims=True)
    total = np.sum(np.exp(shifted), axis=1, keepdims=True)
    rows = np.sum(y * (np.log(total) - shifted), axis=1)
    return float(np.mean(rows)), np.exp(shifted) / total - y


@functools.lru_cache(maxsize=32)
def train_again(chosen: Trial) -> Again:
    """The training."""
    with np.errstate(all="ignore"):
        return _trained(chosen)


def _trained(chosen: Trial) -> Again:
    plan = chosen.plan
    x, digit = images()[0] * chosen.scale, images()[1]
    weights = drawn(chosen)
    biases = [np.zeros(len(w)) for w in weights]
    _, signals, _ = swept(chosen, weights, biases, x[:250], digit[:250])
    first = np.array([np.sqrt(np.mean(np.sum(d**2, axis=1))) for d in signals])
    losses, stopped = np.full(plan.updates, np.nan), None
    rng = np.random.Generator(np.random.PCG64(plan.seed))
    order: Any = np.arange(0)
    for k in range(plan.updates):
        if plan.batch is None:
            index = np.arange(len(x))
        else:
            if len(order) < plan.batch:
                order = rng.permutation(len(x))
            index, order = order[: plan.batch], order[plan.batch :]
        losses[k], signals, inputs = swept(chosen, weights, biases, x[index], digit[index])
        by_w = [d.T @ a / len(index) for d, a in zip(signals, inputs, strict=True)]
        by_b = [d.sum(axis=0) / len(index) for d in signals]
        if not finite(losses[k : k + 1], *by_w, *by_b):
            stopped = k
            break
        by_w, by_b = changed(chosen, weights, by_w, by_b)
        weights = [w - plan.step * g for w, g in zip(weights, by_w, strict=True)]
        biases = [b - plan.step * g for b, g in zip(biases, by_b, strict=True)]
        if not finite(*weights, *biases):
            stopped = k
            break
    return Again(losses, weights, biases, stopped, first)


def finite(*arrays: Array) -> bool:
    """Whether every number is."""
    return all(bool(np.isfinite(array).all()) for array in arrays)


def changed(
    chosen: Trial, weights: list[Array], by_w: list[Array], by_b: list[Array]
) -> tuple[list[Array], list[Array]]:
    """The gradients as they are used: in half precision, with the penalty, clipped."""
    plan = chosen.plan
    if plan.half:
        by_w, by_b = (
            [np.float16(plan.loss_scale * g).astype(float) / plan.loss_scale for g in part]
            for part in (by_w, by_b)
        )
    if plan.penalty:  # the page has L2 alone
        by_w = [g + plan.penalty[1] * w for g, w in zip(by_w, weights, strict=True)]
    if plan.clip:  # and clipping by norm alone
        size = np.sqrt(sum(float(np.sum(g**2)) for g in (*by_w, *by_b)))
        factor = min(1.0, plan.clip[1] / size)
        by_w, by_b = [factor * g for g in by_w], [factor * g for g in by_b]
    return by_w, by_b


def right_again(chosen: Trial) -> float:
    """The share of the test images told right at the end."""
    made = train_again(chosen)
    if made.stopped is not None:
        return 0.0
    x, digit = images()[2] * chosen.scale, images()[3]
    names = [chosen.activation] * (chosen.layers - 1) + ["identity"]
    for name, w, b in zip(names, made.weights, made.biases, strict=True):
        x, _ = bent(name, x @ w.T + b)
    return float(np.mean(x.argmax(axis=1) == digit))


def shares_again(chosen: Trial, end: bool) -> tuple[list[float], list[float]]:
    """By layer, the shares of flat entries and of dead units on 250 images, at start or end."""
    made = train_again(chosen)
    weights = made.weights if end else drawn(chosen)
    biases = made.biases if end else [np.zeros(len(w)) for w in weights]
    largest = {"sigmoid": 0.25}.get(chosen.activation, 1.0)
    a, flat, dead = images()[0][:250] * chosen.scale, [], []
    for w, b in zip(weights[:-1], biases[:-1], strict=True):
        a, slope = bent(chosen.activation, a @ w.T + b)
        flat.append(float(np.mean(slope < 0.05 * largest)))
        dead.append(float(np.mean((slope == 0).all(axis=0))))
    return flat, dead


@functools.lru_cache(maxsize=8)
def remember_again(lag: int, start: str) -> tuple[float, float]:
    """The recurrent network by backpropagation through time: (reach at the start, accuracy)."""
    units, step, updates, batch, limit = 16, 0.1, 200, 64, 1.0
    x, digit, test_x, test_digit = images()
    rng = np.random.Generator(np.random.PCG64(0))
    u = rng.uniform(-1 / 8, 1 / 8, (units, 64))
    w = rng.uniform(-1 / 4, 1 / 4, (units, units))
    v = rng.uniform(-1 / 4, 1 / 4, (10, units))
    if start == "orthogonal":
        q, r = np.linalg.qr(np.random.Generator(np.random.PCG64(0)).standard_normal((units,) * 2))
        w = q * np.where(np.diagonal(r) < 0, -1.0, 1.0)
    p = {"u": u, "b0": np.zeros(units), "w": w, "b": np.zeros(units), "v": v, "c": np.zeros(10)}

    def hidden(x: Array) -> list[Array]:
        states = [np.tanh(x @ p["u"].T + p["b0"])]
        for _ in range(lag):
            states.append(np.tanh(states[-1] @ p["w"].T + p["b"]))
        return states

    def back(x: Array, digit: Any) -> tuple[dict[str, Array], list[Array]]:
        states = hidden(x)
        _, d = lost("softmax_cross_entropy", states[-1] @ p["v"].T + p["c"], np.eye(10)[digit])
        g = {"v": d.T @ states[-1], "c": d.sum(axis=0), "w": 0 * p["w"], "b": 0 * p["b"]}
        d = d @ p["v"]
        signals: list[Array] = []
        for t in range(lag, 0, -1):
            d = d * (1 - states[t] ** 2)
            signals.insert(0, d)
            g["w"], g["b"] = g["w"] + d.T @ states[t - 1], g["b"] + d.sum(axis=0)
            d = d @ p["w"]
        d = d * (1 - states[0] ** 2)
        signals.insert(0, d)
        g["u"], g["b0"] = d.T @ x, d.sum(axis=0)
        return {name: value / len(x) for name, value in g.items()}, signals

    _, signals = back(x[:250], digit[:250])
    sizes = [np.sqrt(np.mean(np.sum(d**2, axis=1))) for d in signals]
    rng, order = np.random.Generator(np.random.PCG64(0)), np.arange(0)
    for _ in range(updates):
        if len(order) < batch:
            order = rng.permutation(len(x))
        index, order = order[:batch], order[batch:]
        g, _ = back(x[index], digit[index])
        size = np.sqrt(sum(float(np.sum(part**2)) for part in g.values()))
        for name in p:
            p[name] = p[name] - step * min(1.0, limit / size) * g[name]
    answer = hidden(test_x)[-1] @ p["v"].T + p["c"]
    return float(sizes[0] / sizes[-1]), float(np.mean(answer.argmax(axis=1) == test_digit))


def objective_again(chosen: Trial, w: Array, b: Array) -> tuple[float, list[Array]]:
    """Cross-entropy of one layer on all images, with its L2 penalty, and the gradient."""
    x, digit = images()[0] * chosen.scale, images()[1]
    strength = chosen.plan.penalty[1] if chosen.plan.penalty else 0.0
    loss, signal = lost("softmax_cross_entropy", x @ w.T + b, np.eye(10)[digit])
    value = loss + strength / 2 * float(np.sum(w**2))
    return value, [signal.T @ x / len(x) + strength * w, signal.mean(axis=0)]


@functools.lru_cache(maxsize=2)
def least_again(chosen: Trial) -> tuple[float, float]:
    """The least objective, by SciPy's trust-region Newton method with the exact Hessian."""
    from scipy.optimize import minimize

    x = np.column_stack([images()[0] * chosen.scale, np.ones(len(images()[0]))])
    strength = chosen.plan.penalty[1] if chosen.plan.penalty else 0.0
    ridge = np.tile(np.append(np.full(64, strength), 0.0), 10)

    def split(v: Array) -> tuple[Array, Array]:
        table = v.reshape(10, 65)
        return table[:, :64], table[:, 64]

    def value(v: Array) -> float:
        return objective_again(chosen, *split(v))[0]

    def slope(v: Array) -> Array:
        by_w, by_b = objective_again(chosen, *split(v))[1]
        return np.column_stack([by_w, by_b]).ravel()

    def curve(v: Array, direction: Array) -> Array:
        w, b = split(v)
        shifted = x @ np.column_stack([w, b]).T
        p = np.exp(shifted - shifted.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        moved = x @ direction.reshape(10, 65).T
        bent_ = p * (moved - np.sum(p * moved, axis=1, keepdims=True))
        return (bent_.T @ x / len(x)).ravel() + ridge * direction

    found = minimize(value, np.zeros(650), jac=slope, hessp=curve, method="trust-ncg",
                     options={"gtol": 1e-9})  # fmt: skip
    return float(found.fun), float(np.linalg.norm(slope(found.x)))


def first_infinite(chosen: Trial) -> int:
    """The first layer whose pre-activations on 250 images are not finite at the end, or -1."""
    made = train_again(chosen)
    a = images()[0][:250] * chosen.scale
    with np.errstate(all="ignore"):
        for k, (w, b) in enumerate(zip(made.weights, made.biases, strict=True), start=1):
            if not finite(w, b):
                return -1
            z = a @ w.T + b
            if not finite(z):
                return k
            a, _ = bent(chosen.activation, z)
    return -1
