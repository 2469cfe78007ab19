"""SymPy and names -> LaTeX and plain text, one house style for the whole site."""

from __future__ import annotations

import re

import sympy as sp
from sympy.printing.latex import LatexPrinter

_GREEK = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho "
    "sigma tau upsilon phi chi psi omega"
).split()


class _Printer(LatexPrinter):
    """SymPy's printer with names set by `name_latex`, so that `W1` is a W with the index 1."""

    def _print_Symbol(self, expr: sp.Symbol, style: str = "plain") -> str:
        return name_latex(str(expr))

    def _print_OneMatrix(self, expr: sp.OneMatrix) -> str:
        return r"\mathbf{1}"

    def _print_MatrixSymbol(self, expr: sp.MatrixSymbol) -> str:
        return name_latex(str(expr.name))


_PRINTER = _Printer({"fold_short_frac": False, "mul_symbol": None, "ln_notation": False})


def name_latex(name: str) -> str:
    r"""A name as LaTeX: `W1` -> `W_{1}`, `alpha` -> `\alpha`, `learning_rate` -> upright text.

    >>> name_latex("W1"), name_latex("lam"), name_latex("max_norm")
    ('W_{1}', '\\lambda', '\\mathrm{max\\_norm}')
    """
    match = re.fullmatch(r"([A-Za-z]+?)_?(\d+)", name)
    stem, index = (match[1], match[2]) if match else (name, "")
    if not match and "_" in name:
        head, _, tail = name.partition("_")
        if head and len(head) == 1 and tail and "_" not in tail:
            return f"{head}_{{{tail if tail.isdigit() or len(tail) == 1 else _upright(tail)}}}"
    if stem == "lam":
        stem = "lambda"
    if stem in _GREEK and stem != "omicron":
        stem = "\\" + stem
    elif len(stem) > 1:
        stem = _upright(stem)
    return f"{stem}_{{{index}}}" if index else stem


def _upright(word: str) -> str:
    return "\\mathrm{" + word.replace("_", "\\_") + "}"


def latex(expression: sp.Basic) -> str:
    r"""LaTeX of an expression, without dollar signs.

    >>> latex(sp.Symbol("W1") * sp.Symbol("x"))
    'W_{1} x'
    """
    return str(_PRINTER.doprint(expression))


def text(expression: sp.Basic) -> str:
    """Plain text of an expression, as an equation could be typed.

    >>> text(sp.Symbol("w") * sp.Symbol("x") + 1)
    'w*x + 1'
    """
    return str(sp.sstr(expression))


def partial_latex(of: str, by: str) -> str:
    r"""The partial derivative of one name by another.

    >>> partial_latex("L", "w")
    '\\frac{\\partial L}{\\partial w}'
    """
    return rf"\frac{{\partial {name_latex(of)}}}{{\partial {name_latex(by)}}}"
