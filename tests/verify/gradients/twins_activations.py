"""The activations in their textbook form, with the slopes that textbooks and code have had."""

from __future__ import annotations

import sympy as sp
from sympy import Abs, Eq, Max, Min, Piecewise, Rational, erf, exp, log, pi, sqrt, tanh

from tests.verify.gradients.twins import Twin, wrong

z = sp.Symbol("z", real=True)
alpha = sp.Symbol("alpha", positive=True)
slope = sp.Symbol("slope", real=True)

S = 1 / (1 + exp(-z))
DS = exp(-z) / (1 + exp(-z)) ** 2
PHI = (1 + erf(z / sqrt(2))) / 2
DENSITY = exp(-(z**2) / 2) / sqrt(2 * pi)
INNER = sqrt(2 / pi) * (z + Rational(44715, 1000000) * z**3)
GELU_TANH = z * (1 + tanh(INNER)) / 2
OMEGA = log(1 + exp(z))
SCALE, SELU_ALPHA = Rational("1.0507009873554804934"), Rational("1.6732632423543772848")
SLIGHTLY = Rational(10001, 10000)


def step(at: object, low: object = 0, high: object = 1, there: object = None) -> sp.Expr:
    """`low` below a place, `high` above it, `there` (else `low`) at it."""
    if there is None:
        return Piecewise((high, z > at), (low, True))
    return Piecewise((high, z > at), (there, Eq(z, at)), (low, True))


def window(low: object, high: object, inside: object = 1, outside: object = 0) -> sp.Expr:
    return Piecewise((inside, (z > low) & (z < high)), (outside, True))


POSITIVE_ALPHA = {"z": (-30, 30), "alpha": (Rational(1, 8), 8)}

ACTIVATIONS = (
    Twin("identity", "sympy", z, (sp.Integer(1),), (
        wrong("wrong-place", z, "the function for its slope"),
        wrong("lost-factor", sp.Integer(0), "nothing left"),
        wrong("flipped-sign", sp.Integer(-1), "the sign"),
        wrong("doubled-factor", SLIGHTLY, "a hundredth of a percent too much"),
    ), wrt=z),
    Twin("sigmoid", "sympy", S, (DS, S * (1 - S), 1 / (2 + exp(z) + exp(-z))), (
        wrong("lost-factor", 1 - S, "1 - s"),
        wrong("lost-factor", S, "s"),
        wrong("flipped-sign", -DS, "the derivative of 1/u without the inner minus"),
        wrong("flipped-sign", S * (1 + S), "1 + s"),
        wrong("wrong-place", z * (1 - z), "the rule for the activation used on z"),
        wrong("wrong-place", DS.xreplace({z: S}), "the slope at the activation"),
        wrong("defaults-only", Rational(1, 4), "right at 0 alone"),
        wrong("doubled-factor", DS * SLIGHTLY, "a hundredth of a percent too much"),
        wrong("doubled-factor", S**2 * (1 - S), "s twice"),
        wrong("tail-only", Piecewise((DS, z < 37), (0, True)), "0 where 1 - s rounds to 0"),
        wrong("tail-only", Piecewise((DS, z > -300), (0, True)), "0 far to the left"),
        wrong("tail-only", window(-40, 40, DS, exp(-Abs(z)) * 2), "twice the tail"),
    ), wrt=z),
    Twin("sigmoid-by-name", "text", "sigmoid(z)",
         ("sigmoid(z)*(1 - sigmoid(z))", "sigmoid(z)*sigmoid(-z)"), (
        wrong("lost-factor", "1 - sigmoid(z)", "1 - s"),
        wrong("wrong-place", "sigmoid(z)*(1 - z)", "half of it at z"),
        wrong("wrong-place", "sigmoid(sigmoid(z))*(1 - sigmoid(sigmoid(z)))", "at the activation"),
        wrong("flipped-sign", "sigmoid(z)*(sigmoid(z) - 1)", "the sign"),
        wrong("wrong-branch", "sigmoid(z)*sigmoid(z)", "s for 1 - s"),
        wrong("tail-only", "sigmoid(z)*(1 - sigmoid(z)) + exp(-z**2)*exp(-700)", "a speck at 0"),
    ), wrt="z"),
    Twin("tanh", "text", "tanh(z)", ("1 - tanh(z)**2", "1/cosh(z)**2"), (
        wrong("lost-factor", "1 - tanh(z)", "the square"),
        wrong("flipped-sign", "1 + tanh(z)**2", "the sign"),
        wrong("wrong-place", "1 - z**2", "the rule for the activation used on z"),
        wrong("wrong-place", "1 - tanh(tanh(z))**2", "at the activation"),
        wrong("lost-factor", "1/cosh(z)", "the square"),
        wrong("doubled-factor", "1.0001*(1 - tanh(z)**2)", "a hundredth of a percent too much"),
    ), wrt="z"),
    Twin("tanh-from-sigmoid", "text", "2*sigmoid(2*z) - 1",
         ("4*sigmoid(2*z)*(1 - sigmoid(2*z))",), (
        wrong("lost-factor", "2*sigmoid(2*z)*(1 - sigmoid(2*z))", "the inner 2"),
        wrong("wrong-place", "4*sigmoid(z)*(1 - sigmoid(z))", "the slope at z"),
    ), wrt="z"),
    Twin("relu", "sympy", Max(z, 0), (step(0), step(0, there=1), step(0, there=Rational(1, 2))), (
        wrong("wrong-branch", sp.Integer(1), "one branch for all"),
        wrong("wrong-branch", step(0, 1, 0), "the branches exchanged"),
        wrong("wrong-place", Max(z, 0), "the function for its slope"),
        wrong("wrong-branch", step(1), "a step at 1"),
        wrong("wrong-side-of-kink", step(0, there=5), "a value at the kink that no side has"),
        wrong("tail-only", Piecewise((1, z > 0), (0, z > -50), (Rational(1, 100), True)),
              "a leak far to the left"),
    ), wrt=z),
    Twin("leaky-relu", "sympy", Piecewise((z, z > 0), (slope * z, True)),
         (Piecewise((1, z > 0), (slope, True)),), (
        wrong("wrong-branch", Piecewise((slope, z > 0), (1, True)), "the branches exchanged"),
        wrong("lost-factor", step(0), "the leak"),
        wrong("defaults-only", Piecewise((1, z > 0), (Rational(1, 100), True)), "the usual leak"),
        wrong("wrong-place", Piecewise((1, z > 0), (slope * z, True)), "the function on the left"),
    ), wrt=z, domain={"z": (-30, 30), "slope": (Rational(1, 1000), 1)}),
    Twin("leaky-relu-as-max", "text", "max(0.01*z, z)",
         ("(1 + 0.01)/2 + (1 - 0.01)/2*abs(z)/z",), (
        wrong("wrong-branch", "(1 + 0.01)/2 - (1 - 0.01)/2*abs(z)/z", "that of min"),
        wrong("wrong-branch", "1", "one branch for all"),
    ), wrt="z", domain={"z": (-9, 9)}),
    Twin("prelu-by-its-slope", "sympy", Piecewise((z, z > 0), (slope * z, True)),
         (Piecewise((0, z > 0), (z, True)), Min(z, 0)), (
        wrong("wrong-branch", z, "one branch for all"),
        wrong("wrong-branch", Max(z, 0), "the other side"),
        wrong("wrong-place", slope, "by the wrong name"),
    ), wrt=slope, domain={"z": (-30, 30), "slope": (-2, 2)}),
    Twin("elu", "sympy", Piecewise((z, z > 0), (alpha * (exp(z) - 1), True)),
         (Piecewise((1, z > 0), (alpha * exp(z), True)),), (
        wrong("defaults-only", Piecewise((1, z > 0), (exp(z), True)), "alpha = 1"),
        wrong("wrong-place", Piecewise((1, z > 0), (alpha * (exp(z) - 1), True)), "the function"),
        wrong("wrong-branch", alpha * exp(z), "one branch for all"),
        wrong("flipped-sign", Piecewise((1, z > 0), (-alpha * exp(z), True)), "the sign"),
    ), wrt=z, domain=POSITIVE_ALPHA),
    Twin("selu", "sympy", SCALE * Piecewise((z, z > 0), (SELU_ALPHA * (exp(z) - 1), True)),
         (SCALE * Piecewise((1, z > 0), (SELU_ALPHA * exp(z), True)),), (
        wrong("lost-factor", Piecewise((1, z > 0), (SELU_ALPHA * exp(z), True)), "the scale"),
        wrong("lost-factor", SCALE * Piecewise((1, z > 0), (exp(z), True)), "alpha"),
        wrong("lost-factor", Piecewise((SCALE, z > 0), (SELU_ALPHA * exp(z), True)),
              "the scale on the left"),
        wrong("doubled-factor",
              Rational("1.0508") * Piecewise((1, z > 0), (SELU_ALPHA * exp(z), True)),
              "a scale rounded badly, a hundredth of a percent off"),
    ), wrt=z),
    Twin("celu", "sympy", Max(z, 0) + Min(0, alpha * (exp(z / alpha) - 1)),
         (Piecewise((1, z > 0), (exp(z / alpha), True)),), (
        wrong("defaults-only", Piecewise((1, z > 0), (exp(z), True)), "alpha = 1"),
        wrong("doubled-factor", Piecewise((1, z > 0), (alpha * exp(z / alpha), True)), "alpha"),
        wrong("doubled-factor", Piecewise((1, z > 0), (exp(z / alpha) / alpha, True)), "1/alpha"),
    ), wrt=z, domain=POSITIVE_ALPHA),
    Twin("gelu", "sympy", z * PHI, (PHI + z * DENSITY,), (
        wrong("lost-term", PHI, "one term of the product rule"),
        wrong("dropped-chain-factor", PHI + DENSITY, "z in the second term"),
        wrong("flipped-sign", PHI - z * DENSITY, "the sign"),
        wrong("lost-factor", PHI + z * DENSITY * sqrt(2), "1/sqrt(2) of the inner derivative"),
        wrong("wrong-branch", sp.diff(GELU_TANH, z), "the slope of its approximation"),
    ), wrt=z, domain=(-8, 8)),
    Twin("gelu-tanh", "sympy", GELU_TANH, (sp.diff(GELU_TANH, z),), (
        wrong("wrong-branch", PHI + z * DENSITY, "the slope of what it approximates"),
        wrong("lost-term", (1 + tanh(INNER)) / 2, "one term of the product rule"),
        wrong("dropped-chain-factor", (1 + tanh(INNER)) / 2 + z * (1 - tanh(INNER) ** 2) / 2,
              "the slope of the inner cubic"),
    ), wrt=z, domain=(-8, 8)),
    Twin("silu", "text", "z*sigmoid(z)", ("sigmoid(z) + z*sigmoid(z)*(1 - sigmoid(z))",), (
        wrong("lost-term", "sigmoid(z)", "one term of the product rule"),
        wrong("lost-term", "z*sigmoid(z)*(1 - sigmoid(z))", "the other term"),
        wrong("lost-factor", "sigmoid(z) + sigmoid(z)*(1 - sigmoid(z))", "z"),
        wrong("flipped-sign", "sigmoid(z) - z*sigmoid(z)*(1 - sigmoid(z))", "the sign"),
    ), wrt="z", domain=(-40, 40)),
    Twin("softplus", "text", "log(1 + exp(z))", ("1/(1 + exp(-z))", "exp(z)/(1 + exp(z))"), (
        wrong("flipped-sign", "1/(1 + exp(z))", "the sign inside"),
        wrong("doubled-factor", "1.0001/(1 + exp(-z))", "a hundredth of a percent too much"),
        wrong("wrong-place", "log(1 + exp(z))", "the function"),
        wrong("lost-factor", "1", "the limit for the whole"),
    ), wrt="z"),
    Twin("softplus-tail", "sympy", OMEGA, (S,), (
        wrong("tail-only", Piecewise((1, z > 20), (S, True)), "1 from 20 on"),
        wrong("tail-only", Piecewise((0, z < -100), (S, True)), "0 below -100"),
        wrong("tail-only", Piecewise((exp(z), z < -5), (S, True)), "a shortcut taken too early"),
    ), wrt=z),
    Twin("mish", "sympy", z * tanh(OMEGA), (sp.diff(z * tanh(OMEGA), z),), (
        wrong("lost-term", tanh(OMEGA), "one term of the product rule"),
        wrong("dropped-chain-factor", tanh(OMEGA) + z * (1 - tanh(OMEGA) ** 2), "softplus'"),
        wrong("wrong-place", tanh(OMEGA) + z * (1 - tanh(z) ** 2) * S, "tanh' at z"),
    ), wrt=z, domain=(-20, 20)),
    Twin("hard-sigmoid", "sympy", Min(1, Max(0, z / 6 + Rational(1, 2))),
         (window(-3, 3, Rational(1, 6)),), (
        wrong("lost-factor", window(-3, 3), "1/6"),
        wrong("wrong-branch", Rational(1, 6) + 0 * z, "one branch for all"),
        wrong("wrong-branch", window(-3, Rational(29, 10), Rational(1, 6)), "an edge at 2.9"),
        wrong("doubled-factor", window(-3, 3, Rational(1, 5)), "1/5, another library's"),
    ), wrt=z),
    Twin("hard-tanh", "sympy", Max(-1, Min(1, z)), (window(-1, 1),), (
        wrong("wrong-branch", window(0, 1), "the positive half alone"),
        wrong("wrong-branch", window(-1, 1, 0, 1), "inside out"),
        wrong("wrong-place", Max(-1, Min(1, z)), "the function"),
    ), wrt=z),
    Twin("hard-swish", "sympy", z * Min(1, Max(0, z / 6 + Rational(1, 2))),
         (Piecewise((0, z < -3), (z / 3 + Rational(1, 2), z < 3), (1, True)),), (
        wrong("dropped-chain-factor",
              Piecewise((0, z < -3), (z / 6 + Rational(1, 2), z < 3), (1, True)), "half of z/3"),
        wrong("wrong-branch", Piecewise((z / 3 + Rational(1, 2), z < 3), (1, True)), "the left"),
    ), wrt=z),
    Twin("relu6", "sympy", Min(6, Max(0, z)), (window(0, 6),), (
        wrong("wrong-branch", step(0), "the ceiling"),
        wrong("wrong-branch", window(-1, 6), "the floor at -1"),
        wrong("tail-only", Piecewise((0, z < 0), (1, z < 6), (0, z < 1000), (1, True)),
              "past 1000"),
    ), wrt=z),
    Twin("softsign", "text", "z/(1 + abs(z))", ("1/(1 + abs(z))**2",), (
        wrong("lost-factor", "1/(1 + abs(z))", "the square"),
        wrong("wrong-branch", "1/(1 + z)**2", "the sign of z"),
        wrong("flipped-sign", "(1 + 2*abs(z))/(1 + abs(z))**2", "a sign in the quotient rule"),
    ), wrt="z", domain=(-50, 50)),
    Twin("log-sigmoid", "text", "-log(1 + exp(-z))", ("sigmoid(-z)", "1 - sigmoid(z)"), (
        wrong("flipped-sign", "sigmoid(z)", "the sign inside"),
        wrong("flipped-sign", "-sigmoid(-z)", "the sign outside"),
        wrong("wrong-place", "sigmoid(z)*(1 - sigmoid(z))", "the logarithm forgotten"),
    ), wrt="z"),
)  # fmt: skip
