"""The bound C: every rounding of a sweep put in by itself, carried along by complex steps."""

from __future__ import annotations

import numpy as np
import pytest

import gradmath as gm
from gradmath.verify.networks import cases, truth
from gradmath.verify.rounding import allowed

H = 1e-200  # exact in effect: there is no difference that could cancel
T, S = gm.tanh, gm.sigmoid
D = gm.Dense
NETS = {
    "plain": gm.Network(3, [D(4, T), D(3, S), D(3, T), D(2)]),
    "residual": gm.Network(3, [D(3, T, residual=True)] * 4),
    "residual between": gm.Network(2, [D(3, T), *[D(3, S, residual=True)] * 2, D(2)]),
    "residual first": gm.Network(3, [D(3, T, residual=True), D(3, S), D(2, T)]),
    "residual last": gm.Network(2, [D(3, T), D(2, S), D(2, T, residual=True)]),
    "by turns": gm.Network(3, [D(3, T, residual=True), D(4, S), D(4, residual=True), D(4, T),
                               D(4, T, residual=True)]),
}  # fmt: skip


def activated(name, z):
    """The value, the slope, and the second derivative of an activation."""
    if name == "identity":
        return z, np.ones_like(z), np.zeros_like(z)
    s = np.tanh(z) if name == "tanh" else 1 / (1 + np.exp(-z))
    slope = np.cosh(z) ** -2 if name == "tanh" else (2 * np.cosh(z / 2)) ** -2
    return s, slope, slope * (-2 * s if name == "tanh" else 1 - 2 * s)


def swept(net, params, x, y, moved=None):
    """One sample's results, and the size of each operation's rounding; `moved` adds to one."""
    sizes, results = {}, {}

    def put(name, value, size):
        sizes[name] = np.abs(size)
        if moved and moved[0] == name:
            value = value.copy()
            value[moved[1]] += 1j * H
        return value

    a, inputs, values = x.astype(complex), [], []
    for k, layer in enumerate(net.layers, start=1):
        w, b = params[f"W{k}"], params[f"b{k}"]
        z = put(f"z{k}", w @ a + b, np.abs(w) @ np.abs(a) + np.abs(b))
        f, slope, bend = activated(layer.activation.name, z)
        after = a + f if layer.residual else f
        own = np.abs(f) + np.abs(z * slope) + layer.residual * np.abs(after)
        inputs.append(a)
        values.append((z, slope, bend))
        a = put(f"a{k}", after, own)
    results["loss"] = ((a - y) ** 2).sum()
    size = np.abs(2 * (a - y)) + 2 * np.abs(a) + 2 * np.abs(y)
    g = put(f"g{len(net.layers)}", 2 * (a - y), size)
    for k in range(len(net.layers), 0, -1):
        layer, w, (z, slope, bend) = net.layers[k - 1], params[f"W{k}"], values[k - 1]
        own = np.abs(slope) + np.abs(z * bend)
        delta = put(f"delta{k}", g * slope, np.abs(g) * own + np.abs(g * slope))
        outer = np.outer(delta, inputs[k - 1])
        results[f"W{k}"] = put(f"W{k}", outer, outer)
        results[f"b{k}"] = put(f"b{k}", delta[None, :], delta[None, :])
        through = w.T @ delta
        below = g + through if layer.residual else through
        own = np.abs(w.T) @ np.abs(delta) + layer.residual * np.abs(below)
        g = put(f"g{k - 1}", below, own)
    results["x"] = g
    return results, sizes


def added_up(net, case):
    """For each result the sum of |derivative by a rounding| times the size of that rounding."""
    batch = len(case.x)
    total = {}
    for n in range(batch):
        given = (net, case.params, case.x[n], case.y[n])
        results, sizes = swept(*given)
        for name, size in sizes.items():
            for index in np.ndindex(size.shape):
                found, _ = swept(*given, (name, index))
                for key, value in found.items():
                    part = np.abs(np.imag(value) / H) * size[index] / batch
                    if key == "x":
                        rows = total.setdefault(key, np.zeros((batch, len(part))))
                        rows[n] += part
                    else:
                        total[key] = total.get(key, 0) + part
        for key, value in results.items():  # the loss itself is rounded, sample by sample
            if key == "loss":
                total[key] += np.abs(value) / batch
    return total


@pytest.mark.parametrize("name", NETS)
def test_the_bound_is_the_sum_of_all_roundings(name):
    net = NETS[name]
    for case in cases(net):
        found = truth(net, case)
        room = allowed(found.setting, found.found, 1.0, 0.0)
        for key, wanted in added_up(net, case).items():
            table = np.atleast_1d(np.array(
                [float(e) for e in room.grads[key].entries()] if key != "loss"
                else [float(room.loss)]
            ))  # fmt: skip
            share = table / np.ravel(wanted)
            # what enters a plain layer is bounded a step early, by |W| and |phi'|
            assert share.min() > 1 - 1e-9, (key, case.name)
            assert share.max() < 4, (key, case.name)
