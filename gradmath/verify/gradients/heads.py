"""SymPy's functions by their operations here: one operation each, or several."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

import sympy
from sympy.codegen import cfunctions

#: heads that are one operation, with their arguments in its order
DIRECT: Final[dict[Any, str]] = {
    sympy.exp: "exp", sympy.tanh: "tanh", sympy.sinh: "sinh", sympy.cosh: "cosh",
    sympy.sin: "sin", sympy.cos: "cos", sympy.tan: "tan", sympy.asin: "arcsin",
    sympy.acos: "arccos", sympy.atan: "arctan", sympy.atan2: "arctan2", sympy.asinh: "arcsinh",
    sympy.acosh: "arccosh", sympy.atanh: "arctanh", sympy.erf: "erf", sympy.erfc: "erfc",
    sympy.erfi: "erfi", sympy.erfinv: "erfinv", sympy.erfcinv: "erfcinv",
    sympy.gamma: "gamma", sympy.loggamma: "gammaln", sympy.polygamma: "polygamma",
    sympy.digamma: "psi", sympy.polylog: "polylog", sympy.uppergamma: "uppergamma",
    sympy.lowergamma: "lowergamma", sympy.expint: "expn", sympy.Ei: "expi", sympy.li: "li",
    sympy.Si: "si", sympy.Ci: "ci", sympy.Shi: "shi", sympy.Chi: "chi",
    sympy.fresnels: "fresnel_s", sympy.fresnelc: "fresnel_c", sympy.airyai: "airy_ai",
    sympy.airybi: "airy_bi", sympy.airyaiprime: "airy_ai_prime",
    sympy.airybiprime: "airy_bi_prime", sympy.besselj: "jv", sympy.bessely: "yv",
    sympy.besseli: "iv", sympy.besselk: "kv",
    cfunctions.expm1: "expm1", cfunctions.log1p: "log1p", cfunctions.exp2: "exp2",
    cfunctions.log2: "log2", cfunctions.log10: "log10", cfunctions.Cbrt: "cbrt",
    cfunctions.Sqrt: "sqrt",
}  # fmt: skip

#: an operation by name on traced numbers and exact constants
Apply = Callable[..., Any]


def _lambert(f: Apply, x: Any, branch: Any = 0) -> Any:
    return f("lambertw" if branch == 0 else "lambertw_lower", x)


def _zeta(f: Apply, s: Any, a: Any = None) -> Any:
    return f("riemann", s) if a is None else f("zeta", s, a)


def _log(f: Apply, x: Any, base: Any = None) -> Any:
    return f("log", x) if base is None else f("log", x) / f("log", base)


#: heads that are written in several operations
COMPOSED: Final[dict[Any, Callable[..., Any]]] = {
    sympy.log: _log,
    sympy.sech: lambda f, x: 1 / f("cosh", x),
    sympy.csch: lambda f, x: 1 / f("sinh", x),
    sympy.coth: lambda f, x: 1 / f("tanh", x),
    sympy.sec: lambda f, x: 1 / f("cos", x),
    sympy.csc: lambda f, x: 1 / f("sin", x),
    sympy.cot: lambda f, x: 1 / f("tan", x),
    sympy.acot: lambda f, x: f("arctan", f("divide", 1, x)),
    sympy.asec: lambda f, x: f("arccos", f("divide", 1, x)),
    sympy.acsc: lambda f, x: f("arcsin", f("divide", 1, x)),
    sympy.asech: lambda f, x: f("arccosh", f("divide", 1, x)),
    sympy.acsch: lambda f, x: f("arcsinh", f("divide", 1, x)),
    sympy.acoth: lambda f, x: f("arctanh", f("divide", 1, x)),
    sympy.sinc: lambda f, x: f("divide", f("sin", x), x),
    sympy.floor: lambda f, x: math.floor(x),
    sympy.ceiling: lambda f, x: math.ceil(x),
    sympy.frac: lambda f, x: x - math.floor(x),
    sympy.Mod: lambda f, x, y: x - y * math.floor(x / y),
    sympy.LambertW: _lambert,
    sympy.zeta: _zeta,
    sympy.factorial: lambda f, x: f("gamma", x + 1),
    sympy.beta: lambda f, a, b: f("gamma", a) * f("gamma", b) * f("rgamma", a + b),
    sympy.erf2: lambda f, x, y: f("erf", y) - f("erf", x),
    sympy.Li: lambda f, x: f("li", x) - f("li", 2),
    cfunctions.hypot: lambda f, x, y: f("sqrt", x * x + y * y),
    cfunctions.fma: lambda f, x, y, z: x * y + z,
}
KNOWN: Final = (*DIRECT, *COMPOSED)
