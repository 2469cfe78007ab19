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
# title: "Lab: a thirty-layer sigmoid network"
# description: Watch a gradient die out layer by layer, compare it with theory and with published numbers, and train what is left.
# ---
#
# # Lab: a thirty-layer sigmoid network, layer by layer
#
# The page on [vanishing gradients](../chapter/vanishing.md) says that a wide sigmoid layer keeps
# about a fifth of the gradient. Here you can watch it happen: in a network of thirty layers, in
# the small networks of a well-known book, and in training. Everything below was run when this
# page was built; a link at the end downloads the lab.

# %%
import numpy as np
from sklearn.datasets import load_digits

import gradmath as gm
from gradmath import figures
from gradmath.dynamics import gaussian_start, profile

# %% [markdown]
# ## The data
#
# Two hundred of scikit-learn's handwritten digits, with one target for each of the ten classes.

# %%
pixels, labels = load_digits(return_X_y=True)
x = pixels[:200] / pixels.max()
y = np.eye(10)[labels[:200]]
print(x.shape, y.shape)

# %% [markdown]
# ## Thirty layers
#
# Twenty-nine layers of sixty sigmoid neurons and one layer of ten. Weights have the variance
# one over the number of inputs, biases the variance one.

# %%
layers = [gm.Dense(60, gm.sigmoid)] * 29 + [gm.Dense(10)]
net = gm.Network(64, layers, loss=gm.binary_cross_entropy)
params = gaussian_start(net, weight=1.0, bias=1.0, seed=0)
found = gm.diagnose(net, params, x, y)
print(found.verdict)

# %% [markdown]
# `gm.diagnose` has looked at every layer. The *signal* is the derivative of the loss by the
# layer's pre-activations: what backpropagation hands to it.

# %%
found

# %% [markdown]
# Note three columns. Hardly anything is saturated. The signal falls by the same factor again and
# again. And the update is a tiny share of the weight in all but the last few layers: this network
# will train its end, and nothing else.

# %%
figures.curves(
    {"signal": found.signal},
    xlabel="layers before it",
    ylabel="norm of the signal",
    log=True,
    title="The signal in thirty layers",
    describe="A straight line on a logarithmic scale, rising.",
)

# %% [markdown]
# ## The factor
#
# A straight line means a constant factor. Here it is, as the average over all hidden layers, next
# to what theory says for infinite width.

# %%
one = profile(net, params, x[:1], y[:1])
factor = (one.signal[0, 0] / one.signal[-2, 0]) ** (1 / 28)
theory = gm.claims["sigmoid-mean-field-ratio"].value("ratio")
print(f"measured {factor:.4f}")
print("theory  ", theory.plain)

# %% [markdown]
# ## Published numbers
#
# Michael Nielsen's book *Neural Networks and Deep Learning* prints, in its fifth chapter, the
# norms of the bias gradients in the hidden layers of three networks at their start. His networks
# have thirty neurons a layer, ten outputs and a cross-entropy, and he starts them as we did
# above. He used the MNIST digits, which are larger than ours. Let us follow his recipe with
# twenty starts each.

# %%
printed = {
    2: [0.07, 0.31],
    3: [0.012, 0.060, 0.283],
    4: [0.003, 0.017, 0.070, 0.285],
}
for hidden, book in printed.items():
    small = gm.Network(
        64,
        [gm.Dense(30, gm.sigmoid)] * hidden + [gm.Dense(10)],
        loss=gm.binary_cross_entropy,
    )
    starts = [gaussian_start(small, 1.0, 1.0, seed) for seed in range(20)]
    norms = [profile(small, start, x, y).bias_gradient for start in starts]
    ours = np.exp(np.log(norms).mean(axis=0))[:-1]
    print(hidden, "hidden layers")
    print("  book", "  ".join(f"{value:.4f}" for value in book))
    print("  ours", "  ".join(f"{value:.4f}" for value in ours))

# %% [markdown]
# The same to within what a single start scatters. His numbers come from one start each, ours
# from twenty.
#
# ## Does another loss help?
#
# For the last layer, yes. For the quotient of first and last, no: it does not know the loss.

# %%
for loss in (gm.squared_error, gm.binary_cross_entropy):
    last = gm.sigmoid if loss is gm.squared_error else gm.identity
    other = gm.Network(64, layers[:-1] + [gm.Dense(10, last)], loss=loss)
    seen = profile(other, params, x[:1], y[:1])
    first, hidden, end = seen.signal[[0, -2, -1], 0]
    print(f"{loss.entry.name:20s} last {end:.3f}  first {first:.2e}  ", end="")
    print(f"first/last hidden {first / hidden:.3e}")

# %% [markdown]
# The last column is nearly the same number twice. (It is not exactly the same, because ten
# outputs can send back different mixtures; in a chain of single neurons it would be.)
#
# ## Training what is left
#
# A hundred steps of plain descent. How far does each layer move, as a share of where it was?

# %%
kernel = gm.compile(gm.derive(net))
moved, losses = {name: value.copy() for name, value in params.items()}, []
for _ in range(100):
    loss, grads = kernel(moved, x, y)
    losses.append(float(loss))
    moved = {name: moved[name] - 0.5 * grads[name] for name in moved}
print(f"loss: {losses[0]:.3f} to {losses[-1]:.3f}")
for k in (1, 10, 20, 25, 29, 30):
    before, after = params[f"W{k}"], moved[f"W{k}"]
    share = np.linalg.norm(after - before) / np.linalg.norm(before)
    print(f"layer {k:2d} moved by {share:.1e} of its size")

# %% [markdown]
# The first layers did not move at all: what descent takes from their weights is smaller than the
# gap between two neighbouring numbers of the machine. The loss fell all the same, but the network
# learnt hardly anything: only how often each digit occurs. For that the last biases are enough. Here is the best loss that can be had without looking at the
# image at all.

# %%
often = y.mean(axis=0)
blind = -(often * np.log(often) + (1 - often) * np.log(1 - often)).sum()
print(f"without looking: {blind:.3f}")
a = profile(net, moved, x, y).z[-1].argmax(axis=1)
print(f"{np.mean(a == labels[:200]):.0%} of the images are classified rightly")

# %% [markdown]
# ## In half precision
#
# Round the gradients to half precision, as a careless program would, and count the zeros.

# %%
_, grads = kernel(params, x, y)
for k in (30, 25, 20, 15, 10, 5, 1):
    exact = grads[f"W{k}"]
    kept = exact.astype(np.float16)
    scaled = (exact * 2**14).astype(np.float16)
    zero = [np.mean(g == 0) for g in (exact, kept, scaled)]
    print(f"layer {k:2d}: double {zero[0]:4.0%}  half {zero[1]:4.0%}  ", end="")
    print(f"half, loss times 2^14 {zero[2]:4.0%}")

# %% [markdown]
# (Some entries of the first layer are zero in double precision as well: they belong to pixels that
# are white in every image. No input, no derivative.) Scaling the loss buys a few layers. It does not turn a network that vanishes into one that
# learns.
#
# ## Try it
#
# - Draw the weights with `weight=4.0`. The mean-field factor for narrow pre-activations would be
#   near one; why is it not?
# - Replace `gm.sigmoid` by `gm.tanh`, with `weight=1.0, bias=0.0`. What does `found.verdict` say
#   now?
# - Take only five layers and train again. Does it learn to look?
