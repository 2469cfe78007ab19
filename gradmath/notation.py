"""SymPy and names -> LaTeX and plain text, one house style for the whole site."""

from __future__ import annotations

import re

import sympy as sp
from sympy.printing.latex import LatexPrinter
from sympy.printing.str import StrPrinter

_GREEK = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho "
    "sigma tau upsilon phi chi psi omega"
).split()


class _Printer(LatexPrinter):
    """SymPy's printer in the chapter's notation.

    Names are set by `name_latex`, so that `W1` is a W with the index 1; an entry of a matrix has
    its indices below; products entry by entry are circled dots; a transpose is an upright T; a
    sum over samples and outputs names its indices only; a sum of matrices begins with one that
    stands alone.
    """

    def _print_Symbol(self, expr: sp.Symbol, style: str = "plain") -> str:
        return name_latex(str(expr))

    def _print_OneMatrix(self, expr: sp.OneMatrix) -> str:
        return r"\mathbf{1}"

    def _print_MatrixSymbol(self, expr: sp.MatrixSymbol) -> str:
        return name_latex(str(expr.name))

    def _print_MatrixElement(self, expr: sp.Basic) -> str:
        matrix = self._print(expr.parent)
        # Indices are counted from 1 on the page, as in mathematics.
        shown = [self._print(k + 1) if k.is_Integer else self._print(k) for k in expr.indices]
        indices = ("" if all(len(k) == 1 for k in shown) else ",").join(shown)
        if matrix.endswith("}") and "_{" in matrix:
            return f"{matrix[:-1]},{indices}}}"
        return f"{matrix}_{{{indices}}}"

    def _print_HadamardProduct(self, expr: sp.HadamardProduct) -> str:
        factors = (
            rf"\left({self._print(factor)}\right)"
            if factor.is_MatMul or factor.is_MatAdd
            else self._print(factor)
            for factor in expr.args
        )
        return r" \odot ".join(factors)

    def _print_Transpose(self, expr: sp.Transpose) -> str:
        inner = self._print(expr.arg)
        if not isinstance(expr.arg, sp.MatrixSymbol):
            inner = rf"\left({inner}\right)"
        return rf"{inner}^{{\mathsf{{T}}}}"

    def _as_ordered_terms(self, expr: sp.Add, order: str | None = None) -> list[sp.Expr]:
        """By degree, but a sum with functions begins with its number, and none with a minus."""
        terms: list[sp.Expr] = super()._as_ordered_terms(expr, order=order)
        if expr.is_Matrix:
            return _lone_first(terms)
        if expr.has(sp.Function, sp.exp):
            terms.sort(key=lambda term: not term.is_number)
        first = next((t for t in terms if not t.could_extract_minus_sign()), terms[0])
        return [first, *(term for term in terms if term is not first)]

    def _print_Sum(self, expr: sp.Sum) -> str:
        indices = [limit[0] for limit in expr.limits]
        shown = ", ".join(self._print(index) for index in reversed(indices))
        body = self._print(expr.function)
        if expr.function.is_Add:
            body = rf"\left({body}\right)"
        return rf"\sum_{{{shown}}} {body}"

    def _print_Mul(self, expr: sp.Mul) -> str:
        sums = [factor for factor in expr.args if isinstance(factor, sp.Sum)]
        if len(sums) == 1:  # a mean: the fraction stands before the sum, not around it
            factor = expr / sums[0]
            before = "-" if factor == -1 else f"{self._print(factor)} "
            return f"{before}{self._print(sums[0])}"
        return str(super()._print_Mul(expr))


class _Text(StrPrinter):
    """SymPy's plain text; a sum of matrices begins with one that stands alone."""

    def _as_ordered_terms(self, expr: sp.Add, order: str | None = None) -> list[sp.Expr]:
        terms: list[sp.Expr] = super()._as_ordered_terms(expr, order=order)
        return _lone_first(terms) if expr.is_Matrix else terms


def _lone_first(terms: list[sp.Expr]) -> list[sp.Expr]:
    """a + tanh(z), where SymPy writes tanh(z) + a: the identity path before the layer's own."""
    return sorted(terms, key=lambda term: not isinstance(term, sp.MatrixSymbol))


#: Terms by degree, so that a line reads w x + b; numbers and short names need no product sign.
_SETTINGS = {"order": "grlex", "ln_notation": False}
_PRINTER = _Printer(_SETTINGS)
_SPACED = _Printer({**_SETTINGS, "mul_symbol": r" \, "})
_TEXT = _Text()


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
    long_names = any(len(str(s).rstrip("0123456789_")) > 1 for s in expression.free_symbols)
    return str((_SPACED if long_names else _PRINTER).doprint(expression))


def text(expression: sp.Basic) -> str:
    """Plain text of an expression, as an equation could be typed.

    >>> text(sp.Symbol("w") * sp.Symbol("x") + 1)
    'w*x + 1'
    """
    return str(_TEXT.doprint(expression))


def partial_latex(of: str, by: str) -> str:
    r"""The partial derivative of one name by another.

    >>> partial_latex("L", "w")
    '\\frac{\\partial L}{\\partial w}'
    """
    return rf"\frac{{\partial {name_latex(of)}}}{{\partial {name_latex(by)}}}"
