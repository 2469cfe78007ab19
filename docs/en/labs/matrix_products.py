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
# title: "Lab: products of matrices"
# description: One matrix ten times, ten matrices once, and the difference it makes; singular values, rates and a recurrent net.
# ---
#
# # Lab: products of matrices
#
# A deep network without activations multiplies matrices, and so does the gradient on its way
# back. This lab repeats the example of the blog chapter that started this site, finds out
# what its printed result can be, and measures how fast products grow.

# %%
import numpy as np

from gradmath import figures
from gradmath.claims.exploding.printed import M as start
from gradmath.claims.exploding.printed import P as result
from gradmath.dynamics import products, recurrent

np.set_printoptions(precision=4, suppress=True, linewidth=78)

# %% [markdown]
# ## The example
#
# The blog chapter prints a matrix, and what it says the matrix becomes when it is executed ten
# times. The package keeps both, as printed.

# %%
M = np.array(start.matrix, dtype=float)
P = np.array(result.matrix, dtype=float)
print(M, P, sep="\n\n")

# %% [markdown]
# ## One matrix, ten times

# %%
print(np.linalg.matrix_power(M, 10))

# %% [markdown]
# That is nowhere near. The eigenvalues tell why: the largest of them is hardly above one in
# size, so the powers hardly grow.

# %%
radius = max(abs(np.linalg.eigvals(M)))
print(f"spectral radius {radius:.5f}")
print(f"largest entry of P {abs(P).max():.2f}")

# %% [markdown]
# Could the printed matrix be some *other* power of $M$? Every power of $M$ commutes with $M$.

# %%
apart = np.linalg.norm(M @ P - P @ M, 2)
print(f"norm of MP - PM: {apart:.1f}")

# %% [markdown]
# It does not commute, by far more than rounding could explain. The claims on the page about
# [how gradients explode](../chapter/exploding.md) turn this into a proof.
#
# ## Ten matrices, once each
#
# Now multiply ten *different* matrices with standard normal entries, and do that many times.

# %%
fresh = products.fresh(size=4, factors=10, draws=10_000, seed=0)
largest = abs(products.product_of(fresh)).max(axis=(1, 2))
reached = np.mean(largest >= abs(P).max())
print(f"{reached:.0%} of the products have one as large as P's")
quartiles = np.quantile(largest, [0.25, 0.5, 0.75]).round()
print("quartiles of the largest:", quartiles)

# %% [markdown]
# There it is. And there is a second mark. A long product is nearly of rank one: its first
# singular value is far larger than the others. Look at the rows of $P$; they are nearly
# multiples of each other. (Powers of one matrix get there as well, if one eigenvalue prevails;
# those of $M$ do so more slowly.)

# %%
tables = {"M": M, "its tenth power": np.linalg.matrix_power(M, 10), "P": P}
figures.images(
    tables,
    diverging=tuple(tables),
    title="The start, its tenth power, and the printed result",
    describe="The rows of the last one are multiples of each other.",
)

# %%
for name, matrix in tables.items():
    print(f"{name:16s}", np.linalg.svd(matrix, compute_uv=False))

# %% [markdown]
# ## How fast?
#
# Follow one vector through a hundred fresh matrices. The logarithm of its length is a sum of
# independent terms; the theory gives its mean exactly.

# %%
theory = products.exponents(4)
theory[0]

# %%
fresh = products.fresh(size=4, factors=100, draws=2000, seed=1)
grown = products.log_diagonals(fresh)[:, 0]
expected = 100 * float(theory[0]) / np.log(10)
found = grown / np.log(10)
print(f"theory:   {expected:.2f} decades in 100 factors")
print(f"measured: {found.mean():.2f}, spread {found.std():.2f}")

# %% [markdown]
# Every direction has a rate of its own.

# %%
measured = products.log_diagonals(fresh).mean(axis=0) / 100
for rate, found in zip(theory, measured, strict=True):
    print(f"theory {float(rate):8.4f}, measured {found:8.4f}")

# %% [markdown]
# ## The border
#
# With standard deviation $1/\sqrt{N}$ the mean square of the length is kept. The typical length
# is not: it is kept at a larger scale.

# %%
scales = (0.4, 0.5, products.critical_scale(4), 0.7)
for scale in scales:
    rate = float(products.exponents(4, scale)[0])
    print(f"s = {scale:.4f}: a factor {np.exp(rate):.3f} for each matrix")



# %%
def typical(scale):
    """The median norm of products of 0, 1, ..., 40 fresh matrices."""
    drawn = products.fresh(4, 40, 200, scale=scale, seed=2)
    norms = np.median(products.log_norms(drawn), axis=1)
    return np.exp([0.0, *norms])


figures.curves(
    {f"s = {scale:.3f}": typical(scale) for scale in scales},
    xlabel="factors",
    ylabel="median norm",
    log=True,
    title="Four scales",
    describe="Two curves fall, one stays level, one rises, all straight.",
)

# %% [markdown]
# ## The same matrix through time
#
# A recurrent net applies one matrix at every step. Here are three nets whose matrices differ
# in scale alone. How strongly does the last state depend on an earlier one?

# %%
nets = {}
for gain in (0.8, 1.2, 2.0):
    run = nets[gain] = recurrent.drawn(64, gain, steps=60, seed=0, drive=0.3)
    norm, left = np.linalg.norm(run.weight, 2), np.exp(run.log_norms()[-1])
    print(f"gain {gain}: norm {norm:.2f}, after 60 steps {left:.2g}")

# %%
figures.curves(
    {f"gain {g}": np.exp([0.0, *run.log_norms()]) for g, run in nets.items()},
    xlabel="lag",
    ylabel="norm of the gradient",
    log=True,
    title="The gradient against the lag",
    describe="One falls, one drifts down slowly, one rises.",
)

# %% [markdown]
# The norms of all three matrices are above one. That is needed for an explosion, and it is not
# enough.
#
# ## Try it
#
# - Multiply matrices whose entries are $+s$ or $-s$ at random. Where is the border now?
# - Use orthogonal matrices (the `q` of `np.linalg.qr`). What happens to the singular values?
# - Draw *one* normal matrix and repeat it. Compare its growth with its spectral radius.
# - Give the recurrent net stronger inputs, `drive=1.0`. Why do its gradients become smaller?
