"""Symbols and functions that the chapter's statements share.

The letters follow the chapter's notation: z = w x + b, a = sigmoid(z), target y, step eta.
"""

from __future__ import annotations

import sympy as sp

from gradmath.catalogue import activations
from gradmath.catalogue.applied import applied

w, b, x, y, z, a = sp.symbols("w b x y z a", real=True)
eta = sp.Symbol("eta", positive=True)

Reals = sp.S.Reals
Positive = sp.Interval.open(0, sp.oo)

sigmoid = applied(activations["sigmoid"])
tanh = applied(activations["tanh"])
