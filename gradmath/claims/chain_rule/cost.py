"""What the gradient of a deep chain costs, counted in instructions and not in seconds."""

from __future__ import annotations

import ast
import functools
import math
from collections.abc import Callable

import sympy as sp

from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.computed import Computed, Quantity
from gradmath.claims.derivations import chain
from gradmath.claims.grades import CHECKED
from gradmath.claims.measured import Runs
from gradmath.claims.values import Value

PAGE = "chain-rule"
DEEPEST = 32  # every depth from 1 to this is counted
LATER = 200  # and this one


@functools.cache
def instructions(layers: int) -> int:
    """How many operations the loss and all its derivatives take, for a chain of so many layers."""
    from gradmath.program import program_of

    program = program_of(chain(layers))
    return sum(item.op not in ("const", "input") for item in program.instructions)


@functools.cache
def operations_in_source(layers: int) -> int:
    """The same, by counting lines in the text of the kernel for any array library.

    (NumPy's own does some of them two at a time.)  To make an array of a constant is none.
    """
    from gradmath.kernels import compile

    tree = ast.parse(compile(chain(layers), "array_api").source)
    made = [node.value for node in ast.walk(tree) if isinstance(node, ast.Assign)]
    return sum(not ast.unparse(value).startswith("asarray(") for value in made)


def expected() -> tuple[int, int]:
    """Operations of each layer and of the loss, counted from their parts, each by itself.

    A layer: its line, the sigmoid together with its slope, and a product for every local derivative
    that is not 1.  The loss: its formula together with its slope; its adjoint is 1, which costs
    nothing to multiply by.
    """
    w, previous, b, a, y = sp.symbols("w previous b a y", real=True)
    line, loss = w * previous + b, (a - y) ** 2
    rules = [line.diff(symbol) for symbol in (w, previous, b)]
    products = 1 + sum(rule != 1 for rule in rules)  # 1: the slope of the sigmoid is never 1
    each = _shared(line) + _sigmoid_with_slope() + products
    return each, _shared(loss, sp.factor_terms(loss.diff(a)))


def _shared(*formulas: sp.Expr) -> int:
    """Operations of some formulas, what they have in common once."""
    shared, rest = sp.cse(formulas)
    return sum(int(sp.count_ops(formula)) for formula in [*(right for _, right in shared), *rest])


def _sigmoid_with_slope() -> int:
    """Operations of the catalogue's sigmoid and its slope at one number, common ones once."""
    from gradmath.catalogue import activations
    from gradmath.program import entry_program

    found: set[object] = set()
    for order in (0, 1):
        written: list[object] = []
        for item in entry_program(activations["sigmoid"], (order,)).instructions:
            written.append((item.op, item.value, tuple(written[place] for place in item.args)))
            if item.op not in ("const", "input"):
                found.add(written[-1])
    return len(found)


@functools.cache
def loss_alone(layers: int) -> int:
    """How many of the operations the loss alone needs."""
    from gradmath.program import program_of

    program = program_of(chain(layers))
    needed, pending = set[int](), [program.outputs["L"]]
    while pending:
        number = pending.pop()
        if number not in needed:
            needed.add(number)
            pending.extend(program.instructions[number].args)
    return sum(program.instructions[n].op not in ("const", "input") for n in needed)


@functools.cache
def expanded(layers: int) -> int:
    """How many operations SymPy counts in all derivatives written out, each by itself."""
    derivation = chain(layers)
    return sum(int(sp.count_ops(derivation.explicit(name))) for name in derivation.wrt)


def expanded_again(layers: int) -> int:
    """The same, counted in their text; `-y + a` is one subtraction."""
    derivation = chain(layers)
    texts = [str(derivation.explicit(name)).replace("'", "_") for name in derivation.wrt]
    seen = [node for text in texts for node in ast.walk(ast.parse(text))]
    every = sum(isinstance(node, ast.BinOp | ast.UnaryOp | ast.Call) for node in seen)
    return every - sum(
        isinstance(node, ast.BinOp)
        and isinstance(node.op, ast.Add)
        and isinstance(node.left, ast.UnaryOp)
        for node in seen
    )


@claim(
    "reverse-cost-linear",
    page=PAGE,
    grade=CHECKED,
    titles={"en": "The work grows linearly with depth", "zh": "计算量随深度线性增长"},
    statement_text={
        "en": "The loss of a chain of sigmoid neurons together with all its derivatives takes a "
        "number of operations that is exactly linear in the number of layers: what one layer takes "
        "by itself, times the number of layers, and what the loss takes by itself.",
        "zh": "一串 sigmoid 神经元的损失连同它的全部导数，所需的运算次数恰好是层数的一次函数："
        "单独一层的运算次数乘以层数，再加上损失本身的运算次数。",
    },
    assumptions={
        "en": "Counted, not timed: operations of the program that the package compiles, for every "
        "depth from 1 to 32 and for 200, with the derivatives for every weight, every bias and the "
        "input; counted again in the text of the kernel for any array library. The two numbers of "
        "the formula are counted apart from any chain: the line, the sigmoid with its slope, one "
        "product for each local derivative that is not 1; and the loss with its slope.",
        "zh": "计数而非计时：对 1 到 32 层的每种深度以及 200 层，统计本库编译"
        "出的程序中的运算次数，含对全部权重、偏置与输入的导数；并在程序文本中重新计数。"
        "公式中的两个数与任何链无关，另行数出：一层是线性式、sigmoid 及其导数，再加上每个不为 1 "
        "的局部导数对应的一次乘法；另一个是损失及其导数。",
    },
    references=("griewank2008",),
)
def reverse_cost_linear() -> Case:
    depths = [*range(1, DEEPEST + 1), LATER]
    each, base = expected()
    first = each + base

    def stated(law: Callable[[int], float]) -> dict[str, tuple[float, float] | float]:
        return {f"{n} layers": float(law(n)) for n in depths}

    def counted(n: int, number: float) -> Quantity:
        return Quantity(
            lambda: float(instructions(n)), lambda: float(operations_in_source(n)), number, number
        )

    n = sp.Symbol("n", integer=True, positive=True)
    statement = Computed(
        {f"{depth} layers": counted(depth, float(base + each * depth)) for depth in depths},
        formula=rf"\begin{{gathered}} \mathrm{{operations}}(n) = {sp.latex(each * n + base)} \\"
        rf" n = 1, \dots, {DEEPEST}, {LATER} \end{{gathered}}",
        words=f"operations(n) = {each} n + {base}",
    )
    # the wrong laws of growth are right for one layer, where nothing has grown yet
    laws: list[tuple[str, str, Callable[[int], float], str]] = [
        ("one operation less in each layer", "每层少算一次运算",
         lambda n: (each - 1) * n + base, f"{each - 1} n + {base}"),
        ("one operation more for the loss", "损失多算一次运算",
         lambda n: each * n + base + 1, f"{each} n + {base + 1}"),
        ("the same for every depth", "以为与深度无关", lambda n: first, f"{first}"),
        ("growth as n^2: every layer starts from the output again",
         "以为按 n² 增长：每层都从输出重新算起",
         lambda n: each * n * (n + 1) / 2 + base, f"{each} n (n + 1)/2 + {base}"),
        ("growth as n log n", "以为按 n log n 增长",
         lambda n: each * n * (1 + math.log2(n)) + base, f"{each} n (1 + log2 n) + {base}"),
        ("doubling with every layer", "以为每层翻倍",
         lambda n: first * 2.0 ** (n - 1), f"{first} 2^(n - 1)"),
    ]  # fmt: skip
    mistakes = [
        Mistake(en, zh, statement.but(stated(law), f"operations(n) = {formula}"))
        for en, zh, law, formula in laws
    ]
    deep = 8
    values = {
        "per_layer": Value(each, again=lambda: operations_in_source(3) - operations_in_source(2)),
        "base": Value(base, again=lambda: 2 * operations_in_source(1) - operations_in_source(2)),
        "deepest": Value(DEEPEST),
        "at_200": Value(instructions(LATER)),
        "ratio": Value(
            sp.Rational(instructions(LATER), loss_alone(LATER)),
            digits=3,
            again=lambda: operations_in_source(LATER) / loss_alone(LATER),
        ),
        "shown_depth": Value(deep, again=lambda: (operations_in_source(deep) - base) // each),
        "at_shown_depth": Value(instructions(deep)),
        "expanded_at_shown_depth": Value(expanded(deep), again=lambda: expanded_again(deep)),
    }
    return Case(statement, [Runs()], mistakes, values)
