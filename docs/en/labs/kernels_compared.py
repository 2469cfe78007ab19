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
# title: "Lab: kernels compared"
# description: One gradient as a program, and that program as NumPy, C, CUDA and JavaScript; what overflows, what cancels, and what the oracle says.
# ---
#
# # Lab: kernels compared
#
# `gm.compile` turns a derivation into a straight-line program, and prints that program in
# several languages. This lab puts the sources side by side, feeds them the numbers at which
# textbook formulas break, and asks the oracle about every answer. How fast they are is not a
# question for a page that is built on any machine, and is not asked here.

# %%
import re
import subprocess
import textwrap

import numpy as np
import sympy as sp

import gradmath as gm
from gradmath.kernels.cupy.cuda_readable import cuda_text
from gradmath.kernels.javascript.node import evaluate, node_program
from gradmath.kernels.javascript.runner import JavascriptRunner
from gradmath.kernels.native.text import native_text
from gradmath.kernels.numpy.runner import NumpyRunner
from gradmath.program import Builder, program_of
from gradmath.verify import oracle, ulps

# %% [markdown]
# ## One derivation, one program
#
# A single neuron, and the squared error of its output.

# %%
d = gm.derive(
    [("z", "w*x + b"), ("a", "sigmoid(z)"), ("L", "(a - y)**2")],
    wrt=["w", "b"],
)
d

# %% [markdown]
# The program does one operation a line, and each line once: the value and the slope of the
# sigmoid share a single exponential, of $-|z|$, which cannot overflow. The slope $s(1 - s)$ is
# nowhere to be seen. With $E = e^{-|z|}$ the program computes $E / (1 + E(2 + E))$, which is
# the same in mathematics and has no subtraction that could cancel.

# %%
program = program_of(d)
print(program.text())

# %% [markdown]
# ## The sources side by side
#
# Here is each line of the program as CUDA and as JavaScript, which take one sample at a time.
# The text of CUDA is written in a type `T` that is `float` or `double`; the values that come in
# are called `v`.

# %%
sources = {
    "program": program.text(),
    "CUDA": cuda_text(program),
    "JavaScript": gm.compile(d, backend="javascript").source,
}
ONE_LINE = re.compile(r"^\s*(?:const )?(?:T |bool )?t(\d+) = (.*?);?$", re.MULTILINE)
lines = {name: dict(ONE_LINE.findall(text)) for name, text in sources.items()}
steps = [k for k in lines["program"] if k in lines["JavaScript"]]
widths = {name: max(map(len, [name, *found.values()])) for name, found in lines.items()}


def shown(start, cells):
    """A line of the table."""
    columns = (cells[name].ljust(width) for name, width in widths.items())
    print("  ".join([start, *columns]).rstrip())


shown("     ", {name: name for name in lines})
for k in steps:
    shown(f"t{k:2s} =", {name: found.get(k, "") for name, found in lines.items()})

# %% [markdown]
# NumPy works on whole arrays, and what is cheap there is not what is cheap in a loop: a choice
# between two values costs as much as many additions. So the program is rewritten for NumPy before
# it is printed, within the same bound on errors. `near` does without the choice, by way of $e^z$;
# where that would overflow it says so, and those samples go to `block`. The last argument of a
# call is where the result goes: an array of the results, or a piece of memory, both used again as
# soon as they are free.

# %%
print(gm.compile(d, backend="numpy").source)

# %% [markdown]
# C for the host goes further. Divisions are slow, so $E(2 + E) + 1$ is read as the square of
# $1 + E$, and all divisions become products with one reciprocal. An exponential of what is never
# positive takes a shorter function of the package's own. All of this costs an ulp or two, for
# which the bound on errors leaves room. The loop also looks for NaN and infinity on its way. What
# follows it are tables for the code that calls it.

# %%
print(native_text(program).partition("static Loop")[0].rstrip())

# %% [markdown]
# The JavaScript source is a whole ES module: a web page can import it, as it stands
# [here](kernels_compared/neuron.mjs), and nothing else is needed. It begins like this.

# %%
print(sources["JavaScript"].partition("export")[0].rstrip())

# %% [markdown]
# ## Overflow
#
# Ask a computer algebra system for the slope of $1/(1 + e^{-z})$, and this is what it prints.

# %%
z = sp.Symbol("z", real=True)
sp.diff(1 / (1 + sp.exp(-z)), z)

# %% [markdown]
# At $z = -800$ the exponential is beyond the range of a double. What happens then is laid down
# by IEEE 754 and is the same in every language: infinity divided by infinity is NaN. The
# languages differ in what they *say*. NumPy warns, once; here we ask it to raise. C sets a flag
# that few programs look at, and JavaScript has no flag to set.

# %%
try:
    with np.errstate(all="raise"):
        E = np.exp(np.float64(800))
except FloatingPointError as error:
    print("NumPy, asked to raise:", error)
with np.errstate(all="ignore"):
    E = np.exp(np.float64(800))
    print("NumPy, asked to be silent:", E / (1 + E) ** 2)


def in_node(text):
    """What Node.js answers to one expression."""
    call = [node_program(), "--eval", f"console.log(String({text}))"]
    return subprocess.run(call, capture_output=True, text=True, check=True).stdout.strip()


print("JavaScript:", in_node("Math.exp(800) / (1 + Math.exp(800)) ** 2"))

# %% [markdown]
# The kernels never meet that number. Their slope at $-800$ is 0, the double that is nearest to
# the truth; and 100 units further in, where the truth is a number again, so is theirs.

# %%
slope = gm.derive([("a", "sigmoid(z)")], wrt=["z"])
BACKENDS = ("numpy", "array_api", "javascript")
kernels = {name: gm.compile(slope, backend=name) for name in BACKENDS}
for point in (-800.0, -700.0):
    for name, kernel in kernels.items():
        print(f"z = {point:.0f}, {name:10s}", kernel(z=point)[1]["z"])

# %% [markdown]
# ## Cancellation
#
# On the other side, for large positive $z$, the sigmoid is nearly 1, and $1 - s$ loses digits,
# then all of them. The error below is counted in units in the last place, *ulp*, of the true
# slope. The truth comes from the oracle: ball arithmetic on the definition, with as many bits
# as it takes.


# %%
def true_slope(point):
    """The slope of the sigmoid at an exact point, as a ball."""
    return oracle.taylor(1 / (1 + sp.exp(-z)), z, {z: point}, order=1)[1]


def textbook(point):
    """The slope as every textbook has it."""
    s = 1 / (1 + np.exp(-point))
    return s * (1 - s)


print(f"{'z':>5s} {'textbook':>12s}", *(f"{name:>12s}" for name in kernels), "  error in ulp")
for point in (1.0, 5.0, 10.0, 20.0, 35.0, 40.0, 700.0):
    true = true_slope(point)
    found = [textbook(point), *(kernel(z=point)[1]["z"] for kernel in kernels.values())]
    errors = (ulps.error(float(got), true, ulps.FLOAT64) for got in found)
    print(f"{point:5.0f}", *(f"{error:12.3g}" for error in errors))

# %% [markdown]
# In the last lines the textbook's answer is 0, and nothing is left of the slope. The others stay
# within a few ulp all the way.
#
# ## Single precision
#
# NumPy's kernels compute `float32` in `float32`, but for the exponential, which goes through
# double precision. JavaScript has no arithmetic in single precision. Its kernels compute in
# double and round once, when the result is stored; this is what `Math.fround` does too. So they
# are within half an ulp, or a hair more.

# %%
points = np.linspace(-80, 80, 641, dtype=np.float32)
truths = [true_slope(float(point)) for point in points]
for name, kernel in kernels.items():
    found = kernel(z=points)[1]["z"]
    worst = max(map(ulps.error, found.tolist(), truths, [ulps.FLOAT32] * len(truths)))
    print(f"{name:10s} {found.dtype}: at most {worst:.2f} ulp")

# %% [markdown]
# ## What the kernels count on
#
# A kernel is only as good as the functions it calls. The standard of JavaScript promises no
# accuracy for them: their results are *implementation-approximated*. So they are measured: a
# program of one instruction, run by NumPy and by the engine of Node.js, against the oracle.

# %%
random = np.random.Generator(np.random.PCG64(0))
sizes = 2.0 ** random.uniform(-30, 4, 400)
inputs = np.concatenate([random.uniform(-4, 4, 400), sizes, -sizes])
FUNCTIONS = {
    "exp": sp.exp(z),
    "expm1": sp.exp(z) - 1,
    "log1p": sp.log(1 + z),
    "tanh": sp.tanh(z),
}


def worst(op, make):
    """The largest error of one instruction, in ulp."""
    builder = Builder()
    alone = builder.build({"value": builder.emit(op, builder.input("z", ("*",)))}, ["z"])
    chosen = inputs[inputs > -1] if op == "log1p" else inputs
    found, _ = make(alone).run({"z": chosen}, {"*": chosen.shape}, np.float64, {})
    at = zip(found["value"].tolist(), chosen.tolist(), strict=True)
    truth = FUNCTIONS[op]
    return max(ulps.error(got, oracle.value(truth, {z: x}), ulps.FLOAT64) for got, x in at)


for op in FUNCTIONS:
    found = worst(op, NumpyRunner), worst(op, JavascriptRunner)
    print(f"{op:6s} NumPy {found[0]:.2f} ulp, V8 {found[1]:.2f} ulp")

# %% [markdown]
# A derivative is allowed an error of $4(1 + k)$ ulp, with the condition number $k$. That leaves
# room for a handful of such calls. Other engines have other libraries; the table above is worth
# repeating in the browser that you care about.
#
# ## The oracle's verdict
#
# Now the whole kernel of the neuron, loss and gradients, in double and in single precision, at
# points of ordinary size and in the tails, for each sample and reduced.

# %%
for name in BACKENDS:
    report = gm.verify(gm.compile(d, backend=name))
    report.require()
    print(f"{name}: {len(report.rows)} rows, all passed")
report

# %% [markdown]
# Would the oracle notice? Here is the same neuron as one would write it by hand in JavaScript.

# %%
by_hand = """
export function evaluate({ w, x, b, y }, { samples }, store) {
  const results = [new store(samples), new store(samples), new store(samples)];
  for (let i = 0; i < samples; i += 1) {
    const a = 1 / (1 + Math.exp(-(w[i] * x[i] + b[i])));
    const slope = 2 * (a - y[i]) * a * (1 - a);
    results[0][i] = (a - y[i]) ** 2;
    results[1][i] = slope * x[i];
    results[2][i] = slope;
  }
  return { results, refused: [] };
}
"""


def written_by_hand(values, reduce=None):
    """The module above, on arrays of one length."""
    count, kind = values["x"].size, values["x"].dtype
    (loss, by_w, by_b), _ = evaluate(by_hand, values, {"samples": count}, kind)
    return loss, {"w": by_w, "b": by_b}


written_by_hand.derivation = d
try:
    gm.verify(written_by_hand).require()
except gm.GradmathError as error:
    for line in str(error).splitlines():
        print(textwrap.fill(line, width=80, subsequent_indent="  "))

# %% [markdown]
# ## C and CUDA
#
# To build this page takes neither a C compiler nor a GPU, so these two sources were printed and
# not run. Where there is a compiler, `gm.compile(d, backend="native")` is the kernel in C,
# and the tests hold it against the same oracle. What is tested of CUDA without a device, and
# what was run on one, is told on the page about the
# [design](../reference/design.md#backends).
#
# ## Try it
#
# - Use `tanh` in place of `sigmoid`. Which lines change, and which function of the table above
#   is called now?
# - Save `gm.compile(d, backend="javascript").source` as `kernel.mjs` and import it in a page:
#   `run({ x: 1, y: 0, w: 0.5, b: 0.1 })`.
# - Compile a `gm.Network` to JavaScript. Where do the matrices go?
# - Make `by_hand` pass.
