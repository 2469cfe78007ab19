"""Two neurons in a row, worked out by hand."""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.derivations import two_layer
from gradmath.claims.evidence import enclosure, identity
from gradmath.claims.grades import PROVED
from gradmath.claims.kernel import KernelValues
from gradmath.claims.planted import derived_parts, with_rule
from gradmath.claims.relation import Relation, equal, less
from gradmath.claims.statement import ForAll
from gradmath.claims.symbols import sigmoid, tanh
from gradmath.claims.values import Value

PAGE = "chain-rule"
HALF = sp.Rational(1, 2)

#: Where the example stands.
POINT: Mapping[str, sp.Rational] = {
    "x": HALF, "y": sp.Integer(1),
    "w1": sp.Integer(2), "b1": sp.Integer(-1), "w2": sp.Integer(2), "b2": sp.Integer(-1),
}  # fmt: skip
UPDATED = ("w1", "b1", "w2", "b2")
PARAMETERS = ("w2", "b2", "w1", "b1", "x")
#: The answers, as anyone finds them with a pencil; every one of them is proved below.
FORWARD = {"z1": sp.Integer(0), "a1": HALF, "z2": sp.Integer(0), "a2": HALF, "L": HALF**2}
BACKWARD = {
    "w2": -sp.Rational(1, 8), "b2": -sp.Rational(1, 4),
    "w1": -sp.Rational(1, 16), "b1": -sp.Rational(1, 8), "x": -sp.Rational(1, 4),
}  # fmt: skip


def two_neurons(names: Mapping[str, sp.Symbol]) -> dict[str, sp.Expr]:
    """The example's values, written out for SymPy without the package's own derivation."""
    z1 = names["w1"] * names["x"] + names["b1"]
    a1 = sigmoid(z1)
    z2 = names["w2"] * a1 + names["b2"]
    a2 = sigmoid(z2)
    return {"z1": z1, "a1": a1, "z2": z2, "a2": a2, "L": (a2 - names["y"]) ** 2}


def at(expression: sp.Expr, point: Mapping[str, sp.Rational]) -> sp.Expr:
    """An expression's exact value at a point given by names."""
    by_name = {symbol: point[symbol.name] for symbol in expression.free_symbols}
    return expression.xreplace(by_name)


def derivatives_at(point: Mapping[str, sp.Rational]) -> dict[str, sp.Expr]:
    """SymPy's own derivatives of the written-out loss at a point."""
    names = {name: sp.Symbol(name, real=True) for name in POINT}
    loss = two_neurons(names)["L"]
    return {name: at(loss.diff(names[name]), point) for name in PARAMETERS}


@claim(
    "by-hand",
    page=PAGE,
    grade=PROVED,
    titles={"en": "Two layers by hand", "zh": "手算两层网络"},
    statement_text={
        "en": "Both pre-activations are 0, both activations 1/2 and the loss is 1/4. Its "
        "derivatives for w₂, b₂, w₁, b₁ and x are −1/8, −1/4, −1/16, −1/8 and −1/4. One step of "
        "descent with η = 1 lowers the loss.",
        "zh": "两个预激活值都是 0，两个激活值都是 1/2，损失为 1/4。损失对 w₂、b₂、w₁、b₁、x "
        "的导数依次为 −1/8、−1/4、−1/16、−1/8、−1/4。取 η = 1 下降一步，损失变小。",
    },
    assumptions={
        "en": "w₁ = w₂ = 2, b₁ = b₂ = −1, x = 1/2, y = 1. SymPy differentiates the loss written "
        "out by itself; our derivation's gradient is held to the same numbers, and so is the "
        "compiled kernel.",
        "zh": "w₁ = w₂ = 2，b₁ = b₂ = −1，x = 1/2，y = 1。由 SymPy 对完整写出的损失独立求导；"
        "本库推导出的梯度与编译出的程序都须给出同样的数。",
    },
)
def by_hand() -> Case:
    names = {name: sp.Symbol(name, real=True) for name in POINT}
    forward = {name: at(value, POINT) for name, value in two_neurons(names).items()}
    backward, derivation = derivatives_at(POINT), two_layer()
    parts: dict[str, Relation] = {
        name: equal(value, FORWARD[name]) for name, value in forward.items()
    }
    parts |= {f"dL/d{name}": equal(backward[name], BACKWARD[name]) for name in PARAMETERS}
    parts |= derived_parts(derivation, POINT, BACKWARD, "L")
    moved, climbed = (
        {n: v - sign * BACKWARD[n] if n in UPDATED else v for n, v in POINT.items()}
        for sign in (1, -1)
    )
    loss = two_neurons(names)["L"]
    parts["after one step"] = less(at(loss, moved), FORWARD["L"])
    statement = ForAll(parts, display=_display(), words=_words())
    mistakes = [
        *_wrong_numbers(statement, names, backward),
        Mistake("a step uphill", "朝上坡方向走一步",
                statement.but(**{"after one step": less(at(loss, climbed), FORWARD["L"])})),
        *_wrong_derivations(statement),
    ]  # fmt: skip
    evidence = [
        identity(*(name for name in parts if name != "after one step")),
        enclosure("after one step"),
        KernelValues(derivation, POINT, {f"dL/d{n}": n for n in PARAMETERS} | {"L": ""}),
    ]
    values = {name: Value(value) for name, value in FORWARD.items()}
    values |= {"loss": Value(FORWARD["L"])}
    values |= {f"d{name}": Value(value) for name, value in BACKWARD.items()}
    values |= {
        f"{name}_after": Value(moved[name], again=POINT[name] - backward[name]) for name in UPDATED
    }
    values |= {"loss_after": Value(at(loss, moved), digits=5)}
    return Case(statement, evidence, mistakes, values)


def _wrong_numbers(
    statement: ForAll, names: Mapping[str, sp.Symbol], backward: Mapping[str, sp.Expr]
) -> list[Mistake]:
    """One slip in a formula: the number that it gives is stated in place of the right one."""
    formulas, forward = two_neurons(names), statement.parts
    w1, w2, y, a2 = names["w1"], names["w2"], names["y"], formulas["a2"]

    def wrong(**found: sp.Expr) -> dict[str, Relation]:
        return {name: equal(forward[name].left, at(expression, POINT))
                for name, expression in found.items()}  # fmt: skip

    def stated(factor: sp.Expr, *by: str) -> dict[str, Relation]:
        """A factor of the product lost or put in the place of another: the numbers are wrong."""
        return {f"dL/d{name}": equal(backward[name], BACKWARD[name] * at(factor, POINT))
                for name in by}  # fmt: skip

    slope = a2 * (1 - a2)
    return [
        Mistake("the biases left out of the pre-activations", "预激活值漏掉偏置",
                statement.but(**wrong(z1=w1 * names["x"], z2=w2 * formulas["a1"]))),
        Mistake("tanh in place of the sigmoid", "把 sigmoid 换成 tanh",
                statement.but(**wrong(a1=tanh(formulas["z1"]), a2=tanh(formulas["z2"])))),
        Mistake("a loss with 1/2", "损失多乘了 1/2",
                statement.but(**wrong(L=(a2 - y) ** 2 / 2))),
        Mistake("the second weight's factor lost on the way back", "反传时漏掉第二层权重",
                statement.but(**stated(1 / w2, "w1", "b1", "x"))),
        Mistake("the activation in place of the slope", "导数误写成激活值",
                statement.but(**stated(a2 / slope, "w2", "b2"))),
        Mistake("the sign of the residual lost", "丢掉残差的符号",
                statement.but(**stated(sp.Abs(a2 - y) / (a2 - y), *PARAMETERS))),
        Mistake("the loss in place of the residual", "用损失代替残差",
                statement.but(**stated(a2 - y, *PARAMETERS))),
    ]  # fmt: skip


def _wrong_derivations(statement: ForAll) -> list[Mistake]:
    """Our own derivation with one local rule wrong: its gradient and its kernel must be caught."""
    derivation = two_layer()
    own = derivation.symbols

    def planted(en: str, zh: str, of: str, by: str, rule: sp.Expr) -> Mistake:
        wrong = with_rule(derivation, of, by, rule)
        changed = {
            name: part
            for name, part in derived_parts(wrong, POINT, BACKWARD, "L").items()
            if part != statement.parts[name]
        }
        return Mistake(en, zh, statement.but(**changed), derivation=wrong)

    return [
        planted("a derivation with the slope at the input", "推导中导数取在输入 x 处",
                "a1", "z1", sigmoid(own["x"]).diff(own["x"])),
        planted("a derivation with twice the loss", "推导中残差误作损失",
                "L", "a2", 2 * (own["a2"] - own["y"]) ** 2),
        planted("a derivation that loses the first input", "推导中漏掉第一层的输入",
                "z1", "w1", sp.S.One),
    ]  # fmt: skip


def _display() -> list[str]:
    from gradmath import notation

    def given(values: Mapping[str, sp.Expr]) -> str:
        return r",\; ".join(
            f"{notation.name_latex(name)} = {notation.latex(value)}"
            for name, value in values.items()
        )

    def gradient(*names: str) -> str:
        return r",\; ".join(
            f"{notation.partial_latex('L', name)} = {notation.latex(BACKWARD[name])}"
            for name in names
        )

    parameters = {name: value for name, value in POINT.items() if name not in "xy"}
    return [
        given({name: POINT[name] for name in "xy"}) + ",",
        given(parameters) + ":",
        given(FORWARD) + ",",
        gradient("w2", "b2") + ",",
        gradient("w1", "b1", "x") + ",",
        r"L(\theta - \nabla L) < L(\theta),\quad \theta = (w_1, b_1, w_2, b_2)",
    ]


def _words() -> str:
    stated = {**FORWARD, **{f"dL/d{name}": value for name, value in BACKWARD.items()}}
    return ", ".join(f"{name} = {value}" for name, value in stated.items())
