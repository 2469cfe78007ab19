# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# ---
# title: "Lab: the edge of chaos"
# description: Start tanh networks below, on and above the edge, measure signal and gradients layer by layer, and train them.
# ---
#
# # Lab: the edge of chaos
#
# [The page on the edge](../chapter/edge.md#where-the-edge-runs) says that one number, $\chi$,
# decides whether the gradients of a wide random network vanish or explode. In this lab we compute
# it, draw networks on either side of the edge, measure them, and train them. Everything below was
# run when this page was built; a link at the end of the page downloads the lab.

# %%
import numpy as np

import gradmath as gm
from gradmath import figures
from gradmath.dynamics import gaussian_start, one_of_each, profile
from gradmath.dynamics.meanfield import MeanField, edge_of_chaos
from gradmath.dynamics.trainable import trainable

# %% [markdown]
# ## Theory
#
# A layer with weights of variance $\sigma_w^2/n$ and biases of variance $\sigma_b^2$ turns the
# variance $q$ of its pre-activations into $\sigma_w^2\, \mathbb{E} \tanh(\sqrt q Z)^2 + \sigma_b^2$.
# `MeanField` computes that integral. We fix $\sigma_b^2 = 0.05$ and print, for three variances of
# the weights, the resting variance, $\chi$ there, and the depth scale.

# %%
bias = 0.05
for weight in (1.0, 1.76, 3.0):
    field = MeanField("tanh", weight, bias)
    q = field.fixed_point()
    chi, scale = field.chi(q), field.depth_scale(q)
    print(f"{weight}: q rests at {q:.4f}, chi = {chi:.4f}, {scale:.4g} layers")

# %% [markdown]
# Where exactly is $\chi = 1$? `edge_of_chaos` goes the other way round: for a resting variance it
# returns the variances of weights and biases that put the network on the edge. Bisection finds the
# one that belongs to our bias.

# %%
low, high = 0.1, 2.0
for _ in range(60):
    middle = (low + high) / 2
    if edge_of_chaos("tanh", middle)[1] < bias:
        low = middle
    else:
        high = middle
critical, found = edge_of_chaos("tanh", middle)
print(f"q* = {middle:.6f}")
print(f"variances: weights {critical:.6f}, biases {found:.6f}")

# %% [markdown]
# These are the numbers that the chapter [proves](../ledger/edge-of-chaos-tanh.md) by enclosing
# them.
#
# ## Two inputs on their way through
#
# Take two inputs that nearly agree, and follow their correlation from layer to layer. In the
# ordered phase they become one and the same; in the chaotic phase they part; on the edge they
# change slowly.

# %%
width, depth = 300, 40
rng = np.random.Generator(np.random.PCG64(0))
first = rng.standard_normal(width)
second = first + 0.3 * rng.standard_normal(width)


def correlations(weight):
    """The correlation of the two inputs' pre-activations after each layer."""
    rng = np.random.Generator(np.random.PCG64(1))
    a, b = first, second
    found = []
    for _ in range(depth):
        w = rng.standard_normal((width, width)) * np.sqrt(weight / width)
        shift = np.sqrt(bias) * rng.standard_normal(width)
        u, v = w @ a + shift, w @ b + shift
        found.append(u @ v / np.sqrt(u @ u * (v @ v)))
        a, b = gm.tanh(u), gm.tanh(v)
    return np.array(found)


weights = {"ordered": 1.0, "edge": critical, "chaotic": 3.0}
figures.curves(
    {name: correlations(weight) for name, weight in weights.items()},
    xlabel="layer",
    ylabel="correlation of the pre-activations",
    title="Two inputs that nearly agree",
    describe="Ordered: it rises to 1. Chaotic: it falls. At the edge it stays.",
)

# %% [markdown]
# ## Gradients, layer by layer
#
# Now the way back. `profile` runs a network with the package's own kernels and returns the size of
# the gradient by the pre-activations of each layer. We draw it relative to the last layer.

# %%
x, y = one_of_each()
net = gm.Network(64, [*[gm.Dense(width, gm.tanh)] * depth, gm.Dense(10)])
sizes = {}
for name, weight in weights.items():
    deviations = {"weight": np.sqrt(weight), "bias": np.sqrt(bias)}
    params = gaussian_start(net, **deviations, seed=2)
    signal = profile(net, params, x, y).rms_signal
    sizes[name] = (signal / signal[-2])[-2::-1]
figures.curves(
    sizes,
    xlabel="layers back from the last",
    ylabel="size of the gradient, that of the last layer = 1",
    log=True,
    title="The size of the gradient on its way back",
    describe="Ordered: it falls along a line. Chaotic: it rises along one.",
)

# %% [markdown]
# On a logarithmic axis these are straight lines, and $\chi$ predicts their slopes. Compare the
# measured factor per layer, over the second half of the way, with $\sqrt{\chi}$:

# %%
half = depth // 2
for name, weight in weights.items():
    measured = (sizes[name][-1] / sizes[name][-1 - half]) ** (1 / half)
    field = MeanField("tanh", weight, bias)
    predicted = np.sqrt(field.chi(field.fixed_point()))
    print(f"{name:8} measured {measured:.3f}, predicted {predicted:.3f}")

# %% [markdown]
# ## Training
#
# Does the start still matter once training has moved the weights? Train a shallow and a deep
# network from each of the three starts, on handwritten digits, for a hundred steps, and test them
# on digits they have not seen.

# %%
result = trainable(list(weights.values()), bias, [5, 30], steps=100, rate=0.03)
for layers, shares in zip(result.depths, result.accuracy, strict=True):
    named = dict(zip(weights, shares, strict=True))
    told = ", ".join(f"{name} {share:.0%}" for name, share in named.items())
    print(f"{layers} layers: {told}")

# %% [markdown]
# Five layers can be trained from anywhere. Thirty layers are about six depth scales on the chaotic
# side and more than eight on the ordered one, and there the start shows.
#
# ## Try it
#
# - Replace tanh by another saturating curve, `softsign`, in `MeanField` and `edge_of_chaos`. Where
#   is its edge for the same bias?
# - Set `bias = 0.0`. The edge then lies at a variance of one, and the resting variance there is
#   zero: the network forgets the size of its input, slowly. (`fixed_point` says so: it takes too
#   long to settle.)
# - Make the networks narrower: `width = 30`. How much do the measured factors scatter from seed to
#   seed?
