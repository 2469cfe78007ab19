"""What explodes is never the sigmoid's slope: it is the weights."""

from __future__ import annotations

import sympy as sp

from gradmath.claims.again import repeated
from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.derivations import chain
from gradmath.claims.evidence import certificate, enclosure, identity, points
from gradmath.claims.exploding.stacks import PAGE
from gradmath.claims.grades import PROVED
from gradmath.claims.kernel import KernelValues
from gradmath.claims.planted import derived_parts, with_rule
from gradmath.claims.relation import Relation, at_most, equal, greater
from gradmath.claims.statement import ForAll
from gradmath.claims.symbols import Reals, sigmoid, tanh, x, z
from gradmath.claims.values import Value

HALF, QUARTER = sp.Rational(1, 2), sp.Rational(1, 4)
WIDTH = 3  # the statement on vectors is proved for one to this many units
DEPTH = 5  # of the chain that is derived and compiled


@claim(
    "slope-never-amplifies",
    page=PAGE,
    grade=PROVED,
    titles={
        "en": "The slope of a sigmoid or tanh never amplifies",
        "zh": "sigmoid 与 tanh 的导数从不放大梯度",
    },
    statement_text={
        "en": "Passing back through a layer of sigmoids, entry by entry, makes a gradient at most "
        "a quarter as long; passing back through a layer of tanh makes it no longer. So whatever "
        "explodes is in the weights.",
        "zh": "梯度逐元素反向通过一层 sigmoid 后，长度至多为原来的四分之一；反向通过一层 tanh 后，"
        "长度不会增加。因此爆炸只能来自权重。",
    },
    assumptions={
        "en": "Proved for layers of one, two and three units and any pre-activations; a sum of "
        "squares over more units brings nothing new.",
        "zh": "对一、二、三个单元的层和任意预激活值证明；单元更多时不过是更多平方之和。",
    },
)
def slope_never_amplifies() -> Case:
    zs, ds = (sp.symbols(f"{name}1:{WIDTH + 1}", real=True) for name in ("z", "delta"))
    slopes = {"sigmoid": sigmoid(z).diff(z), "tanh": tanh(z).diff(z)}
    bounds = {"sigmoid": QUARTER, "tanh": sp.Integer(1)}
    growth = sp.exp(z) + sp.exp(-z)
    # 1/16 - s'^2 and 1 - t'^2, each as a square times a positive number
    rests = {
        "sigmoid": (sigmoid(z) - HALF) ** 2 * (QUARTER + sp.exp(-z) / (1 + sp.exp(-z)) ** 2),
        "tanh": tanh(z) ** 2 * (1 + 4 / growth**2),
    }

    def passed(name: str, width: int, bound: sp.Expr) -> Relation:
        slope_ = slopes[name]
        short = sp.Add(*(
            (slope_.xreplace({z: u}) * d) ** 2 for u, d in list(zip(zs, ds, strict=True))[:width]
        ))  # fmt: skip
        return at_most(short, bound**2 * sp.Add(*(d**2 for d in ds[:width])))

    widths = range(1, WIDTH + 1)
    parts = {f"{n} {k}": passed(n, k, bounds[n]) for n in slopes for k in widths}
    certificates = {
        f"{n} {k}": sp.Add(*(ds[i] ** 2 * rests[n].xreplace({z: zs[i]}) for i in range(k)))
        for n in slopes
        for k in widths
    }
    statement = ForAll(
        parts,
        dict.fromkeys([*zs, *ds], Reals),
        display=(
            r"\bigl\lVert \delta \odot \sigma'(z) \bigr\rVert \le \tfrac14\, \lVert \delta \rVert,",
            r"\bigl\lVert \delta \odot \tanh'(z) \bigr\rVert \le \lVert \delta \rVert",
        ),
        words="|delta * sigmoid'(z)| <= |delta| / 4; |delta * tanh'(z)| <= |delta|",
        scope="",
    )
    mistakes = [
        Mistake("a sigmoid that passes on at most a fifth", "以为 sigmoid 至多传回五分之一",
                statement.but(**{f"sigmoid {k}": passed("sigmoid", k, QUARTER * 4 / 5)
                                 for k in widths})),
        Mistake("a tanh that halves", "以为 tanh 至多传回一半",
                statement.but(**{f"tanh {k}": passed("tanh", k, HALF) for k in widths})),
        Mistake("the quarter squared once more", "四分之一多平方了一次",
                statement.but(**{f"sigmoid {k}": passed("sigmoid", k, QUARTER**2)
                                 for k in widths})),
        Mistake("the sigmoid's quarter stated for tanh", "把 sigmoid 的四分之一套用到 tanh",
                statement.but(**{f"tanh {k}": passed("tanh", k, QUARTER) for k in widths})),
    ]  # fmt: skip
    return Case(statement, [certificate(**certificates), points()], mistakes)


def eight(argument: sp.Expr) -> sp.Expr:
    """One layer with w = 8 and b = -4: sigmoid(8 x - 4), which keeps one half where it is."""
    return sigmoid(8 * argument - 4)


@claim(
    "sigmoid-can-explode",
    page=PAGE,
    grade=PROVED,
    titles={"en": "A stack of sigmoids can explode", "zh": "sigmoid 层叠起来也会爆炸"},
    statement_text={
        "en": "With w = 8 and b = −4 a sigmoid layer keeps the value one half where it is, and "
        "its slope there is 2. So the derivative of n such layers is 2ⁿ at x = 1/2, although no "
        "single slope of a sigmoid exceeds one quarter.",
        "zh": "取 w = 8、b = −4，sigmoid 层把 1/2 映为 1/2，且在那里的导数为 2。"
        "因此 n 个这样的层在 x = 1/2 处的导数是 2ⁿ，尽管 sigmoid 自身的导数处处不超过四分之一。",
    },
    assumptions={
        "en": "One unit a layer. At x = 1/2 no layer is saturated; away from it the layers "
        "saturate and the derivative falls. By induction on n; derived, and run, for five layers.",
        "zh": "每层一个单元。取 x = 1/2，此处各层都不饱和；离开此处各层趋于饱和，导数随之减小。"
        "对 n 用归纳法证明；另对五层实际推导并运行。",
    },
)
def sigmoid_can_explode() -> Case:
    n = sp.Symbol("n", integer=True, nonnegative=True)
    three = eight(eight(eight(x)))
    rate = eight(x).diff(x)
    derivation = chain(DEPTH)
    point = {"x": HALF, "y": sp.Integer(0)}
    for k in range(1, DEPTH + 1):
        point |= {f"w{k}": sp.Integer(8), f"b{k}": sp.Integer(-4)}
    own = derivation.symbols
    lost = with_rule(derivation, "z3", "a2", sp.Integer(1))
    squared = with_rule(derivation, "a1", "z1", sigmoid(own["z1"]).diff(own["z1"]) ** 2)
    stated = {"x": sp.Integer(2) ** DEPTH}
    statement = ForAll(
        {
            "stays": equal(eight(HALF), HALF),
            "slope": equal(rate.subs(x, HALF), 2),
            "three layers": equal(three.diff(x).subs(x, HALF), 8),
            "one more": equal(rate.subs(x, HALF) * 2**n, 2 ** (n + 1)),
            "saturated": greater(sp.Rational(1, 200), three.diff(x).subs(x, 0)),
            **derived_parts(derivation, point, stated, "L"),
        },
        {n: sp.S.Naturals0},
        display=(
            r"f(x) = \sigma(8x - 4):",
            r"f(\tfrac12) = \tfrac12, \quad f'(\tfrac12) = 2,",
            r"\frac{\mathrm d}{\mathrm d x}\, \underbrace{f(f(\cdots f(x)))}_{n}\,"
            r"\Big|_{x = 1/2} = 2^n,",
            r"\frac{\mathrm d}{\mathrm d x}\, f(f(f(x)))\,\Big|_{x = 0} < \tfrac{1}{200}",
        ),
        words="f(x) = sigmoid(8 x - 4): f(1/2) = 1/2, f'(1/2) = 2, n layers have the derivative "
        "2^n there; three layers at x = 0 have less than 1/200",
        scope="",
    )
    mistakes = [
        Mistake("a quarter a layer: the weight lost", "每层四分之一：漏掉权重",
                statement.but(slope=equal(rate.subs(x, HALF), QUARTER))),
        Mistake("eight a layer: the slope lost", "每层乘 8：漏掉导数",
                statement.but(**{"one more": equal(8 * 2**n, 2 ** (n + 1))})),
        Mistake("added instead of multiplied", "相加而不是相乘",
                statement.but(**{"three layers": equal(three.diff(x).subs(x, HALF), 6)})),
        Mistake("the bias left out", "漏掉偏置",
                statement.but(stays=equal(sigmoid(8 * HALF), HALF))),
        Mistake("as large everywhere", "以为处处一样大",
                statement.but(saturated=greater(
                    sp.Rational(1, 200), three.diff(x).subs(x, HALF)))),
        Mistake("a derivation that loses one weight", "推导中漏掉一个权重",
                statement.but(**derived_parts(lost, point, stated, "L")), derivation=lost),
        Mistake("a derivation with a slope squared", "推导中导数多平方了一次",
                statement.but(**derived_parts(squared, point, stated, "L")), derivation=squared),
    ]  # fmt: skip
    evidence = [
        identity("stays", "slope", "three layers", "one more", "derived dL/dx"),
        enclosure("saturated"),
        KernelValues(derivation, point, {"derived dL/dx": "x"}),
    ]
    values = {
        "five": Value(stated["x"]),
        "ten": Value(sp.Integer(2) ** 10, again=repeated(rate.subs(x, HALF), 10)),
        "off": Value(three.diff(x).subs(x, 0), digits=2),
    }
    return Case(statement, evidence, mistakes, values)
