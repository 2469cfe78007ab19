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
# title: "Lab: derive your own chain"
# description: Write a chain of named equations, see its gradient as steps, compile it, verify it, and catch a wrong one.
# ---
#
# # Lab: derive your own chain
#
# `gm.derive` takes named equations, one a line, and answers with the chain rule written out. This lab
# goes through a few chains, from one link to paths that meet, and ends with what happens when
# something is wrong: in the input, or in a gradient.

# %%
import sympy as sp

import gradmath as gm

# %% [markdown]
# ## One link after another
#
# Each equation may use the names before it. The last one is the output; `wrt` says what to differentiate by.

# %%
d = gm.derive(
    [("z", "w*x + b"), ("a", "sigmoid(z)"), ("L", "(a - y)**2")],
    wrt=["w", "b"],
)
d

# %% [markdown]
# The gradient is given in the named quantities of the chain, as one would write it on paper.

# %%
d.gradient["w"]

# %% [markdown]
# If you want it in the inputs alone, ask for the explicit form. It is longer, and no wiser.

# %%
d.explicit("w")

# %% [markdown]
# ## Paths that meet
#
# A residual connection adds the input to what a layer made of it. The input now reaches the output along two
# paths, and their contributions add: watch for the sum in the adjoint of `x`.

# %%
residual = gm.derive(
    [("h", "tanh(w*x)"), ("r", "x + h"), ("L", "(r - y)**2")],
    wrt=["w", "x"],
)
residual

# %% [markdown]
# ## Not only neurons
#
# The chain rule does not care what the functions are. Here is the logarithm of a bell curve, up to a constant, and its slope
# in the centre `m` and in the width `s`.

# %%
bell = gm.derive([("u", "(x - m)/s"), ("logp", "-u**2/2 - log(s)")], wrt=["m", "s"])
bell

# %% [markdown]
# Equations may be SymPy expressions, too.

# %%
t, k = sp.symbols("t k", real=True)
cooling = gm.derive([("T", sp.exp(-k * t)), ("E", (sp.Symbol("T") - sp.Symbol("m")) ** 2)], wrt=["k"])
cooling

# %% [markdown]
# ## To numbers
#
# Compile a derivation and give each symbol a value. Arrays broadcast; `reduce` says what to do with many samples.

# %%
kernel = gm.compile(d)
loss, grads = kernel(x=[0.5, 1.0, 2.0], y=[1.0, 0.0, 1.0], w=0.5, b=0.1, reduce="mean")
print("loss", loss)
for name, value in grads.items():
    print("dL/d" + name, value)

# %% [markdown]
# ## Verify
#
# Is it right? The report checks every local derivative and then the product, against oracles that evaluate the
# *definition* with as many digits as it takes. Each row says how, at how many points, and how large the worst error was.

# %%
report = gm.verify(d)
report

# %%
for chain in (residual, bell, cooling):
    gm.verify(chain).require()
print("all three passed")

# %% [markdown]
# ## Bad input
#
# An error names the argument, what came, what is allowed, and the remedy. First a slip of the finger:

# %%
try:
    gm.derive([("z", "w*x"), ("a", "sigmiod(z)")], wrt=["w"])
except gm.GradmathError as error:
    print(error)

# %% [markdown]
# A name that is used before its line:

# %%
try:
    gm.derive([("a", "sigmoid(z)"), ("z", "w*x")], wrt=["w"])
except gm.GradmathError as error:
    print(error)

# %% [markdown]
# A name that is not there to differentiate by:

# %%
try:
    gm.derive([("z", "w*x"), ("a", "sigmoid(z)")], wrt=["v"])
except gm.GradmathError as error:
    print(error)

# %% [markdown]
# And an equation that wants to be a program. Text is read against a short list of what is allowed; it is never evaluated.

# %%
try:
    gm.derive([("z", "__import__('os')")], wrt=["z"])
except gm.GradmathError as error:
    print(error)

# %% [markdown]
# ## A wrong gradient, caught
