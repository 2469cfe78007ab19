"""Callables on arrays: layers, softmax, normalisation, attention, recurrences, dicts and lists.

Written as people write them, in NumPy and in the plain array API; none uses anything of gradmath.
"""

from __future__ import annotations

import numpy as np

from tests.verify.gradients.twins import Twin, wrong

LAYER = {"x": (4, 3), "W": (2, 3), "b": (2,), "y": (4, 2)}
SQUARE = {"x": (3, 3), "W": (3, 3), "b": (3,), "y": (3, 3)}


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def layer(x, W, b, y):
    return np.mean(np.sum((x @ W.T + b - y) ** 2, axis=1))


def delta(x, W, b, y):
    return 2 * (x @ W.T + b - y) / len(x)


def layer_gradient(x, W, b, y):
    d = delta(x, W, b, y)
    return d.T @ x, d.sum(axis=0)


def sigmoid_layer(x, W, b, y):
    return np.mean(np.sum((sigmoid(x @ W.T + b) - y) ** 2, axis=1))


def sigmoid_delta(x, W, b, y):
    a = sigmoid(x @ W.T + b)
    return 2 * (a - y) * a * (1 - a) / len(x)


def residual_gradient(x, W, skip=1.0):
    t = np.tanh(x @ W.T)
    g = 2 * (x + t)
    return skip * g + (g * (1 - t**2)) @ W


def softmax(z):
    e = np.exp(z - np.max(z, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)


def log_sum_exp(z):
    m = np.max(z, axis=-1, keepdims=True)
    return (m + np.log(np.sum(np.exp(z - m), axis=-1, keepdims=True)))[..., 0]


def cross_entropy(z, t):
    """Per sample; t holds the target probabilities, which add up to any number."""
    return log_sum_exp(z) * np.sum(t, axis=-1) - np.sum(t * z, axis=-1)


def cross_entropy_gradient(z, t):
    return softmax(z) * np.sum(t, axis=-1, keepdims=True) - t


def layer_norm(x, g):
    centred = x - x.mean(axis=-1, keepdims=True)
    spread = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + 0.01)
    return np.sum(g * centred / spread)


def layer_norm_gradient(x, g, mean=True, spread=True):
    centred = x - x.mean(axis=-1, keepdims=True)
    s = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + 0.01)
    u = g.copy()
    if mean:
        u = u - g.mean(axis=-1, keepdims=True)
    if spread:
        u = u - centred / s**2 * (g * centred).mean(axis=-1, keepdims=True)
    return u / s


def batch_norm(x, g):
    return layer_norm(x.T, g.T)


def batch_norm_gradient(x, g):
    return layer_norm_gradient(x.T, g.T).T


def attention(q, k, v):
    scores = q @ k.T / np.sqrt(q.shape[1])
    return np.sum((softmax(scores) @ v) ** 2)


def attention_gradient(q, k, v, scale=True, rows=True):
    root = np.sqrt(q.shape[1])
    p = softmax(q @ k.T / root)
    out = 2 * (p @ v)
    dp = out @ v.T
    ds = p * (dp - np.sum(dp * p, axis=1, keepdims=True)) if rows else p * dp
    factor = 1 / root if scale else 1.0
    return ds @ k * factor, ds.T @ q * factor, p.T @ out


def clipped(g):
    """The squared error of a gradient clipped to norm 1 against a fixed direction."""
    norm = np.sqrt(np.sum(g**2))
    scale = np.minimum(1, 1 / norm)
    return np.sum((g * scale) * np.arange(1, g.size + 1))


def clipped_gradient(g):
    c, norm = np.arange(1, g.size + 1), np.sqrt(np.sum(g**2))
    if norm <= 1:
        return c * np.ones_like(g)
    return c / norm - g * np.sum(c * g) / norm**3


def by_value(g):
    return np.where(np.abs(g) < 1, np.arange(1.0, g.size + 1), 0.0)


def recurrent(W, U, x):
    h = np.zeros(W.shape[0])
    for u in x:
        h = np.tanh(W @ h + U @ u)
    return np.sum(h**2)


def recurrent_gradient(W, U, x, last=None, transpose=True, slope=True):
    """Backpropagation through time; `last` keeps that many steps only."""
    states = [np.zeros(W.shape[0])]
    for u in x:
        states.append(np.tanh(W @ states[-1] + U @ u))
    dW, dU, dh = np.zeros_like(W), np.zeros_like(U), 2 * states[-1]
    for t in range(len(x), max(0, len(x) - (last or len(x))), -1):
        dz = dh * (1 - states[t] ** 2) if slope else dh
        dW = dW + np.outer(dz, states[t - 1])
        dU = dU + np.outer(dz, x[t - 1])
        dh = W.T @ dz if transpose else W @ dz
    return dW, dU


def in_a_dict(params, x, y):
    h = np.tanh(x @ params["W1"].T + params["b1"])
    return np.mean(np.sum((h @ params["W2"].T + params["b2"] - y) ** 2, axis=1))


def dict_gradient(params, x, y, **change):
    h = np.tanh(x @ params["W1"].T + params["b1"])
    d2 = 2 * (h @ params["W2"].T + params["b2"] - y)
    if "sum" not in change:
        d2 = d2 / len(x)
    d1 = d2 @ params["W2"]
    if "slope" not in change:
        d1 = d1 * (1 - h**2)
    made = {"W1": d1.T @ x, "b1": d1.sum(0), "W2": d2.T @ h, "b2": d2.sum(0)}
    if "bias" in change:
        made["b1"] = d1.mean(0)
    if "sign" in change:
        made["b2"] = -made["b2"]
    return made


def in_a_list(weights, x):
    for W in weights:
        x = np.tanh(W @ x)
    return np.sum(x)


def list_gradient(weights, x, layer=None, order=1):
    states = [x]
    for W in weights:
        states.append(np.tanh(W @ states[-1]))
    up, made = np.ones_like(states[-1]), []
    for k in range(len(weights), 0, -1):
        dz = up * (1 - states[k] ** 2) if k != layer else up
        made.append(np.outer(dz, states[k - 1]))
        up = weights[k - 1].T @ dz
    return made[::-1] if order == 1 else made


def plain_api(x, w):
    xp = x.__array_namespace__()
    z = x * w
    return xp.sum(z / (1 + xp.exp(-z)))


def plain_api_gradient(x, w, term=1.0, own=True):
    xp = x.__array_namespace__()
    z = x * w
    s = 1 / (1 + xp.exp(-z))
    slope = s + term * z * s * (1 - s)
    return slope * (w if own else x)


DICT_SHAPES = {"params": {"W1": (3, 2), "b1": (3,), "W2": (1, 3), "b2": (1,)},
               "x": (5, 2), "y": (5, 1)}  # fmt: skip
CLASSES = {"z": (4, 3), "t": (4, 3)}
LIST_SHAPES = {"weights": [(3, 2), (4, 3), (2, 4)], "x": (2,)}

ARRAYS = (
    Twin("linear-layer", "array", layer, (layer_gradient, lambda x, W, b, y: {
            "W": delta(x, W, b, y).T @ x, "b": delta(x, W, b, y).sum(axis=0)}), (
        wrong("missing-mean", lambda x, W, b, y: tuple(
            len(x) * g for g in layer_gradient(x, W, b, y)), "1/n"),
        wrong("sum-for-mean", lambda x, W, b, y: (
            delta(x, W, b, y).T @ x, delta(x, W, b, y).mean(axis=0)), "the bias averaged again"),
        wrong("transposed", lambda x, W, b, y: (
            x.T @ delta(x, W, b, y), delta(x, W, b, y).sum(axis=0)), "the shape of W^T"),
        wrong("dropped-chain-factor", lambda x, W, b, y: (
            delta(x, W, b, y)[:1].T @ x[:1], delta(x, W, b, y).sum(axis=0)), "the first sample"),
        wrong("lost-factor", lambda x, W, b, y: tuple(
            g / 2 for g in layer_gradient(x, W, b, y)), "the 2"),
        wrong("wrong-place", lambda x, W, b, y: (
            delta(x, W, b, y).T @ x, delta(x, W, b, y)[-1]), "the last sample in b"),
        wrong("doubled-factor", lambda x, W, b, y: (
            layer_gradient(x, W, b, y)[0] * 1.0001, layer_gradient(x, W, b, y)[1]),
              "a hundredth of a percent in W"),
    ), wrt=["W", "b"], options={"shapes": LAYER}),
    Twin("layer-input", "array", layer, (lambda x, W, b, y: delta(x, W, b, y) @ W,), (
        wrong("lost-factor", lambda x, W, b, y: delta(x, W, b, y) @ W / 2, "the 2"),
        wrong("sum-for-mean", lambda x, W, b, y: 0 * x + (delta(x, W, b, y) @ W).mean(axis=0),
              "averaged over the batch"),
        wrong("wrong-place", lambda x, W, b, y: delta(x, W, b, y).sum() * x, "x for W"),
    ), wrt="x", options={"shapes": LAYER}),
    Twin("square-layer-input", "array", layer, (lambda x, W, b, y: delta(x, W, b, y) @ W,), (
        wrong("transposed", lambda x, W, b, y: delta(x, W, b, y) @ W.T, "fits a square alone"),
        wrong("reordered", lambda x, W, b, y: W @ delta(x, W, b, y), "fits a square alone"),
        wrong("transposed", lambda x, W, b, y: (delta(x, W, b, y) @ W).T, "the whole transposed"),
    ), wrt="x", options={"shapes": SQUARE}),
    Twin("square-layer-weights", "array", sigmoid_layer,
         (lambda x, W, b, y: sigmoid_delta(x, W, b, y).T @ x,), (
        wrong("transposed", lambda x, W, b, y: x.T @ sigmoid_delta(x, W, b, y), "W^T"),
        wrong("transposed", lambda x, W, b, y: sigmoid_delta(x, W, b, y) @ x, "delta for delta^T"),
        wrong("reordered", lambda x, W, b, y: x @ sigmoid_delta(x, W, b, y).T, "the order"),
    ), wrt="W", options={"shapes": SQUARE}),
    Twin("sigmoid-layer", "array", sigmoid_layer,
         (lambda x, W, b, y: sigmoid_delta(x, W, b, y).T @ x,), (
        wrong("dropped-chain-factor", lambda x, W, b, y: (
            2 * (sigmoid(x @ W.T + b) - y) / len(x)).T @ x, "the slope"),
        wrong("defaults-only", lambda x, W, b, y: sigmoid_delta(x, W, 0 * b, y).T @ x, "b = 0"),
        wrong("wrong-place", lambda x, W, b, y: (
            2 * (sigmoid(x @ W.T + b) - y) ** 2 / len(x)).T @ x, "the loss for the residual"),
        wrong("flipped-sign", lambda x, W, b, y: -sigmoid_delta(x, W, b, y).T @ x, "the sign"),
        wrong("missing-mean", lambda x, W, b, y: len(x) * sigmoid_delta(x, W, b, y).T @ x, "1/n"),
    ), wrt="W", options={"shapes": LAYER}),
    Twin("entrywise-sigmoid", "array", lambda z: np.sum(sigmoid(z)),
         (lambda z: sigmoid(z) * (1 - sigmoid(z)), lambda z: sigmoid(z) * sigmoid(-z)), (
        wrong("lost-factor", lambda z: 1 - sigmoid(z), "s"),
        wrong("wrong-place", lambda z: z * (1 - z), "z for s"),
        wrong("lost-factor", lambda z: np.zeros_like(z), "nothing"),
        wrong("dropped-chain-factor", lambda z: np.full_like(z, 0.25), "the largest slope for all"),
    ), wrt="z", domain=(-8, 8), options={"shapes": {"z": (6,)}}),
    Twin("softmax-entropy-mean", "array", cross_entropy,
         (lambda z, t: cross_entropy_gradient(z, t) / len(z),), (
        wrong("missing-mean", cross_entropy_gradient, "1/n"),
        wrong("lost-factor", lambda z, t: softmax(z) / len(z), "the target"),
        wrong("flipped-sign", lambda z, t: -cross_entropy_gradient(z, t) / len(z), "the sign"),
        wrong("defaults-only", lambda z, t: (softmax(z) - t) / len(z), "targets that add up to 1"),
        wrong("wrong-place", lambda z, t: (z - t) / len(z), "logits for probabilities"),
    ), wrt="z", domain=(-5, 5), options={"shapes": CLASSES, "reduction": "mean"}),
    Twin("softmax-entropy-sum", "array", cross_entropy, (cross_entropy_gradient,), (
        wrong("sum-for-mean", lambda z, t: cross_entropy_gradient(z, t) / len(z), "averaged"),
        wrong("doubled-factor", lambda z, t: cross_entropy_gradient(z, t) * softmax(z),
              "the slope once more"),
    ), wrt="z", domain=(-5, 5), options={"shapes": CLASSES, "reduction": "sum"}),
    Twin("layer-norm", "array", layer_norm, (layer_norm_gradient,), (
        wrong("dropped-chain-factor", lambda x, g: layer_norm_gradient(x, g, spread=False),
              "the spread held fixed"),
        wrong("dropped-chain-factor", lambda x, g: layer_norm_gradient(x, g, mean=False),
              "the mean held fixed"),
        wrong("lost-factor", lambda x, g: layer_norm_gradient(x, g) * 3, "a factor of the width"),
        wrong("wrong-place", batch_norm_gradient, "the other axis"),
    ), wrt="x", domain=(-3, 3), options={"shapes": {"x": (3, 5), "g": (3, 5)}}),
    Twin("batch-norm", "array", batch_norm, (batch_norm_gradient,), (
        wrong("wrong-place", layer_norm_gradient, "the other axis"),
        wrong("dropped-chain-factor", lambda x, g: layer_norm_gradient(x.T, g.T, spread=False).T,
              "the spread held fixed"),
    ), wrt="x", domain=(-3, 3), options={"shapes": {"x": (4, 3), "g": (4, 3)}}),
    Twin("batch-mean", "array", lambda x: np.sum((x - x.mean(axis=0)) ** 2),
         (lambda x: 2 * (x - x.mean(axis=0)),), (
        wrong("doubled-factor", lambda x: 2 * (x - x.mean(axis=0)) * (1 - 1 / len(x)),
              "the mean's own share again"),
        wrong("lost-factor", lambda x: x - x.mean(axis=0), "the 2"),
        wrong("dropped-chain-factor", lambda x: 2 * x, "the mean"),
    ), wrt="x", domain=(-3, 3), options={"shapes": {"x": (4, 3)}}),
    Twin("attention", "array", attention, (attention_gradient,), (
        wrong("lost-factor", lambda q, k, v: attention_gradient(q, k, v, scale=False), "1/sqrt(d)"),
        wrong("dropped-chain-factor", lambda q, k, v: attention_gradient(q, k, v, rows=False),
              "the softmax's own sum"),
        wrong("reordered", lambda q, k, v: (attention_gradient(k, q, v)[0],
                                            *attention_gradient(q, k, v)[1:]), "q and k exchanged"),
    ), wrt=["q", "k", "v"], domain=(-2, 2),
         options={"shapes": {"q": (3, 4), "k": (3, 4), "v": (3, 2)}}),
    Twin("clip-by-norm-array", "array", clipped, (clipped_gradient,), (
        wrong("value-clip-for-norm-clip", by_value, "each entry by itself"),
        wrong("dropped-chain-factor", lambda g: np.arange(1, g.size + 1)
              * np.minimum(1, 1 / np.sqrt(np.sum(g**2))), "the norm held fixed"),
        wrong("wrong-branch", lambda g: 1.0 * np.arange(1, g.size + 1), "never clipped"),
    ), wrt="g", domain=(-2, 2), options={"shapes": {"g": (4,)}}),
    Twin("recurrent-array", "array", recurrent, (recurrent_gradient,), (
        wrong("dropped-chain-factor", lambda W, U, x: recurrent_gradient(W, U, x, last=1),
              "cut after one step"),
        wrong("transposed", lambda W, U, x: recurrent_gradient(W, U, x, transpose=False), "W"),
        wrong("dropped-chain-factor", lambda W, U, x: recurrent_gradient(W, U, x, slope=False),
              "the slopes"),
        wrong("dropped-chain-factor", lambda W, U, x: recurrent_gradient(W, U, x, last=3),
              "all steps but the first"),
    ), wrt=["W", "U"], domain=(-1, 1),
         options={"shapes": {"W": (3, 3), "U": (3, 2), "x": (4, 2)}}),
    Twin("residual-block", "array", lambda x, W: np.sum((x + np.tanh(x @ W.T)) ** 2),
         (residual_gradient,), (
        wrong("lost-skip-path", lambda x, W: residual_gradient(x, W, skip=0.0), "the identity"),
        wrong("doubled-factor", lambda x, W: residual_gradient(x, W, skip=1.0001),
              "a hundredth of a percent of the identity"),
        wrong("transposed", lambda x, W: residual_gradient(x, W.T), "W"),
    ), wrt="x", domain=(-2, 2), options={"shapes": {"x": (4, 3), "W": (3, 3)}}),
    Twin("plain-array-api", "array", plain_api, (plain_api_gradient,), (
        wrong("flipped-sign", lambda x, w: plain_api_gradient(x, w, term=-1.0), "a term's sign"),
        wrong("dropped-chain-factor", lambda x, w: plain_api_gradient(x, w, term=0.0), "a term"),
        wrong("wrong-place", lambda x, w: plain_api_gradient(x, w, own=False), "x for w"),
    ), wrt="x", domain=(-3, 3), options={"shapes": {"x": (5,), "w": (5,)}}),
    Twin("per-sample-losses", "array", lambda a, y: np.sum((a - y) ** 2, axis=1),
         (lambda a, y: 2 * (a - y) / len(a),), (
        wrong("missing-mean", lambda a, y: 2 * (a - y), "1/n"),
        wrong("sum-for-mean", lambda a, y: 2 * (a - y) / a.size, "1/(n outputs)"),
        wrong("flipped-sign", lambda a, y: 2 * (y - a) / len(a), "the sign"),
    ), wrt="a", options={"shapes": {"a": (4, 2), "y": (4, 2)}, "reduction": "mean"}),
)  # fmt: skip

NETWORKS = (
    Twin("parameters-in-a-dict", "network", in_a_dict, (dict_gradient,), (
        wrong("missing-mean", lambda p, x, y: dict_gradient(p, x, y, sum=1), "1/n"),
        wrong("dropped-chain-factor", lambda p, x, y: dict_gradient(p, x, y, slope=1), "a slope"),
        wrong("sum-for-mean", lambda p, x, y: dict_gradient(p, x, y, bias=1), "b1 averaged"),
        wrong("flipped-sign", lambda p, x, y: dict_gradient(p, x, y, sign=1), "b2 alone"),
    ), wrt="params", domain=(-2, 2), options={"shapes": DICT_SHAPES}),
    Twin("parameters-in-a-list", "network", in_a_list, (list_gradient,), (
        wrong("dropped-chain-factor", lambda w, x: list_gradient(w, x, layer=2), "a slope"),
        wrong("dropped-chain-factor", lambda w, x: list_gradient(w, x, layer=3), "the last slope"),
        wrong("doubled-factor", lambda w, x: [1.0001 * g for g in list_gradient(w, x)],
              "a hundredth of a percent"),
    ), wrt="weights", domain=(-1, 1), options={"shapes": LIST_SHAPES}),
)  # fmt: skip
