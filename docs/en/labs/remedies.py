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
# title: "Lab: remedies compared"
# description: Two deep networks that fail on real digits for opposite reasons, one remedy at a time, and then your own combinations.
# ---
#
# # Lab: remedies compared
#
# The page on [remedies](../chapter/remedies.md) puts two networks through one experiment. Here is
# the experiment itself, to be looked into and changed. It has two *settings*, in which gradients
# vanish or explode, and a list of *arms*, each of which changes one thing (or says that it changes
# more). Everything below was run when this page was built; a link at the end downloads the lab.

# %%
from dataclasses import replace

import numpy as np

import gradmath as gm
from gradmath import figures
from gradmath.dynamics import ten_digits
from gradmath.dynamics.layers import profile
from gradmath.dynamics.remedies import (
    ARMS,
    SETTINGS,
    arranged,
    first_parameters,
    network,
)
from gradmath.dynamics.training import Plan, targets, train

data = ten_digits()
for name, setting in SETTINGS.items():
    *_, hidden, last = (str(each) for each in network(setting).layers)
    print(f"{name}: layers of {hidden}, the last {last}")
    print(f"  loss {setting.loss}, start {setting.start}, step {setting.step}")

# %% [markdown]
# ## Before training
#
# What reaches the first layer, as a share of what reaches the last? No training is needed to ask,
# so let us ask every arm. (Clipping and penalties change nothing before the first update, and
# pretraining has yet to begin.)


# %%
def at_start(chosen, seed=0):
    """The network of a setting at its start, layer by layer."""
    net = network(chosen)
    params = first_parameters(chosen, net, data, seed)
    x, digit = data.x[:250], data.digit[:250]
    return profile(net, params, x, targets(net, digit))


for setting in SETTINGS:
    print(setting)
    for arm in ARMS:
        signal = at_start(arranged(setting, arm)).rms_signal
        print(f"   {ARMS[arm].titles['en']:26s} {signal[0] / signal[-1]:9.2e}")

# %% [markdown]
# Read the two lists against each other. Residual connections lift the signal in the second list as
# they do in the first; there it was too large already, so they make the explosion worse. What helps
# in both moves the factor of a layer towards one from either side: a start of the right scale does
# that, and tanh by itself goes part of the way, since it saturates where the signal is large.
#
# ## A closer look at one that fails
#
# `gm.diagnose` looks at the network as a training would meet it, with the step that it will take.

# %%
chosen = SETTINGS["exploding"]
net = network(chosen)
gm.diagnose(
    net,
    first_parameters(chosen, net, data, 0),
    data.x[:250],
    targets(net, data.digit[:250]),
    step=chosen.step,
)

# %% [markdown]
# The signal grows on its way back, though not yet by as much as it takes for the verdict
# *exploding*. What the diagnosis objects to is the step that is made of it: the first one alone would
# change whole layers by a large part of their weights.
#
# ## Training
#
# One training takes about half a second on a quiet machine. Here are four of the vanishing network:
# the loss of each batch, averaged over twenty.


# %%
def trained(chosen, seed=0):
    """One training of a setting, from the start that belongs to the seed."""
    net = network(chosen)
    plan = Plan(
        step=chosen.step,
        updates=chosen.updates,
        batch=chosen.batch,
        clip=chosen.clip,
        penalty=chosen.penalty,
        seed=1000 + seed,
    )
    return train(net, first_parameters(chosen, net, data, seed), data, plan)


runs = {}
for arm in ("none", "clip-norm", "relu", "tanh-xavier"):
    runs[arm] = trained(arranged("vanishing", arm))
    print(f"{ARMS[arm].titles['en']:20s} accuracy {runs[arm].final_accuracy:.3f}")

# %%
figures.curves(
    {
        ARMS[arm].titles["en"]: run.batch_loss.reshape(-1, 20).mean(axis=1)
        for arm, run in runs.items()
    },
    xlabel="updates, in twenties",
    ylabel="loss",
    title="Four trainings of the vanishing network",
    describe="Two curves stay level, one falls late, one falls at once.",
)

# %% [markdown]
# Clipping and no remedy lie on top of each other: what is never too long is never cut.
#
# ## Is it only slow?
#
# A fair question about every row that stays at guessing: would it learn in the end? The remedy was
# given no step of its own and few updates. Let us be generous, in two ways.

# %%
vanishing = SETTINGS["vanishing"]
trials = {
    "step x 10": replace(vanishing, step=5.0),
    "step x 100": replace(vanishing, step=50.0),
    "LSUV, updates x 10": replace(vanishing, start="lsuv", updates=6000),
}
for words, chosen in trials.items():
    print(f"{words:18s} accuracy {trained(chosen).final_accuracy:.3f}")

# %% [markdown]
# A longer step does not replace a gradient: it throws the last layer into saturation before the
# first has moved. But LSUV, which looked useless, learns if it is given time. *Stays at guessing*
# always means: in so many updates, with this step.
#
# ## Two at a time
#
# Residual connections alone also stay at guessing, although they bring the gradient back better
# than any other single change. What is in their way?

# %%
pairs = {
    "residual": {"residual": True},
    "matching loss": {"last": "identity", "loss": "softmax_cross_entropy"},
}
pairs["both"] = pairs["residual"] | pairs["matching loss"]
for words, changes in pairs.items():
    run = trained(replace(vanishing, **changes))
    before, after = run.signal[[0, -1], -1]
    print(f"{words}: accuracy {run.final_accuracy:.3f}")
    print(f"  signal at the last layer {before:.3f} -> {after:.3f}")

# %% [markdown]
# The residual network alone loses its signal at the *last* layer: its sums grow, and the last
# sigmoid saturates. The matching loss alone mends the last layer and nothing behind it. Each
# removes what made the other useless. That is the rule rather than the exception: a product of
# factors is small if *one* of them is.
#
# ## What clipping costs
#
# In the exploding network, clipping by norm saves the training. A start of the right scale does
# so too, and does not need it. How often does clipping act?

# %%
exploding = SETTINGS["exploding"]
for start in ("large", "he"):
    for clip in (None, ("norm", 1.0)):
        run = trained(replace(exploding, start=start, clip=clip))
        norm = np.sqrt((run.weight_gradient**2).sum(axis=1))
        cut = "clipped" if clip else "not clipped"
        print(f"start {start}, {cut}: accuracy {run.final_accuracy:.3f}")
        print(f"  gradient norm {norm[0]:.2f} -> {norm[-1]:.2f}")

# %% [markdown]
# ## Try it
#
# - Give the exploding network a step a hundred times as short and no other remedy. Does it learn?
#   What has clipping done that a short step has not?
# - Combine ReLU, the He start and clipping. Is there anything left to win?
# - Use `tanh` with the large start, `replace(exploding, activation="tanh")`. The signal still
#   explodes; why does it learn?
