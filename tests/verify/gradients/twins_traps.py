"""Callables that are wrong only somewhere: one entry, a tail, single precision, a deep layer."""

from __future__ import annotations

import numpy as np

from tests.verify.gradients.twins import Twin, wrong

LARGE = 400
LAYERS = 30


def squares(x):
    return np.sum(x**2 * np.arange(1, len(x) + 1))


def squares_gradient(x, entry=None, factor=1.0):
    made = 2 * x * np.arange(1, len(x) + 1)
    if entry is not None:
        made[entry] = made[entry] * factor
    return made


def logistic(z):
    return 1 / (1 + np.exp(-z))


def stable_slope(z):
    e = np.exp(-np.abs(z))
    return e / (1 + e) ** 2


def deep(x, w):
    for _ in range(LAYERS):
        x = logistic(w * x)
    return np.sum(x)


def deep_gradient(x, w, layers=LAYERS, skip=None):
    slope = np.ones_like(x)
    for k in range(layers):
        x = logistic(w * x)
        slope = slope * w
        if k != skip:
            slope = slope * x * (1 - x)
    return slope


def growing(x, w):
    return np.sum(x @ w @ w @ w)


def growing_gradient(x, w, powers=3, transposed=True):
    made = np.ones(x.shape)
    for _ in range(powers):
        made = made @ (w.T if transposed else w)
    return made


def norm(x):
    return np.sqrt(np.sum(x**2))


def only_in(kind, gradient, other):
    """`gradient`, but `other` for arrays of one dtype."""

    def pick(x):
        return other(x) if np.asarray(x).dtype == kind else gradient(x)

    return pick


def rounded_constant(x):
    """2 x with the 2 held as 2.0002 in single precision."""
    two = np.float32(2.0002) if np.asarray(x).dtype == np.float32 else 2.0
    return x * two


SINGLE = {"dtypes": ("float64", "float32")}

TRAPS = (
    Twin("one-entry-of-many", "array", squares, (squares_gradient,), (
        wrong("flipped-sign", lambda x: squares_gradient(x, 217, -1), "entry 217"),
        wrong("lost-factor", lambda x: squares_gradient(x, LARGE - 1, 0), "the last entry"),
        wrong("doubled-factor", lambda x: squares_gradient(x, 0, 1.0001), "the first entry"),
        wrong("doubled-factor", lambda x: squares_gradient(x, 100, 1.001), "entry 100"),
    ), wrt="x", domain=(-3, 3), options={"shapes": {"x": (LARGE,)}}),
    Twin("one-entry-of-a-matrix", "array", lambda w, x: np.sum((x @ w.T) ** 2),
         (lambda w, x: 2 * (x @ w.T).T @ x,), (
        wrong("flipped-sign", lambda w, x: (2 * (x @ w.T).T @ x)
              * np.where(np.arange(w.size).reshape(w.shape) == 77, -1.0, 1.0), "entry 77"),
        wrong("lost-factor", lambda w, x: np.tril(2 * (x @ w.T).T @ x), "the upper triangle"),
    ), wrt="w", domain=(-2, 2), options={"shapes": {"w": (12, 10), "x": (3, 10)}}),
    Twin("thirty-layers", "array", deep, (deep_gradient,), (
        wrong("dropped-chain-factor", lambda x, w: deep_gradient(x, w, skip=15), "one of thirty"),
        wrong("dropped-chain-factor", lambda x, w: deep_gradient(x, w, LAYERS - 1), "the last"),
        wrong("lost-factor", lambda x, w: np.zeros_like(x), "1e-20 taken for nothing"),
        wrong("flipped-sign", lambda x, w: -deep_gradient(x, w), "the sign of 1e-20"),
    ), wrt="x", domain=(0.5, 1), options={"shapes": {"x": (3,), "w": (3,)}}),
    Twin("vanished-array", "array", lambda z: np.sum(np.exp(-z)), (lambda z: -np.exp(-z),), (
        wrong("lost-factor", lambda z: np.zeros_like(z), "1e-280 taken for nothing"),
        wrong("doubled-factor", lambda z: -1.0001 * np.exp(-z), "a hundredth of a percent"),
        wrong("flipped-sign", lambda z: np.exp(-z), "the sign of 1e-280"),
    ), wrt="z", domain=(640, 650), options={"shapes": {"z": (4,)}, "dtypes": ("float64",)}),
    Twin("exploded-array", "array", growing, (growing_gradient,), (
        wrong("transposed", lambda x, w: growing_gradient(x, w, transposed=False), "w"),
        wrong("lost-factor", lambda x, w: growing_gradient(x, w, powers=2), "one power"),
        wrong("doubled-factor", lambda x, w: 1.0001 * growing_gradient(x, w), "0.01 % more"),
    ), wrt="x", domain=(1e60, 1e62),
         options={"shapes": {"x": (2, 3), "w": (3, 3)}, "dtypes": ("float64",)}),
    Twin("tail-of-the-slope", "array", lambda z: np.sum(logistic(z)), (stable_slope,), (
        wrong("tail-only", lambda z: np.where(z < 33, stable_slope(z), 0.0), "0 past 33"),
        wrong("tail-only", lambda z: np.where(np.abs(z) < 12, stable_slope(z), np.exp(-z)),
              "the wrong tail on the left"),
        wrong("wrong-branch", lambda z: np.exp(-z) / (1 + np.exp(-np.abs(z))) ** 2, "half an abs"),
    ), wrt="z", domain=(-80, 80), options={"shapes": {"z": (9,)}}),
    Twin("norm", "array", norm, (lambda x: x / norm(x),), (
        wrong("lost-factor", lambda x: 1.0 * x, "1/norm"),
        wrong("doubled-factor", lambda x: x / norm(x) ** 2, "1/norm twice"),
        wrong("wrong-branch", lambda x: np.sign(x), "each entry by itself"),
    ), wrt="x", domain=(-3, 3), options={"shapes": {"x": (4,)}}),
    Twin("only-in-single-precision", "array", lambda x: np.sum(x**2), (lambda x: 2 * x,), (
        wrong("single-precision-only", only_in(np.float32, lambda x: 2 * x, lambda x: x),
              "the 2, in float32"),
        wrong("single-precision-only", only_in(np.float32, lambda x: 2 * x, lambda x: -2 * x),
              "the sign, in float32"),
        wrong("single-precision-only", rounded_constant, "a constant, in float32"),
        wrong("single-precision-only", only_in(np.float32, lambda x: 2 * x,
                                               lambda x: np.zeros_like(x)), "nothing, in float32"),
    ), wrt="x", domain=(-3, 3), options={"shapes": {"x": (5,)}, **SINGLE}),
    Twin("relu-array", "array", lambda z: np.sum(np.maximum(z, 0)), (lambda z: 1.0 * (z > 0),), (
        wrong("wrong-branch", lambda z: np.ones_like(z), "one branch for all"),
        wrong("wrong-branch", lambda z: 1.0 * (z < 0), "the other branch"),
        wrong("wrong-branch", lambda z: 1.0 * (z > 0.001), "a threshold beside the kink"),
    ), wrt="z", domain=(-3, 3), options={"shapes": {"z": (8,)}}),
    Twin("penalised-loss", "array", lambda w, x: np.mean((x @ w) ** 2) + 0.05 * np.sum(w**2),
         (lambda w, x: 2 * x.T @ (x @ w) / len(x) + 0.1 * w,), (
        wrong("lost-factor", lambda w, x: 2 * x.T @ (x @ w) / len(x) + 0.1, "w in the penalty"),
        wrong("lost-factor", lambda w, x: 2 * x.T @ (x @ w) / len(x) + 0.05 * w, "the penalty's 2"),
        wrong("lost-term", lambda w, x: 2 * x.T @ (x @ w) / len(x), "the penalty"),
        wrong("missing-mean", lambda w, x: 2 * x.T @ (x @ w) + 0.1 * w, "1/n"),
    ), wrt="w", domain=(-2, 2), options={"shapes": {"w": (3,), "x": (5, 3)}}),
    Twin("right-at-one-and-zero", "array", lambda w, b, x: np.sum(np.tanh(w * x + b)),
         (lambda w, b, x: np.sum((1 - np.tanh(w * x + b) ** 2) * x),), (
        wrong("defaults-only", lambda w, b, x: np.sum((1 - np.tanh(x + b) ** 2) * x), "w = 1"),
        wrong("defaults-only", lambda w, b, x: np.sum((1 - np.tanh(w * x) ** 2) * x), "b = 0"),
        wrong("lost-factor", lambda w, b, x: np.sum(1 - np.tanh(w * x + b) ** 2), "x"),
    ), wrt="w", domain=(-2, 2), options={"shapes": {"w": (), "b": (), "x": (4,)}}),
)  # fmt: skip
