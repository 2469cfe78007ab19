"""Vanishing proper: a gradient that shrinks from layer to layer."""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp

from gradmath.catalogue.applied import explicit
from gradmath.claims.again import factors, repeated
from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.evidence import certificate, enclosure, identity, points
from gradmath.claims.grades import PROVED
from gradmath.claims.relation import Relation, at_most, equal, greater, less, partial
from gradmath.claims.statement import ForAll
from gradmath.claims.symbols import Reals, sigmoid, w, x, z
from gradmath.claims.values import Instance, Value

PAGE = "vanishing"

HALF, QUARTER = sp.Rational(1, 2), sp.Rational(1, 4)
SLOPE = sigmoid(z).diff(z)
DIAL = (2, 4, 8)  # the three positions of the dial
SHOWN = 49  # layers between the first neuron of a chain of fifty and the loss
DEEPEST = 5  # chains that are differentiated whole, beside the step of the induction


def chain(weights: Sequence[sp.Expr], biases: Sequence[sp.Expr], start: sp.Expr) -> sp.Expr:
    """The activation at the end of a chain of sigmoid neurons."""
    inside = start
    for weight, bias in zip(weights, biases, strict=True):
        inside = sigmoid(weight * inside + bias)
    return inside


@claim(
    "one-dial",
    page=PAGE,
    grade=PROVED,
    titles={"en": "One dial", "zh": "一个旋钮"},
    statement_text={
        "en": "In a chain of sigmoid neurons with b = −w/2 that starts at 1/2, every activation is "
        "1/2, every slope is the largest there is, and each layer multiplies the gradient by "
        "exactly w/4: by 1/2 for w = 2, by 1 for w = 4, by 2 for w = 8.",
        "zh": "一串 sigmoid 神经元，取 b = −w/2，从 1/2 出发：每个激活值都是 1/2，每个导数都取到最"
        "大值，每一层恰好把梯度乘以 w/4：w = 2 时乘以 1/2，w = 4 时乘以 1，w = 8 时乘以 2。",
    },
    assumptions={
        "en": "w is real. Activation and slope are the step of an induction on the layers; the "
        "product (w/4)ⁿ is proved as well by differentiating whole chains of one to five neurons.",
        "zh": "w 为实数。激活值与导数两行是对层数归纳的一步；此外对一到五个神经元的整条链直接求导，"
        "证明乘积 (w/4)ⁿ。",
    },
)
def one_dial() -> Case:
    line = w * HALF - w / 2
    a = sp.Symbol("a", real=True)
    factor = partial(sigmoid(w * a - w / 2), a)
    at_half = factor.doit().xreplace({a: HALF})
    whole = {
        n: chain([w] * n, [-w / 2] * n, x).diff(x).subs(x, HALF) for n in range(1, DEEPEST + 1)
    }
    parts: dict[str, Relation] = {
        "activation": equal(sigmoid(line), HALF),
        "slope": equal(SLOPE.xreplace({z: line}), QUARTER),
        "factor": equal(at_half, w / 4),
        **{f"{n} layers": equal(found, (w / 4) ** n) for n, found in whole.items()},
        **{f"w = {n}": equal(at_half.subs(w, n), sp.Rational(n, 4)) for n in DIAL},
    }
    statement = ForAll(
        parts,
        {w: Reals},
        display=(
            r"a_{k-1} = \tfrac12,\; b = -\tfrac{w}{2}:",
            r"a_k = \tfrac12, \quad \sigma'(z_k) = \tfrac14, \quad \frac{\partial a_k}{\partial "
            r"a_{k-1}} = \frac{w}{4},",
            r"\frac{\partial a_n}{\partial x} = \left(\frac{w}{4}\right)^{n}",
        ),
        words="with b = -w/2 and a = 1/2: the next activation is 1/2 and d a_k / d a_(k-1) = w/4; "
        "through n layers (w/4)^n",
    )
    last = f"{DEEPEST} layers"
    mistakes = [
        Mistake("without the bias the activation is 1/2 as well", "以为没有偏置激活值也是 1/2",
                statement.but(activation=equal(sigmoid(w * HALF), HALF))),
        Mistake("the activation taken for the slope", "把激活值当作导数",
                statement.but(slope=equal(SLOPE.xreplace({z: line}), HALF))),
        Mistake("the weight lost", "漏掉权重",
                statement.but(factor=equal(at_half, QUARTER))),
        Mistake("the slope lost", "漏掉导数",
                statement.but(factor=equal(at_half, w))),
        Mistake("factors added up over the layers", "把各层的因子相加",
                statement.but(**{f"{n} layers": equal(found, n * w / 4)
                                 for n, found in whole.items() if n > 1})),
        Mistake("one factor too many", "多乘了一个因子",
                statement.but(**{f"{n} layers": equal(found, (w / 4) ** (n + 1))
                                 for n, found in whole.items()})),
        Mistake("one factor alone, whatever the depth", "以为不论多深都只有一个因子",
                statement.but(**{last: equal(whole[DEEPEST], w / 4)})),
        Mistake("it vanishes at every weight", "以为任何权重下都会消失",
                statement.but(**{f"w = {n}": equal(at_half.subs(w, n), QUARTER) for n in DIAL})),
    ]  # fmt: skip
    values = {f"factor_{n}": Value(sp.Rational(n, 4)) for n in DIAL}
    start = 2 * HALF * QUARTER  # |dL/db| next to the loss: residual 1/2, slope 1/4
    values["start"] = Value(start, digits=2, again=Instance("slope", {w: 4}))
    for name, n in (("shrunk", DIAL[0]), ("grown", DIAL[-1])):
        values[name] = Value(
            sp.Rational(n, 4) ** SHOWN, digits=2, again=repeated(at_half.subs(w, n), SHOWN)
        )
    for name, n in zip(("vanished", "steady", "exploded"), DIAL, strict=True):
        values[name] = Value(
            start * sp.Rational(n, 4) ** SHOWN,
            digits=2,
            again=repeated(at_half.subs(w, n), SHOWN, start),
        )
    values["layers"] = Value(
        SHOWN, again=lambda: factors(sp.Rational(DIAL[0], 4), values["vanished"].value, start)
    )
    return Case(statement, [identity(), points(count=20)], mistakes, values)


@claim(
    "saturation-is-not-depth",
    page=PAGE,
    grade=PROVED,
    titles={"en": "Saturation is not depth", "zh": "饱和与深度是两回事"},
    statement_text={
        "en": "In a chain the derivatives of two biases have a quotient in which the loss does not "
        "occur: cross-entropy changes both alike, and cannot help an early layer against a late "
        "one. With all slopes at their largest and w = 2, ten layers take a factor of 1024; one "
        "saturated neuron takes more than 10⁸ alone, and there cross-entropy helps.",
        "zh": "在一串神经元中，两个偏置的导数之比与损失函数无关：换成交叉熵时两者同样变化，"
        "帮不了靠前的层。所有导数都取到最大且 w = 2 时，十层也使梯度缩小到 1/1024；而单个饱和神"
        "经元独自就能缩小 10⁸ 倍以上，此时交叉熵有用。",
    },
    assumptions={
        "en": "Quotient: proved for the last activation of two and three neurons, with any "
        "weights, biases and input; the loss depends on the chain through that activation alone, "
        "and so adds the same factor to both derivatives. Saturated: z = −20, y = 1.",
        "zh": "导数之比：对两个与三个神经元的最后一个激活值证明，权重、偏置、输入任意；损失只通过"
        "这个激活值依赖于整条链，因此给两个导数添上同一个因子。饱和：z = −20，y = 1。",
    },
)
def saturation_is_not_depth() -> Case:
    ws, bs = sp.symbols("w1:4", real=True), sp.symbols("b1:4", real=True)
    chains: dict[str, Relation] = {}
    for n in (2, 3):
        lines: list[sp.Expr] = []
        inside: sp.Expr = x
        for weight, bias in zip(ws[:n], bs[:n], strict=True):
            lines.append(weight * inside + bias)
            inside = sigmoid(lines[-1])
        slopes = [SLOPE.xreplace({z: line}) for line in lines[:-1]]
        passed_on = sp.Mul(*(w * d for w, d in zip(ws[1:n], slopes, strict=True)))
        chains[f"{n} neurons"] = equal(partial(inside, bs[0]), inside.diff(bs[n - 1]) * passed_on)
    ten: sp.Expr = chain([sp.Integer(2)] * 10, [sp.Integer(-1)] * 10, x).diff(x).subs(x, HALF)
    entry: sp.Expr = (sigmoid(z) - 1) ** 2
    there = sp.Integer(-20)
    felt, helped = -entry.diff(z).xreplace({z: there}), 1 - sigmoid(there)
    tiny = sp.Rational(1, 10**8)
    statement = ForAll(
        chains
        | {
            "ten layers": equal(ten, sp.Rational(1, 1024)),
            "one saturated neuron": less(felt, tiny),
            "cross-entropy there": greater(helped, 1 - tiny),
        },
        dict.fromkeys((x, *ws, *bs), Reals),
        display=(
            r"\frac{\partial L}{\partial b_1} = \frac{\partial L}{\partial "
            r"b_n}\, \prod_{k=1}^{n-1} w_{k+1}\,\sigma'(z_k)",
            r"\text{for every } L(a_n, y);",
            r"w = 2,\; z_k = 0:",
            r"\partial a_{10} / \partial x = 1/1024;",
            r"y = 1,\; z = -20:",
            r"2\,|a - y|\,\sigma'(z) < 10^{-8},",
            r"|a - y| > 1 - 10^{-8}",
        ),
        scope="",
        words="da_n/db_1 = da_n/db_n times the product of w_(k+1) sigmoid'(z_k), and so for every "
        "loss of a_n; ten layers of w = 2 at z = 0: 1/1024; at z = -20, y = 1 the squared error "
        "hands back less than 10^-8 and the cross-entropy nearly 1",
    )

    def scaled(factor: sp.Expr) -> dict[str, Relation]:
        return {name: equal(one.left, one.right * factor) for name, one in chains.items()}

    first = SLOPE.xreplace({z: ws[0] * x + bs[0]})
    mistakes = [
        Mistake("cross-entropy takes the slope of an early layer away",
                "以为交叉熵能约去靠前一层的导数",
                statement.but(**scaled(1 / first))),
        Mistake("the first layer's own weight in place of the next one's", "误用本层权重",
                statement.but(**scaled(ws[0] / ws[1]))),
        Mistake("the slope at the input", "导数取在输入处",
                statement.but(**scaled(SLOPE.xreplace({z: x}) / first))),
        Mistake("without saturation nothing shrinks", "以为不饱和就不会缩小",
                statement.but(**{"ten layers": equal(ten, 1)})),
        Mistake("the saturated neuron still hands back a thousandth",
                "以为饱和神经元仍传回千分之一",
                statement.but(**{"one saturated neuron": greater(felt, sp.Rational(1, 1000))})),
        Mistake("cross-entropy hands back as little", "以为交叉熵传回的也一样少",
                statement.but(**{"cross-entropy there": less(helped, tiny)})),
    ]  # fmt: skip
    evidence = [
        identity(*chains, "ten layers"),
        enclosure("one saturated neuron", "cross-entropy there"),
        points(*chains, count=20),
    ]
    values = {
        "ten_layers": Value(sp.Rational(1, 1024)),
        "saturated": Value(explicit(felt), digits=3),
        "helped": Value(explicit(helped), digits=9),
    }
    return Case(statement, evidence, mistakes, values)


@claim(
    "depth-bound",
    page=PAGE,
    grade=PROVED,
    titles={"en": "A ceiling for the gradient", "zh": "梯度的上限"},
    statement_text={
        "en": "On its way back through a sigmoid layer the signal δ is multiplied by at most "
        "‖W‖/4, where ‖W‖ is the spectral norm; through n layers by at most the product of these. "
        "For one neuron ‖W‖ is |w|. The bound is reached where all slopes are 1/4.",
        "zh": "信号 δ 反向经过一个 sigmoid 层，长度至多变为原来的 ‖W‖/4 倍，其中 ‖W‖ 是谱范数；"
        "经过 n 层，则至多变为这些因子之积倍。单个神经元时 ‖W‖ 即 |w|。"
        "所有导数都等于 1/4 时取到上限。",
    },
    assumptions={
        "en": "δₖ₋₁ = (δₖ Wₖ) ⊙ σ′(zₖ₋₁), stated in squares. Slopes: one to three units. Weights: "
        "every matrix of one or two units, written with its singular values p + g ≥ p ≥ 0 between "
        "two rotations (a sign or a reflection changes no length); for more units ‖δ W‖ ≤ ‖W‖ ‖δ‖ "
        "is what the spectral norm means. Frobenius norm, which is never smaller: shapes up to 3 × "
        "2.",
        "zh": "δₖ₋₁ = (δₖ Wₖ) ⊙ σ′(zₖ₋₁)，以平方形式写出。导数：一至三个单元。权重：一个或两个单元"
        "的任意矩阵，写成两个旋转之间夹着奇异值 p + g ≥ p ≥ 0（变号与反射不改变长度）；单元更多"
        "时，‖δ W‖ ≤ ‖W‖ ‖δ‖ 就是谱范数的含义。弗罗贝尼乌斯范数（不小于谱范数）：形状至 3 × 2。",
    },
    references=("pascanu2013",),
)
def depth_bound() -> Case:
    parts: dict[str, Relation] = {}
    certificates: dict[str, sp.Expr] = {}
    us, zs = sp.symbols("u1:4", real=True), sp.symbols("z1:4", real=True)
    for n in (1, 2, 3):
        slopes = [SLOPE.xreplace({z: at}) for at in zs[:n]]
        squares = [u**2 for u in us[:n]]
        name = f"slopes, {n} units"
        parts[name] = at_most(
            sp.Add(*(d**2 * q for d, q in zip(slopes, squares, strict=True))), sp.Add(*squares) / 16
        )
        certificates[name] = sp.Add(*(
            (sigmoid(at) - HALF) ** 2 * (QUARTER + sp.exp(-at) / (1 + sp.exp(-at)) ** 2) * q
            for at, q in zip(zs[:n], squares, strict=True)
        ))  # fmt: skip
    norm, frobenius = _norms()
    parts |= {name: relation for name, (relation, _) in (norm | frobenius).items()}
    certificates |= {name: gap for name, (_, gap) in (norm | frobenius).items()}
    first = us[0]
    at_zero = (w * SLOPE.xreplace({z: sp.S.Zero}) * first) ** 2
    parts["reached"] = equal(at_zero, (sp.Abs(w) / 4) ** 2 * first**2)
    symbols = set().union(*(relation.free_symbols for relation in parts.values()))
    domain = {
        symbol: sp.Interval(0, sp.oo) if symbol.is_nonnegative else Reals
        for symbol in sorted(symbols, key=lambda symbol: symbol.name)
    }
    statement = ForAll(
        parts,
        domain,
        display=(
            r"\|(\delta W) \odot \sigma'(z)\| \le \tfrac14\,\|\delta W\|,",
            r"\|\delta W\| \le \|W\|_2\,\|\delta\| \le \|W\|_F\,\|\delta\|,",
            r"\|\delta_0\| \le \prod_{k=1}^{n} \frac{\|W_k\|_2}{4}\;\|\delta_n\|",
        ),
        scope="",
        words="|(delta W) * sigmoid'(z)| <= |delta W| / 4 <= |W|_2 |delta| / 4 <= |W|_F |delta| / "
        "4; through n layers the product of |W_k|_2 / 4",
    )
    two = "spectral norm, 2 units"
    broad = "Frobenius norm, 3 x 2"
    mistakes = [
        Mistake("a fifth in place of a quarter", "把 1/4 写成 1/5",
                statement.but(**{n: at_most(r.left, r.right * sp.Rational(16, 25))
                                 for n, r in parts.items() if n.startswith("slopes")})),
        Mistake("the smaller singular value for the larger", "误用较小的奇异值",
                statement.but(**{two: at_most(
                    parts[two].left, parts[two].right.subs(_G, 0))})),
        Mistake("the spectral radius of one neuron taken with its sign",
                "单个神经元误用 w 而非 |w|",
                statement.but(**{"spectral norm, 1 unit": at_most(
                    parts["spectral norm, 1 unit"].left, w * sp.Abs(w) * us[0] ** 2)})),
        Mistake("the mean square of the entries for their sum", "把元素平方和写成平均",
                statement.but(**{n: at_most(frobenius[n][0].left, frobenius[n][0].right / 4)
                                 for n in frobenius})),
        Mistake("half of the Frobenius norm's square", "弗罗贝尼乌斯范数平方减半",
                statement.but(**{broad: at_most(
                    parts[broad].left, parts[broad].right / 2)})),
        Mistake("never reached", "以为取不到",
                statement.but(reached=equal(at_zero, (w / 5) ** 2 * first**2))),
    ]  # fmt: skip
    evidence = [certificate(**certificates), identity("reached"), points(count=20)]
    return Case(statement, evidence, mistakes, {"quarter": Value(QUARTER)})


_P, _G = sp.symbols("p g", nonnegative=True)
_Part = dict[str, tuple[Relation, sp.Expr]]


def _norms() -> tuple[_Part, _Part]:
    """|delta W|^2 against the squares of both norms, each with its certificate."""
    d1, d2, _ = d = sp.symbols("delta1:4", real=True)
    u1, s, t = sp.symbols("u1 s t", real=True)
    turn, back = _rotation(s), _rotation(t)
    matrix = turn * sp.diag(_P + _G, _P) * back
    two = sp.Matrix([[d1, d2]])
    across = (two * turn)[1] ** 2
    norm = {
        "spectral norm, 1 unit": (at_most((u1 * w) ** 2, sp.Abs(w) ** 2 * u1**2), sp.S.Zero),
        "spectral norm, 2 units": (
            at_most(_square(two * matrix), (_P + _G) ** 2 * _square(two)),
            (_G**2 + 2 * _P * _G) * across,
        ),
    }
    frobenius = {}
    for rows, columns in ((2, 2), (3, 2)):
        W = sp.Matrix(rows, columns, lambda i, j: sp.Symbol(f"W{i + 1}{j + 1}", real=True))
        row = sp.Matrix([list(d[:rows])])
        # Lagrange's identity: what Cauchy and Schwarz leave over is a sum of squares
        gap = sp.Add(*(
            (row[i] * W[k, j] - row[k] * W[i, j]) ** 2
            for j in range(columns) for i in range(rows) for k in range(i)
        ))  # fmt: skip
        frobenius[f"Frobenius norm, {rows} x {columns}"] = (
            at_most(_square(row * W), sp.Add(*(e**2 for e in W)) * _square(row)), gap,
        )  # fmt: skip
    return norm, frobenius


def _rotation(t: sp.Symbol) -> sp.Matrix:
    """A rotation by the angle whose half has the tangent t: every one but that by half a turn,
    which is minus the identity.
    """
    cos, sin = (1 - t**2) / (1 + t**2), 2 * t / (1 + t**2)
    return sp.Matrix([[cos, -sin], [sin, cos]])


def _square(row: sp.Matrix) -> sp.Expr:
    return sp.Add(*(entry**2 for entry in row))
