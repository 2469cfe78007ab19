"""The safe grammar: what it reads, and what it refuses with which words."""

from __future__ import annotations

import pytest
import sympy as sp

from gradmath.equations import read_equations
from gradmath.errors import EquationError, GradmathError, UnknownNameError
from gradmath.grammar import parse_expression


@pytest.mark.parametrize("name", ["S", "E", "I", "N", "O", "Q", "beta", "gamma", "zeta", "lam"])
def test_names_that_sympy_would_take_are_plain_symbols(name: str) -> None:
    symbols: dict[str, sp.Symbol] = {}
    expression = parse_expression(f"2*{name}", symbols)
    assert expression == 2 * symbols[name]
    assert isinstance(symbols[name], sp.Symbol)
    assert symbols[name].is_real


def test_decimals_are_the_exact_numbers_written() -> None:
    assert parse_expression("0.1") == sp.Rational(1, 10)
    assert parse_expression("1e-3") == sp.Rational(1, 1000)
    assert parse_expression("1_000.5") == sp.Rational(2001, 2)


def test_precedence_is_pythons() -> None:
    x, y = sp.symbols("x y", real=True)
    assert parse_expression("-x**2") == -(x**2)
    assert parse_expression("2**-1") == sp.Rational(1, 2)
    assert parse_expression("x/y/2") == x / (2 * y)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("__import__('os')", "__import__"),
        ("__import__('os').system('true')", "call"),
        ("().__class__", "attribute"),
        ("[x for x in y]", "listcomp"),
        ("x if y else z", "ifexp"),
        ("f'{x}'", "joinedstr"),
        ("x and y", "boolop"),
        ("x < y", "compare"),
        ("x[0]", "subscript"),
        ("'text'", "constant"),
        ("True", "constant"),
        ("1j", "constant"),
        ("x ^ 2", r"\*\*"),
        ("lambda * x", "lam"),
        ("9**9**9", "exponent"),
        ("10**999", "power"),
        ("sqrt(-1)", "real number"),
        ("log(0)", "real number"),
        ("1/0", "zero"),
        ("1/(x - x)", "zero"),
        ("exp", "argument"),
        ("exp(x, y)", "arguments"),
        ("exp(*x)", r"\*"),
        ("elu(x, alpha=-1)", "alpha"),
        ("elu(x, alpha=1, alpha=2)", "twice"),
        ("exp(base=x)", "keyword"),
        ("x = y", "'='"),
        ("", "parse"),
        ("(" * 250 + "x" + ")" * 250, "parse"),
        ("-" * 150 + "x", "nesting"),
        ("x" * 20_000, "characters"),
        ("1e999", "range"),
    ],
)
def test_everything_else_is_refused_with_a_reason(text: str, word: str) -> None:
    with pytest.raises(GradmathError, match=word):
        parse_expression(text)


def test_an_unknown_function_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'sigmoid'"):
        parse_expression("sigmod(x)")
    with pytest.raises(UnknownNameError, match="negative_slope"):
        parse_expression("leaky_relu(x, negativ_slope=0.1)")


@pytest.mark.parametrize(
    ("equations", "word"),
    [
        ([], "none"),
        ("", "none"),
        ("L", "no single '='"),
        ([("a", "x"), ("a", "y")], "more than once"),
        ([("a", "a + 1")], "cycle"),
        ([("a", "b"), ("b", "a")], "cycle"),
        ([("a", "b"), ("b", "c"), ("c", "a")], "cycle"),
        ([("a", "b"), ("b", "x")], "before its own line"),
        ([("sigmoid", "x")], "function"),
        ([("pi", "x")], "function or constant"),
        ([("lambda", "x")], "lam"),
        ([("1a", "x")], "letter"),
        ([("a", sp.oo)], "finite"),
        ([("a", sp.Symbol("x") + sp.Symbol("x", real=True))], "two SymPy symbols"),
    ],
)
def test_equations_out_of_order_or_malformed_are_refused(equations: object, word: str) -> None:
    with pytest.raises(EquationError, match=word):
        read_equations(equations)  # type: ignore[arg-type]  # on purpose


@pytest.mark.parametrize("equations", [3, None, [1, 2], [("a", None)], [("a", [1])], [(1, "x")]])
def test_things_that_are_not_equations_are_refused(equations: object) -> None:
    with pytest.raises(GradmathError):
        read_equations(equations)  # type: ignore[arg-type]  # on purpose


def test_the_three_ways_of_writing_give_the_same_equations() -> None:
    pairs = read_equations([("z", "w*x"), ("L", "z**2")])
    assert pairs == read_equations("z = w*x; L = z**2")
    assert pairs == read_equations("z = w*x\nL = z**2\n")
    assert pairs == read_equations({"z": "w*x", "L": "z**2"})


def test_symbols_that_came_with_sympy_are_kept() -> None:
    w = sp.Symbol("w", positive=True)
    expressions, symbols = read_equations([("z", w * 2), ("L", "z*w")])
    assert symbols["w"] is w
    assert expressions["L"].free_symbols == {w, symbols["z"]}


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("x*(((1/3)**1000)**1000)**1000", "too large or too small"),
        ("x*0." + "1" * 5000, "digits"),
        ("x*exp(exp(exp(exp(1000))))", "range of a double"),
        ("sqrt(-1 - w**2)", "real number"),
        ("abs(" * 8 + "x" + ")" * 8, "lines of their own"),
        ("max(" + ", ".join(f"x{k}" for k in range(9)) + ")", "arguments"),
    ],
)
def test_text_that_would_run_away_is_refused_at_once(text: str, word: str) -> None:
    with pytest.raises(EquationError, match=word):
        parse_expression(text)


def test_a_long_sum_is_long_and_not_deep() -> None:
    expression = parse_expression(" + ".join(f"w{k}" for k in range(1000)))
    assert len(expression.args) == 1000
    x, y = sp.symbols("x y", real=True)
    assert parse_expression("x - y - 2*x/4*y + 1") == x - y - x * y / 2 + 1


def test_names_are_read_in_pythons_normal_form() -> None:
    """Python's parser turns the symbol U+03D5 into the letter phi: both sides must be one name."""
    expressions, _ = read_equations("\u03d5 = w*x; L = \u03d5**2")
    assert list(expressions) == ["\u03c6", "L"]
    assert {str(s) for s in expressions["L"].free_symbols} == {"\u03c6"}


@pytest.mark.parametrize(
    "right",
    [
        sp.Symbol("W_{1}") ** 2,
        sp.Symbol("x=open('f')"),
        sp.MatrixSymbol("W", 2, 2)[1, 1],
        sp.Trace(sp.MatrixSymbol("W", 2, 2)),
        sp.Symbol("a", commutative=False) ** 2,
        sp.IndexedBase("a")[0],
    ],
)
def test_sympy_symbols_are_checked_like_names(right: sp.Expr) -> None:
    with pytest.raises(EquationError, match=r"symbol|name"):
        read_equations([("L", right)])
