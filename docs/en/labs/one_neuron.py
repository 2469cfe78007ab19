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
# title: "Lab: one neuron on real data"
# description: Derive the gradient of one neuron, compile it, train it on handwritten digits, watch it, and verify it.
# ---
#
# # Lab: one neuron on real data
#
# In this lab a single sigmoid neuron learns to tell a handwritten *0* from a handwritten *1*.
# We derive its gradient, turn it into code, check that code, train with it, and then try the
# update rule that the [errata](../errata.md#what-the-published-update-does) warn of. Everything
# below was run when this page was built; a link at the end of the page downloads the lab, so
# that you can run it yourself.

# %%
import numpy as np
from sklearn.datasets import load_digits

import gradmath as gm
from gradmath import figures

# %% [markdown]
# ## The data
#
# The digits come with scikit-learn: small grey images of eight by eight pixels. We keep the
# zeros and the ones, and scale the grey values to lie between zero and one. The target is one
# for a *1*.

# %%
images, labels = load_digits(return_X_y=True)
keep = labels < 2
x = images[keep] / images.max()
y = labels[keep].astype(float).reshape(-1, 1)
print(f"{len(x)} images of {x.shape[1]} pixels; {y.mean():.0%} are ones")

# %% [markdown]
# ## Derive
#
# The neuron is a network with one layer and one output.

# %%
net = gm.Network(
    inputs=x.shape[1],
    layers=[gm.Dense(1, gm.sigmoid)],
    loss=gm.squared_error,
)
d = gm.derive(net)
d

# %% [markdown]
# The steps read as on the page about [the chain rule](../chapter/chain-rule.md): forwards the
# values, backwards the adjoints, and at the end one gradient for each parameter, with its
# shape.
#
# ## Compile
#
# `gm.compile` turns the derivation into NumPy functions. The source is meant to be read: `near`
# computes most samples, `block` those few whose exponential would overflow in `near`.

# %%
kernel = gm.compile(d, backend="numpy")
print(kernel.source)

# %% [markdown]
# ## Verify before use
#
# The report compares the derivation with oracles that share no code with it. `require()` would
# stop this page from building if a single row did not pass.

# %%
report = gm.verify(d)
report.require()
report

# %% [markdown]
# ## Train
#
# Start from zero, where the neuron answers one half to everything, and take steps against the
# gradient. We keep the loss and the norm of the gradient at each step.


# %%
def descend(gradient, steps=300, eta=1.0):
    """Descent from zero; `gradient` returns the loss and what to subtract."""
    params = {"W1": np.zeros((1, x.shape[1])), "b1": np.zeros(1)}
    losses, norms = [], []
    for _ in range(steps):
        loss, grads = gradient(params)
        losses.append(float(loss))
        squares = [np.sum(grads[name] ** 2) for name in params]
        norms.append(float(np.sqrt(sum(squares))))
        params = {name: params[name] - eta * grads[name] for name in params}
    return params, np.array(losses), np.array(norms)


right, right_loss, right_norm = descend(lambda params: kernel(params, x, y))
print(f"loss: {right_loss[0]:.4f} to {right_loss[-1]:.4f}")
print(f"norm of the gradient: {right_norm[0]:.4f} to {right_norm[-1]:.4f}")

# %% [markdown]
# The gradient became small here *because the task is solved*: the residuals are small. That is
# not a vanishing gradient. A neuron that is saturated and wrong has just as small a gradient
# and a loss that stays high, so the norm alone cannot tell the two apart. Look at the loss,
# too.

# %%
a = gm.sigmoid(x @ right["W1"].T + right["b1"])
share = np.mean((a > 0.5) == (y > 0.5))
print(f"{share:.1%} of these images are on the right side of one half")

# %% [markdown]
# What has the neuron learnt? There is one weight for each pixel, so the weights form a picture:
# the more positive, the more ink there speaks for a *1*.

# %%
figures.images(
    {
        "a zero": x[0].reshape(8, 8),
        "a one": x[1].reshape(8, 8),
        "the weights": right["W1"].reshape(8, 8),
    },
    diverging=("the weights",),
    title="Two digits and the learnt weights",
    describe="Positive in the middle, negative where a zero has its ring.",
)

# %% [markdown]
# ## The published rule
#
# Now the rule with twice the loss entry in place of twice the residual. Only one factor
# differs.


# %%
def published(params):
    """What is subtracted with `2 l` for `2 (a - y)`; the loss is the true one."""
    z = x @ params["W1"].T + params["b1"]
    entry = (gm.sigmoid(z) - y) ** 2
    delta = 2 * entry * gm.sigmoid.derivative(z) / len(x)
    return entry.mean(), {"W1": delta.T @ x, "b1": delta.sum(axis=0)}


wrong, wrong_loss, wrong_norm = descend(published)
print(f"loss: {wrong_loss[0]:.4f} to {wrong_loss[-1]:.4f}")

# %%
figures.curves(
    {"right rule": right_loss, "published rule": wrong_loss},
    xlabel="step",
    ylabel="loss",
    title="The loss under the two rules",
    describe="One falls towards zero, the other rises to about one half.",
)

# %%
figures.curves(
    {"right rule": right_norm, "published rule": wrong_norm},
    xlabel="step",
    ylabel="norm of what is subtracted",
    log=True,
    title="The norm of what is subtracted in each step",
    describe="Both fall by orders of magnitude, whatever was learnt.",
)

# %% [markdown]
# With the published rule the loss climbs, and the norm shrinks all the same: the neuron
# saturates on the wrong side for half of the images, and then nothing moves any more.
#
# ## Try it
#
# - Use `keep = labels >= 0` and the target `labels == 1`. The published rule now *lowers* the
#   loss. What has the neuron learnt? (Compute the share of ones that it recognises.)
# - Start from weights of size 5 drawn at random. How does the norm of the gradient begin?
# - Replace `gm.sigmoid` by `gm.tanh` and the targets by -1 and 1.
