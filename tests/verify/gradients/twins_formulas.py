"""Losses, penalties, normalisation and clipping for a few entries; tails; second derivatives."""

from __future__ import annotations

import sympy as sp
from sympy import Abs, Max, Min, Piecewise, Rational, exp, log, sign, sqrt

from tests.verify.gradients.twins import Twin, wrong

z, u = sp.symbols("z u", real=True)
delta = sp.Symbol("delta", positive=True)
g1, g2 = sp.symbols("g1 g2", real=True)
x1, x2, x3 = xs = sp.symbols("x1 x2 x3", real=True)
w, lam = sp.symbols("w lam", real=True)

S = 1 / (1 + exp(-z))
DS = exp(-z) / (1 + exp(-z)) ** 2

NEURON = "(sigmoid(w*x + b) - y)**2"
RESIDUAL = "2*(sigmoid(w*x + b) - y)"
SLOPE = "sigmoid(w*x + b)*(1 - sigmoid(w*x + b))"
BOX = {"w": (-3, 3), "x": (-3, 3), "b": (-3, 3), "y": (-2, 2)}

HUBER = Piecewise((u**2 / 2, Abs(u) <= delta), (delta * (Abs(u) - delta / 2), True))
NORM = sqrt(g1**2 + g2**2)
CLIPPED = g1 * Min(1, 1 / NORM)
MEAN = (x1 + x2 + x3) / 3
SPREAD = sqrt(((x1 - MEAN) ** 2 + (x2 - MEAN) ** 2 + (x3 - MEAN) ** 2) / 3 + Rational(1, 100))
NORMED = (x1 - MEAN) / SPREAD

LOSSES = (
    Twin("squared-error", "text", "(a - y)**2", ("2*(a - y)", "2*a - 2*y"), (
        wrong("wrong-place", "2*(a - y)**2", "the loss for the residual"),
        wrong("lost-factor", "a - y", "the 2"),
        wrong("flipped-sign", "2*(y - a)", "the residual turned round"),
        wrong("wrong-branch", "2*abs(a - y)", "the absolute residual"),
        wrong("doubled-factor", "2.0002*(a - y)", "a hundredth of a percent too much"),
    ), wrt="a"),
    Twin("neuron", "text", NEURON,
         ({"w": f"{RESIDUAL}*{SLOPE}*x", "b": f"{RESIDUAL}*{SLOPE}"},
          [f"{RESIDUAL}*{SLOPE}*x", f"{RESIDUAL}*{SLOPE}"]), (
        wrong("lost-factor", {"w": f"{RESIDUAL}*x", "b": f"{RESIDUAL}*{SLOPE}"}, "the slope in w"),
        wrong("lost-factor", {"w": f"{RESIDUAL}*{SLOPE}", "b": f"{RESIDUAL}*{SLOPE}"}, "x in w"),
        wrong("doubled-factor", {"w": f"{RESIDUAL}*{SLOPE}*x", "b": f"{RESIDUAL}*{SLOPE}*x"},
              "x in b too"),
        wrong("wrong-place", {"w": f"{RESIDUAL}*sigmoid(x)*(1 - sigmoid(x))*x",
                              "b": f"{RESIDUAL}*{SLOPE}"}, "the slope at x"),
        wrong("defaults-only", {"w": f"{RESIDUAL}*sigmoid(w*x)*(1 - sigmoid(w*x))*x",
                                "b": f"{RESIDUAL}*{SLOPE}"}, "right for b = 0"),
        wrong("defaults-only", {"w": f"2*(sigmoid(x + b) - y)*{SLOPE}*x",
                                "b": f"{RESIDUAL}*{SLOPE}"}, "right for w = 1"),
        wrong("wrong-place", {"w": f"2*{NEURON}*{SLOPE}*x", "b": f"{RESIDUAL}*{SLOPE}"},
              "the published update: the loss for the residual"),
        wrong("reordered", [f"{RESIDUAL}*{SLOPE}", f"{RESIDUAL}*{SLOPE}*x"], "w and b exchanged"),
    ), wrt=["w", "b"], domain=BOX),
    Twin("neuron-by-input", "text", NEURON, (f"{RESIDUAL}*{SLOPE}*w",), (
        wrong("wrong-place", f"{RESIDUAL}*{SLOPE}*x", "x for w"),
        wrong("defaults-only", f"{RESIDUAL}*{SLOPE}", "right for w = 1"),
    ), wrt="x", domain=BOX),
    Twin("absolute-error", "sympy", Abs(u), (sign(u), Piecewise((1, u > 0), (-1, True))), (
        wrong("wrong-branch", sp.Integer(1), "one branch for all"),
        wrong("wrong-place", u, "that of the square"),
        wrong("flipped-sign", -sign(u), "the sign"),
        wrong("wrong-branch", Max(sign(u), 0), "nothing on the left"),
    ), wrt=u),
    Twin("huber", "sympy", HUBER, (Max(-delta, Min(u, delta)),), (
        wrong("wrong-branch", u, "the inner branch for all"),
        wrong("defaults-only", Max(-1, Min(u, 1)), "delta = 1"),
        wrong("wrong-branch", delta * sign(u), "the outer branch for all"),
        wrong("flipped-sign", Max(-delta, Min(-u, delta)), "the sign"),
    ), wrt=u, domain={"u": (-20, 20), "delta": (Rational(1, 4), 6)}),
    Twin("cross-entropy", "text", "-(y*log(p) + (1 - y)*log(1 - p))", ("(p - y)/(p*(1 - p))",), (
        wrong("dropped-chain-factor", "p - y", "that with respect to the logit"),
        wrong("flipped-sign", "(y - p)/(p*(1 - p))", "the sign"),
        wrong("wrong-branch", "-y/p", "the positive class alone"),
        wrong("flipped-sign", "-y/p - (1 - y)/(1 - p)", "the sign of 1 - p"),
    ), wrt="p", domain={"p": sp.Interval.open(0, 1), "y": (0, 1)}),
    Twin("cross-entropy-of-logits", "text", "softplus(z) - y*z", ("sigmoid(z) - y",), (
        wrong("doubled-factor", "(sigmoid(z) - y)*sigmoid(z)*(1 - sigmoid(z))", "the slope again"),
        wrong("flipped-sign", "y - sigmoid(z)", "the sign"),
        wrong("wrong-place", "z - y", "the logit for the probability"),
        wrong("defaults-only", "sigmoid(z) - 1", "right for y = 1"),
    ), wrt="z", domain={"z": (-30, 30), "y": (0, 1)}),
    Twin("softmax-cross-entropy", "text", "log(exp(z1) + exp(z2) + exp(z3)) - z1",
         ({"z1": "exp(z1)/(exp(z1) + exp(z2) + exp(z3)) - 1",
           "z2": "exp(z2)/(exp(z1) + exp(z2) + exp(z3))"},), (
        wrong("lost-factor", {"z1": "exp(z1)/(exp(z1) + exp(z2) + exp(z3))",
                              "z2": "exp(z2)/(exp(z1) + exp(z2) + exp(z3))"}, "the -1"),
        wrong("wrong-branch", {"z1": "exp(z1)/(exp(z1) + exp(z2) + exp(z3)) - 1",
                               "z2": "exp(z2)/(exp(z1) + exp(z2) + exp(z3)) - 1"}, "-1 for all"),
        wrong("wrong-place", {"z1": "exp(z1)/(exp(z2) + exp(z3)) - 1",
                              "z2": "exp(z2)/(exp(z1) + exp(z2) + exp(z3))"}, "a shorter sum"),
    ), wrt=["z1", "z2"], domain={"z1": (-9, 9), "z2": (-9, 9), "z3": (-9, 9)}),
    Twin("softmax-jacobian-entry", "text", "exp(z1)/(exp(z1) + exp(z2))",
         ("-exp(z1)*exp(z2)/(exp(z1) + exp(z2))**2",), (
        wrong("flipped-sign", "exp(z1)*exp(z2)/(exp(z1) + exp(z2))**2", "that on the diagonal"),
        wrong("lost-factor", "-exp(z1)/(exp(z1) + exp(z2))**2", "exp(z2)"),
        wrong("wrong-place", "-exp(z1)**2/(exp(z1) + exp(z2))**2", "z1 for z2"),
    ), wrt="z2", domain={"z1": (-9, 9), "z2": (-9, 9)}),
    Twin("l2-penalty", "text", "lam/2*w**2", ("lam*w",), (
        wrong("lost-factor", "lam", "w"),
        wrong("doubled-factor", "2*lam*w", "the 1/2"),
        wrong("wrong-branch", "lam*abs(w)", "the sign of w"),
    ), wrt="w"),
    Twin("l1-penalty", "sympy", lam * Abs(w), (lam * sign(w),), (
        wrong("wrong-branch", lam, "the sign of w"),
        wrong("wrong-place", lam * w, "that of the square"),
        wrong("flipped-sign", -lam * sign(w), "the sign"),
    ), wrt=w),
    Twin("mean-of-a-batch", "text", "((w*x1 - y1)**2 + (w*x2 - y2)**2)/2",
         ("(w*x1 - y1)*x1 + (w*x2 - y2)*x2",), (
        wrong("missing-mean", "2*(w*x1 - y1)*x1 + 2*(w*x2 - y2)*x2", "1/n"),
        wrong("dropped-chain-factor", "(w*x1 - y1)*x1", "the second sample"),
        wrong("wrong-layer", "(w*x1 - y1)*x2 + (w*x2 - y2)*x1", "the samples crossed"),
        wrong("sum-for-mean", "((w*x1 - y1)*x1 + (w*x2 - y2)*x2)/2", "1/n twice"),
    ), wrt="w", domain=dict.fromkeys(("w", "x1", "x2", "y1", "y2"), (-4, 4))),
    Twin("layer-norm-own-entry", "sympy", NORMED, (sp.diff(NORMED, x1),), (
        wrong("dropped-chain-factor", Rational(2, 3) / SPREAD, "the spread held fixed"),
        wrong("dropped-chain-factor", 1 / SPREAD, "mean and spread held fixed"),
        wrong("lost-factor", sp.diff(NORMED, x1) * Rational(3, 2), "1 - 1/n"),
        wrong("doubled-factor", sp.diff(NORMED, x1) * Rational(9999, 10000), "0.01 % less"),
    ), wrt=x1, domain=dict.fromkeys(("x1", "x2", "x3"), (-3, 3))),
    Twin("layer-norm-other-entry", "sympy", NORMED, (sp.diff(NORMED, x2),), (
        wrong("dropped-chain-factor", -Rational(1, 3) / SPREAD, "the spread held fixed"),
        wrong("lost-factor", sp.Integer(0), "as if entries did not meet"),
        wrong("flipped-sign", -sp.diff(NORMED, x2), "the sign"),
    ), wrt=x2, domain=dict.fromkeys(("x1", "x2", "x3"), (-3, 3))),
    Twin("clip-by-norm", "sympy", CLIPPED,
         (Piecewise((1, g1**2 + g2**2 < 1), (g2**2 / NORM**3, True)),), (
        wrong("dropped-chain-factor", Piecewise((1, g1**2 + g2**2 < 1), (1 / NORM, True)),
              "the norm held fixed"),
        wrong("value-clip-for-norm-clip", Piecewise((1, Abs(g1) < 1), (0, True)), "each by value"),
        wrong("wrong-branch", g2**2 / NORM**3, "always clipped"),
        wrong("tail-only", Piecewise((1, g1**2 + g2**2 < 1), (0, g1**2 + g2**2 > 300),
                                     (g2**2 / NORM**3, True)), "0 for long gradients"),
    ), wrt=g1, domain={"g1": (-30, 30), "g2": (-30, 30)}),
    Twin("clip-by-value", "sympy", Max(-2, Min(z, 2)), (Piecewise((1, Abs(z) < 2), (0, True)),), (
        wrong("wrong-branch", Piecewise((1, z < 2), (0, True)), "the lower bound"),
        wrong("value-clip-for-norm-clip", Piecewise((1, Abs(z) < 2), (2 / Abs(z), True)), "scaled"),
    ), wrt=z),
    Twin("attention-score", "text", "(q1*k1 + q2*k2)/sqrt(2)", ("k1/sqrt(2)",), (
        wrong("lost-factor", "k1", "1/sqrt(d)"),
        wrong("wrong-place", "q1/sqrt(2)", "q for k"),
        wrong("doubled-factor", "k1/2", "1/sqrt(d) twice"),
    ), wrt="q1", domain=dict.fromkeys(("q1", "q2", "k1", "k2"), (-4, 4))),
    Twin("attention-weight", "text", "exp(q*k1/2)/(exp(q*k1/2) + exp(q*k2/2))",
         ("(k1 - k2)/2*exp(q*k1/2)*exp(q*k2/2)/(exp(q*k1/2) + exp(q*k2/2))**2",), (
        wrong("lost-factor", "(k1 - k2)*exp(q*k1/2)*exp(q*k2/2)/(exp(q*k1/2) + exp(q*k2/2))**2",
              "1/sqrt(d)"),
        wrong("dropped-chain-factor",
              "k1/2*exp(q*k1/2)*exp(q*k2/2)/(exp(q*k1/2) + exp(q*k2/2))**2", "the other key"),
        wrong("flipped-sign", "(k2 - k1)/2*exp(q*k1/2)*exp(q*k2/2)/(exp(q*k1/2) + exp(q*k2/2))**2",
              "the sign"),
    ), wrt="q", domain=dict.fromkeys(("q", "k1", "k2"), (-3, 3))),
    Twin("rms-norm", "text", "x1/sqrt((x1**2 + x2**2)/2 + 0.01)",
         ("(x2**2/2 + 0.01)/((x1**2 + x2**2)/2 + 0.01)**1.5",), (
        wrong("dropped-chain-factor", "1/sqrt((x1**2 + x2**2)/2 + 0.01)", "the scale held fixed"),
        wrong("lost-factor", "(x2**2 + 0.01)/((x1**2 + x2**2)/2 + 0.01)**1.5", "a 1/2"),
    ), wrt="x1", domain={"x1": (-4, 4), "x2": (-4, 4)}),
)  # fmt: skip

TAILS = (
    Twin("vanished-sigmoid", "sympy", S, (DS,), (
        wrong("tail-only", sp.Integer(0), "nothing left of 1e-300"),
        wrong("doubled-factor", 2 * DS, "twice 1e-300"),
        wrong("doubled-factor", DS * Rational(10001, 10000), "a hundredth of a percent of 1e-300"),
        wrong("flipped-sign", -DS, "the sign of 1e-300"),
        wrong("wrong-place", exp(-z) / 2, "half of the leading term"),
    ), wrt=z, domain=(600, 690)),
    Twin("vanished-on-the-left", "sympy", S, (DS,), (
        wrong("tail-only", sp.Integer(0), "nothing left"),
        wrong("lost-factor", S / 2, "half"),
    ), wrt=z, domain=(-690, -600)),
    Twin("vanished-as-text", "text", "sigmoid(z)**20",
         ("20*sigmoid(z)**20*(1 - sigmoid(z))",), (
        wrong("tail-only", "0", "nothing left of 1e-300"),
        wrong("lost-factor", "sigmoid(z)**20*(1 - sigmoid(z))", "20"),
        wrong("wrong-place", "20*sigmoid(z)**19*(1 - sigmoid(z))", "one power short"),
    ), wrt="z", domain=(-36, -33)),
    Twin("exploded-exponential", "text", "exp(z)", ("exp(z)",), (
        wrong("doubled-factor", "1.0001*exp(z)", "a hundredth of a percent"),
        wrong("lost-factor", "0", "nothing"),
        wrong("wrong-place", "z*exp(z - 1)", "the rule for powers"),
        wrong("tail-only", "exp(z) + exp(z - 100)", "1e-44 of it too much"),
    ), wrt="z", domain=(600, 700)),
    Twin("exploded-power", "text", "w**30", ("30*w**29",), (
        wrong("lost-factor", "w**29", "30"),
        wrong("wrong-place", "30*w**30", "one power too many"),
        wrong("doubled-factor", "31*w**29", "one factor too many"),
    ), wrt="w", domain=(10**9, 10**10)),
    Twin("cancelling-difference", "text", "log(1 + x**2) - x**2", ("2*x/(1 + x**2) - 2*x",), (
        wrong("lost-factor", "0", "what cancels is not nothing"),
        wrong("wrong-place", "-2*x**3", "the leading term alone"),
    ), wrt="x", domain=(Rational(1, 10**9), Rational(1, 10**6))),
    Twin("kink-in-a-product", "sympy", z * Abs(z), (2 * Abs(z),), (
        wrong("lost-factor", Abs(z), "2"),
        wrong("wrong-branch", 2 * z, "the sign"),
    ), wrt=z),
    Twin("two-kinks", "sympy", Max(z, 0) + Max(-z - 1, 0),
         (Piecewise((1, z > 0), (0, z > -1), (-1, True)),), (
        wrong("wrong-branch", Piecewise((1, z > 0), (0, True)), "the second kink"),
        wrong("wrong-branch", Piecewise((1, z > 0), (-1, True)), "the flat between"),
    ), wrt=z),
    Twin("bump-far-away", "sympy", log(1 + z**2), (2 * z / (1 + z**2),), (
        wrong("tail-only", 2 * z / (1 + z**2) * (1 + Piecewise((1, z > 10**6), (0, True))),
              "doubled beyond a million"),
        wrong("tail-only", 2 * z / (1 + z**2) + exp(-((z - 1000) ** 2)) / 10**6,
              "a small bump at 1000"),
        wrong("tail-only", 2 * z / (1 + z**2) * (1 + Piecewise(
            (1, (z > Rational(7, 5)) & (z < Rational(701, 500))), (0, True))),
              "wrong between 1.4 and 1.402"),
    ), wrt=z),
)  # fmt: skip

SECOND = (
    Twin("second-of-sigmoid", "text", "sigmoid(z)",
         ("sigmoid(z)*(1 - sigmoid(z))*(1 - 2*sigmoid(z))",), (
        wrong("lost-factor", "sigmoid(z)*(1 - sigmoid(z))*(1 - sigmoid(z))", "the 2"),
        wrong("wrong-place", "sigmoid(z)*(1 - sigmoid(z))", "the first derivative"),
        wrong("flipped-sign", "sigmoid(z)*(1 - sigmoid(z))*(2*sigmoid(z) - 1)", "the sign"),
        wrong("doubled-factor", "(sigmoid(z)*(1 - sigmoid(z)))**2", "the slope squared"),
    ), wrt="z", options={"order": 2}),
    Twin("second-of-tanh", "text", "tanh(z)", ("-2*tanh(z)*(1 - tanh(z)**2)",), (
        wrong("flipped-sign", "2*tanh(z)*(1 - tanh(z)**2)", "the sign"),
        wrong("lost-factor", "-2*tanh(z)", "the slope"),
        wrong("doubled-factor", "-2.0002*tanh(z)*(1 - tanh(z)**2)", "a hundredth of a percent"),
    ), wrt="z", options={"order": 2}),
    Twin("second-of-cube", "text", "x**3", ("6*x",), (
        wrong("lost-factor", "3*x", "2"),
        wrong("wrong-place", "3*x**2", "the first derivative"),
    ), wrt="x", options={"order": 2}),
    Twin("second-of-softplus", "text", "log(1 + exp(z))", ("sigmoid(z)*(1 - sigmoid(z))",), (
        wrong("wrong-place", "sigmoid(z)", "the first derivative"),
        wrong("lost-factor", "1 - sigmoid(z)", "s"),
    ), wrt="z", options={"order": 2}),
    Twin("second-of-neuron", "text", "(sigmoid(z) - y)**2",
         ("2*(sigmoid(z)*(1 - sigmoid(z)))**2"
          " + 2*(sigmoid(z) - y)*sigmoid(z)*(1 - sigmoid(z))*(1 - 2*sigmoid(z))",), (
        wrong("dropped-chain-factor", "2*(sigmoid(z)*(1 - sigmoid(z)))**2", "Gauss-Newton alone"),
        wrong("flipped-sign", "2*(sigmoid(z)*(1 - sigmoid(z)))**2"
              " - 2*(sigmoid(z) - y)*sigmoid(z)*(1 - sigmoid(z))*(1 - 2*sigmoid(z))", "the sign"),
    ), wrt="z", domain={"z": (-30, 30), "y": (-1, 2)}, options={"order": 2}),
)  # fmt: skip

FORMULAS = LOSSES + TAILS + SECOND
