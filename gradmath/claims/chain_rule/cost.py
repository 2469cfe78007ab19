"""What the gradient of a deep chain costs, counted in instructions and not in seconds."""

from __future__ import annotations

import ast
import functools

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
    """The same, by counting calls in the text of the NumPy kernel."""
    from gradmath.kernels import compile

    tree = ast.parse(compile(chain(layers)).source)
    return sum(
        isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) for node in ast.walk(tree)
    )


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


@claim(
    "reverse-cost-linear",
    page=PAGE,
    grade=CHECKED,
    titles={"en": "The work grows linearly with depth", "zh": "计算量随深度线性增长"},
    statement_text={
        "en": "The loss of a chain of sigmoid neurons together with all its derivatives takes a "
        "number of operations that is exactly linear in the number of layers.",
        "zh": "一串 sigmoid 神经元的损失连同它的全部导数，所需的运算次数恰好是层数的一次函数。",
    },
    assumptions={
        "en": "Counted, not timed: operations of the program that the package compiles, for every "
        "depth from 1 to 32 and for 200, with the derivatives for every weight, every bias and the "
        "input; counted again in the text of the kernel.",
        "zh": "计数而非计时：对 1 到 32 层的每种深度以及 200 层，统计本库编译"
        "出的程序中的运算次数，含对全部权重、偏置与输入的导数；并在程序文本中重新计数。",
    },
    references=("griewank2008",),
)
def reverse_cost_linear() -> Case:
    depths = [*range(1, DEEPEST + 1), LATER]
    first, each = instructions(1), instructions(2) - instructions(1)
    base = first - each

    def stated(per_layer: int, quadratic: int = 0) -> dict[str, tuple[float, float] | float]:
        return {
            f"{n} layers": float(base + per_layer * n + quadratic * n * (n - 1)) for n in depths
        }

    def counted(n: int, number: float) -> Quantity:
        return Quantity(
            lambda: float(instructions(n)), lambda: float(operations_in_source(n)), number, number
        )

    linear = stated(each)
    n = sp.Symbol("n", integer=True, positive=True)
    statement = Computed(
        {f"{depth} layers": counted(depth, float(base + each * depth)) for depth in depths},
        formula=rf"\begin{{gathered}} \mathrm{{operations}}(n) = {sp.latex(each * n + base)} \\"
        rf" n = 1, \dots, {DEEPEST}, {LATER} \end{{gathered}}",
        words=f"operations(n) = {each} n + {base}",
    )
    wrong = "operations(n) = {} n + {}"
    mistakes = [
        Mistake("one operation less in each layer", "每层少算一次运算",
                statement.but(stated(each - 1), wrong.format(each - 1, base))),
        Mistake("the same for every depth", "以为与深度无关",
                statement.but(dict.fromkeys(linear, float(first)), wrong.format(0, first))),
        Mistake("quadratic growth", "以为按平方增长",
                statement.but(stated(each, 1), wrong.format(each, base) + " + n (n - 1)")),
        Mistake("doubling with every layer", "以为每层翻倍",
                statement.but({f"{d} layers": float(first) * 2.0 ** (d - 1) for d in depths},
                              f"operations(n) = {first} 2^(n - 1)")),
    ]  # fmt: skip
    deep = 8
    values = {
        "per_layer": Value(each),
        "base": Value(base),
        "deepest": Value(DEEPEST),
        "at_200": Value(instructions(LATER)),
        "ratio": Value(sp.Rational(instructions(LATER), loss_alone(LATER)), digits=3),
        "shown_depth": Value(deep),
        "at_shown_depth": Value(instructions(deep)),
        "expanded_at_shown_depth": Value(expanded(deep)),
    }
    return Case(statement, [Runs()], mistakes, values)
