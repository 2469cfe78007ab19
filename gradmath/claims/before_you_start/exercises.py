"""Answers to the exercises of the page, each checked as a claim."""

from __future__ import annotations

import math

import sympy as sp

from gradmath.claims.before_you_start.rules import PAGE
from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.evidence import enclosure, identity, slope
from gradmath.claims.exercise import Answer, Kind
from gradmath.claims.grades import PROVED
from gradmath.claims.kernel import KernelValues
from gradmath.claims.planted import with_rule
from gradmath.claims.relation import Relation, equal, less, partial
from gradmath.claims.statement import ForAll
from gradmath.claims.symbols import Reals, sigmoid, tanh, x
from gradmath.claims.values import Value


@claim(
    "exercise-before-hand",
    page=PAGE,
    grade=PROVED,
    titles={"en": "Exercise: two products by hand", "zh": "练习：手算两个矩阵乘积"},
    statement_text={
        "en": "The transpose of AB equals Bᵀ Aᵀ; AB and BA differ.",
        "zh": "AB 的转置等于 Bᵀ Aᵀ；AB 与 BA 不相等。",
    },
    assumptions={
        "en": "A has the rows (1, 2) and (0, 1), B the rows (1, 0) and (3, 1).",
        "zh": "A 的两行为 (1, 2) 与 (0, 1)，B 的两行为 (1, 0) 与 (3, 1)。",
    },
)
def exercise_before_hand() -> Case:
    first, second = sp.ImmutableMatrix([[1, 2], [0, 1]]), sp.ImmutableMatrix([[1, 0], [3, 1]])
    forwards = sp.ImmutableMatrix([[7, 2], [3, 1]])
    backwards = sp.ImmutableMatrix([[1, 2], [3, 7]])
    turned = sp.ImmutableMatrix(forwards.T)
    products = {"AB": (first, second), "BA": (second, first), "B^T A^T": (second.T, first.T)}

    def stated(name: str, result: sp.ImmutableMatrix) -> dict[str, Relation]:
        """The product is the stated matrix, entry by entry, each a sum of products written out."""
        left, right = products[name]
        return {
            f"{name} {i + 1},{j + 1}": equal(
                sp.Add(*(left[i, k] * right[k, j] for k in range(2))), result[i, j]
            )
            for i in range(2)
            for j in range(2)
        }

    parts = stated("AB", forwards) | stated("BA", backwards) | stated("B^T A^T", turned)
    values = {
        "ab": Value(forwards, again=first * second),
        "ba": Value(backwards, again=second * first),
        "abt": Value(turned, again=second.T * first.T),
    }
    rows = [
        rf"AB = {values['ab'].latex}, \qquad BA = {values['ba'].latex},",
        rf"(AB)^{{\mathsf T}} = B^{{\mathsf T}} A^{{\mathsf T}} = {values['abt'].latex}",
    ]
    statement = ForAll(
        parts, display=rows, words=f"AB = {forwards.tolist()}, BA = {backwards.tolist()}"
    )
    mistakes = [
        Mistake("BA in place of AB", "把 AB 误算成 BA",
                statement.but(**stated("AB", second * first))),
        Mistake("entry by entry", "逐元素相乘",
                statement.but(**stated("AB", first.multiply_elementwise(second)))),
        Mistake("AB in place of BA", "把 BA 误算成 AB",
                statement.but(**stated("BA", first * second))),
        Mistake("rows times rows", "行与行相乘",
                statement.but(**stated("BA", second * first.T))),
        Mistake("the transposes in the order of the factors", "转置后次序不变",
                statement.but(**stated("B^T A^T", first.T * second.T))),
        Mistake("the product not transposed", "乘积没有转置",
                statement.but(**stated("B^T A^T", first * second))),
    ]  # fmt: skip
    answer = Answer(
        Kind.BY_HAND,
        en="$AB = {$ab}$ and $BA = {$ba}$. These two differ. The transpose of the first is "
        "$(AB)^{\\mathsf T} = {$abt}$, and so is $B^{\\mathsf T} A^{\\mathsf T}$: these two agree, "
        "for any two matrices that can be multiplied.",
        zh="$AB = {$ab}$，$BA = {$ba}$，两者不同。前者的转置为 $(AB)^{\\mathsf T} = {$abt}$，"
        "$B^{\\mathsf T} A^{\\mathsf T}$ 也等于它：只要两个矩阵可以相乘，这两者总相等。",
    )
    return Case(statement, [identity()], mistakes, values, answer)


@claim(
    "exercise-before-proof",
    page=PAGE,
    grade=PROVED,
    titles={"en": "Exercise: three functions in a row", "zh": "练习：三个函数的复合"},
    statement_text={
        "en": "Differentiating tanh(σ(x²)) with the first two functions joined, or with the "
        "last two joined, gives one and the same product of three slopes.",
        "zh": "对 tanh(σ(x²)) 求导，无论先合并前两个函数还是先合并后两个，"
        "得到的都是同样三个导数之积。",
    },
    assumptions={
        "en": "The example of the general argument in the answer; x is real.",
        "zh": "这是答案中一般论证的一个例子；x 为实数。",
    },
)
def exercise_before_proof() -> Case:
    u = sp.Dummy("u", real=True)

    def at(function: sp.Expr, point: sp.Expr) -> sp.Expr:
        return function.diff(u).xreplace({u: point})

    first, second = x**2, sigmoid(x**2)
    slopes = (at(tanh(u), second), at(sigmoid(u), first), first.diff(x))
    inner_joined = slopes[0] * partial(second, x)
    outer_joined = partial(tanh(sigmoid(u)), u).doit().xreplace({u: first}) * slopes[2]
    product = sp.Mul(*slopes)
    statement = ForAll(
        {
            "all at once": equal(partial(tanh(second), x), product),
            "inner pair first": equal(inner_joined, product),
            "outer pair first": equal(outer_joined, product),
        },
        {x: Reals},
        display=(
            r"f_3'\,(f_2 \circ f_1)' = (f_3 \circ f_2)'\,f_1' = f_3'\,f_2'\,f_1',",
            r"f_1 = x^2,\; f_2 = \sigma,\; f_3 = \tanh",
        ),
        words="d/dx tanh(sigmoid(x^2)) = tanh'(sigmoid(x^2)) sigmoid'(x^2) 2 x, either way",
    )
    whole = "all at once"
    mistakes = [
        Mistake("every slope taken at x", "所有导数都取在 x 处",
                statement.but(**{whole: equal(
                    partial(tanh(second), x), at(tanh(u), x) * at(sigmoid(u), x) * slopes[2])})),
        Mistake("the middle slope lost", "漏掉中间的导数",
                statement.but(**{whole: equal(partial(tanh(second), x), slopes[0] * slopes[2])})),
        Mistake("the outer slope taken one function too early", "外层导数取早了一层",
                statement.but(**{whole: equal(
                    partial(tanh(second), x), at(tanh(u), first) * slopes[1] * slopes[2])})),
        Mistake("the innermost slope lost in the inner pair", "内层一对中漏掉最内层的导数",
                statement.but(**{"inner pair first": equal(
                    inner_joined, slopes[0] * slopes[1])})),
        Mistake("the slope of the outer pair taken at x", "外层一对的导数取在 x 处",
                statement.but(**{"outer pair first": equal(
                    outer_joined.xreplace({first: x}), product)})),
    ]  # fmt: skip
    answer = Answer(
        Kind.PROOF,
        en="Join the inner pair first: let $u = f_2 \\circ f_1$. Then $(f_3 \\circ u)' = "
        "f_3'(u)\\, u'$, and $u' = f_2'(f_1)\\, f_1'$, so the product is $f_3'(f_2(f_1))\\, "
        "f_2'(f_1)\\, f_1'$. Join the outer pair first: let $v = f_3 \\circ f_2$. Then $(v \\circ "
        "f_1)' = v'(f_1)\\, f_1'$, and $v'(t) = f_3'(f_2(t))\\, f_2'(t)$ at $t = f_1$ gives the "
        "same three factors. That is why a chain may be differentiated from either end.",
        zh="先合并内层两个：令 $u = f_2 \\circ f_1$，则 $(f_3 \\circ u)' = f_3'(u)\\, u'$，而 $u' "
        "= f_2'(f_1)\\, f_1'$，所以乘积为 $f_3'(f_2(f_1))\\, f_2'(f_1)\\, f_1'$。先合并外层两个："
        "令 $v = f_3 \\circ f_2$，则 $(v \\circ f_1)' = v'(f_1)\\, f_1'$，而 $v'(t) = "
        "f_3'(f_2(t))\\, f_2'(t)$ 在 $t = f_1$ 处给出同样三个因子。正因如此，对一条链求导，"
        "从哪一端开始都可以。",
    )
    return Case(statement, [identity(), slope(whole, of=tanh(second), by=x)], mistakes, {}, answer)


def _quotient_again(h: float) -> float:
    """The central difference of tanh(x^2) at 1, in doubles."""
    return (math.tanh((1 + h) ** 2) - math.tanh((1 - h) ** 2)) / (2 * h)


@claim(
    "exercise-before-code",
    page=PAGE,
    grade=PROVED,
    titles={"en": "Exercise: derive and compare", "zh": "练习：推导并比较"},
    statement_text={
        "en": "The derivative of tanh(x²) is 2 x tanh′(x²). At x = 1 the symmetric "
        "difference with step h = 1/1000 differs from it by less than 3 h².",
        "zh": "tanh(x²) 的导数为 2x tanh′(x²)。在 x = 1 处，步长 h = 1/1000 "
        "的中心差分与它相差不到 3h²。",
    },
    assumptions={"en": "x is real.", "zh": "x 为实数。"},
)
def exercise_before_code() -> Case:
    from gradmath.derivation import derive

    derivation = derive([("u", "x**2"), ("a", "tanh(u)")], wrt=["x"])
    own = derivation.symbols["x"]
    lost = with_rule(derivation, "u", "x", own)  # x in place of 2 x
    at_x = with_rule(derivation, "a", "u", tanh(own).diff(own))
    curve = tanh(x**2)
    slope_here = sp.Mul(2, x, tanh(x).diff(x).xreplace({x: x**2}))
    at_one, h = slope_here.subs(x, 1), sp.Rational(1, 1000)
    quotient = (curve.subs(x, 1 + h) - curve.subs(x, 1 - h)) / (2 * h)
    statement = ForAll(
        {
            "derivative": equal(partial(curve, x), slope_here),
            "derived": equal(derivation.explicit("x").xreplace({own: x}), slope_here),
            "difference": less(sp.Abs(quotient - at_one), 3 * h**2),
            "at 1": equal(curve.diff(x).subs(x, 1), at_one),
        },
        {x: Reals},
        display=(
            r"f(x) = \tanh(x^2), \qquad f'(x) = 2 x\,\tanh'(x^2),",
            r"\left|\frac{f(1 + h) - f(1 - h)}{2 h} - f'(1)\right| < 3 h^2,",
            rf"h = {sp.latex(h)}",
        ),
        words="d/dx tanh(x^2) = 2 x tanh'(x^2); the central difference at 1 is within 3 h^2",
    )
    mistakes = [
        Mistake("the inner slope lost", "漏掉内层导数",
                statement.but(derivative=equal(partial(curve, x), slope_here / (2 * x)))),
        Mistake("the outer slope taken at x", "外层导数取在 x 处",
                statement.but(derivative=equal(
                    partial(curve, x), 2 * x * tanh(x).diff(x)))),
        Mistake("a derivation that loses the factor 2 of the inner slope",
                "推导中漏掉内层导数的因子 2",
                statement.but(derived=equal(lost.explicit("x").xreplace({own: x}), slope_here)),
                derivation=lost),
        Mistake("a derivation that takes the outer slope at x", "推导中外层导数取在 x 处",
                statement.but(derived=equal(at_x.explicit("x").xreplace({own: x}), slope_here)),
                derivation=at_x),
        Mistake("the factor 2 lost at x = 1", "x = 1 处漏掉因子 2",
                statement.but(**{"at 1": equal(curve.diff(x).subs(x, 1), at_one / 2)})),
        Mistake("a one-sided difference would do as well", "以为单侧差分同样精确",
                statement.but(difference=less(sp.Abs(
                    (curve.subs(x, 1 + h) - curve.subs(x, 1)) / h - at_one), 3 * h**2))),
    ]  # fmt: skip
    evidence = [
        identity("derivative", "derived", "at 1"),
        enclosure("difference"),
        slope("derivative", of=curve, by=x),
        KernelValues(derivation, {"x": sp.Integer(1)}, {"at 1": "x"}),
    ]
    values = {
        "slope": Value(at_one, digits=6),
        "quotient": Value(quotient, digits=6, again=_quotient_again(float(h))),
        "h": Value(h, digits=1, again=sp.Rational(1, 1000)),
    }
    code = """
```pycon
>>> import math
>>> import gradmath as gm
>>> d = gm.derive([("u", "x**2"), ("a", "tanh(u)")], wrt=["x"])
>>> d.gradient["x"]
2*x*tanh'(u)
>>> value, grads = gm.compile(d)(x=1.0)
>>> round(float(grads["x"]), 6)
{#slope}
>>> h = {#h}
>>> round((math.tanh((1 + h) ** 2) - math.tanh((1 - h) ** 2)) / (2 * h), 6)
{#quotient}

```
"""
    answer = Answer(
        Kind.CODE,
        en="The derivation gives $2x\\,\\tanh'(x^2)$.\n" + code + "\n"
        "The two differ by about $h^2$, which is what a symmetric difference can do.",
        zh="推导结果为 $2x\\,\\tanh'(x^2)$。\n"
        + code
        + "\n两者相差约 $h^2$ 的量级，这正是中心差分所能达到的精度。",
    )
    return Case(statement, evidence, mistakes, values, answer)
