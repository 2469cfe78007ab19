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
# `gm.derive` takes named equations, one a line, and answers with the chain rule written out.
# This lab goes through a few chains, from one link to paths that meet, and ends with what
# happens when something is wrong: in the input, or in a gradient.

# %%
import textwrap

import sympy as sp

import gradmath as gm

# %% [markdown]
# ## One link after another
#
# Each equation may use the names before it. The last one is the output; `wrt` says what to
# differentiate by.

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
# A residual connection adds the input to what a layer made of it. The input now reaches the
# output along two paths, and their contributions add: watch for the sum in the gradient of `x`.

# %%
residual = gm.derive(
    [("h", "tanh(w*x)"), ("r", "x + h"), ("L", "(r - y)**2")],
    wrt=["w", "x"],
)
residual

# %% [markdown]
# ## Not only neurons
#
# The chain rule does not care what the functions are. Here is the logarithm of a bell curve, up
# to a constant, and its slope in the centre `m` and in `r`, the logarithm of the width. (A
# width must be positive; its logarithm may be any number, which is why programs prefer it.)

# %%
bell = gm.derive(
    [("u", "(x - m)*exp(-r)"), ("logp", "-u**2/2 - r")],
    wrt=["m", "r"],
)
bell

# %% [markdown]
# Equations may be SymPy expressions, too.

# %%
t, k, T, m = sp.symbols("t k T m", real=True)
cooling = gm.derive([("T", sp.exp(-k * t)), ("E", (T - m) ** 2)], wrt=["k"])
cooling

# %% [markdown]
# ## To numbers
#
# Compile a derivation and give each symbol a value. Arrays broadcast; `reduce` says what to do
# with many samples.

# %%
kernel = gm.compile(d)
x, y = [0.5, 1.0, 2.0], [1.0, 0.0, 1.0]
loss, grads = kernel(x=x, y=y, w=0.5, b=0.1, reduce="mean")
print("loss", loss)
for name, value in grads.items():
    print("dL/d" + name, value)

# %% [markdown]
# ## Verify
#
# Is it right? The report checks every local derivative and then the product, against oracles
# that evaluate the *definition* with as many digits as it takes. Each row says how, at how many
# points, and how large the worst error was.

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
# An error names the argument, what came, what is allowed, and the remedy. First a slip of the
# finger:


# %%
def show(error):
    """Print a message in lines of a page's width."""
    for line in str(error).splitlines():
        print(textwrap.fill(line, width=80, subsequent_indent="  "))


try:
    gm.derive([("z", "w*x"), ("a", "sigmiod(z)")], wrt=["w"])
except gm.GradmathError as error:
    show(error)

# %% [markdown]
# A name that is used before its line:

# %%
try:
    gm.derive([("a", "sigmoid(z)"), ("z", "w*x")], wrt=["w"])
except gm.GradmathError as error:
    show(error)

# %% [markdown]
# A name that is not there to differentiate by:

# %%
try:
    gm.derive([("z", "w*x"), ("a", "sigmoid(z)")], wrt=["v"])
except gm.GradmathError as error:
    show(error)

# %% [markdown]
# And an equation that wants to be a program. Text is read against a short list of what is
# allowed; it is never evaluated.

# %%
try:
    gm.derive([("z", "__import__('os')")], wrt=["z"])
except gm.GradmathError as error:
    show(error)

# %% [markdown]
# ## A wrong gradient, caught
#
# A check is worth something only if it can fail. `gm.verify` takes any function that says in
# its `derivation` what it claims to compute. Here is one with a slip that we have seen on a
# [chapter page](../chapter/chain-rule.md): twice the loss in place of twice the residual, so
# that every derivative has one factor $a - y$ too many.


# %%
def slipped(values, reduce=None):
    """The published update: `2 (a - y)**2` where `2 (a - y)` belongs."""
    loss, grads = kernel(values, reduce=reduce)
    residual = gm.sigmoid(values["w"] * values["x"] + values["b"]) - values["y"]
    return loss, {name: value * residual for name, value in grads.items()}


slipped.derivation = d
try:
    gm.verify(slipped).require()
except gm.GradmathError as error:
    show(error)

# %% [markdown]
# The message names the derivative, the point, what came out and what should have. Note that the
# *loss* of this function is perfectly right, and so a training run would report a believable
# number.
#
# ## Right on paper, wrong in the machine
#
# The second slip is harder to see, since the formula is correct. It writes the slope of the
# sigmoid as $s(1 - s)$, as every textbook does. In floating point $1 - s$ cancels when the
# neuron is saturated, and then digits are lost, or all of them.


# %%
def textbook(values, reduce=None):
    """The right formula, with the slope computed as `s * (1 - s)`."""
    loss, grads = kernel(values, reduce=reduce)
    s = gm.sigmoid(values["w"] * values["x"] + values["b"])
    by_b = 2 * (s - values["y"]) * s * (1 - s)
    return loss, {"w": by_b * values["x"], "b": by_b}


textbook.derivation = d
try:
    gm.verify(textbook).require()
except gm.GradmathError as error:
    show(error)

# %% [markdown]
# The compiled kernel of this lab computes the same slope from the exponential alone, without a
# subtraction, and passes:

# %%
gm.verify(kernel)

# %% [markdown]
# ## Try it
#
# - Add a second neuron to the first chain, with weights of its own, and derive again. How many
#   adjoints are there now?
# - Use `relu` in place of `sigmoid`. What does the report say about the point where ReLU has
#   its kink?
# - Plant a slip of your own in `slipped`: a lost factor of two, or $\sigma'(x)$ for
#   $\sigma'(z)$. Is it caught?
