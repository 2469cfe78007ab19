"""Recurrent nets: one matrix at every step, and what that does to the gradient."""

from __future__ import annotations

import functools
from types import SimpleNamespace
from typing import Any

import sympy as sp

from gradmath.claims import estimates
from gradmath.claims.again import factors, repeated
from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.computed import AllOf
from gradmath.claims.enclosed import enclosures
from gradmath.claims.evidence import certificate, enclosure, identity, points
from gradmath.claims.exploding.stacks import PAGE, with_member
from gradmath.claims.grades import PROVED
from gradmath.claims.located import WITHIN, Located, Zeros
from gradmath.claims.measures import NORM
from gradmath.claims.relation import at_most, equal, equal_entries, less
from gradmath.claims.shapes import ForShapes, Gradient, ShapeProof, ShapeSample
from gradmath.claims.spectra import Between, OfMatrices, Printed, Spectra
from gradmath.claims.statement import ForAll
from gradmath.claims.symbols import Positive, Reals, tanh, z
from gradmath.claims.values import Value

STEPS = 3  # the product is proved for one to this many steps


def _states(a: SimpleNamespace, steps: int) -> tuple[list[Any], list[Any]]:
    """z_1, ..., z_T and h_0, ..., h_T; c_t stands for U x_t + b, whatever it is."""
    ahead, states = [], [a.h]
    for t in range(1, steps + 1):
        ahead.append(a.W @ states[-1] + getattr(a, f"c{t}"))
        states.append(a.phi(ahead[-1]))
    return ahead, states


def _product(a: SimpleNamespace, steps: int, *, turned: bool = False) -> Any:
    """diag(phi'(z_T)) W ... diag(phi'(z_1)) W; or in the opposite order."""
    ahead, _ = _states(a, steps)
    factors = [a.slope(z)[:, None] * a.W for z in ahead]
    made = factors[0]
    for factor in factors[1:]:
        made = made @ factor if turned else factor @ made
    return made


@claim(
    "bptt-product",
    page=PAGE,
    grade=PROVED,
    titles={"en": "Backpropagation through time is a product", "zh": "随时间反向传播是一个乘积"},
    statement_text={
        "en": "In a recurrent net the derivative of the last state with respect to the first is a "
        "product with one factor a step: the slopes of that step, entry by entry, times the one "
        "weight matrix W. The latest step stands on the left.",
        "zh": "循环网络中，末状态对初状态的导数是一个乘积，每一步贡献一个因子：该步的导数（逐元素）"
        "乘以同一个权重矩阵 W。最后一步的因子写在最左边。",
    },
    assumptions={
        "en": "hₜ = φ(W hₜ₋₁ + U xₜ + b), states as columns; the inputs are given and φ is "
        "any differentiable function. Proved for one to three steps and one to three units, "
        "checked with the sigmoid for more units.",
        "zh": "hₜ = φ(W hₜ₋₁ + U xₜ + b)，状态为列向量；输入给定，φ 为任意可微函数。"
        "对 1 到 3 步、1 到 3 个单元证明，更多单元的情形以 sigmoid 核验。",
    },
    references=("pascanu2013",),
)
def bptt_product() -> Case:
    def member(steps: int) -> ForShapes:
        drives = {f"c{t}": "d" for t in range(1, steps + 1)}
        return ForShapes(
            {"W": "dd", "h": "d", **drives},
            left=Gradient(lambda a: _states(a, steps)[1][-1], by="h"),
            right=lambda a: _product(a, steps),
            formula=r"\frac{\partial h_T}{\partial h_0} = D_T W\, D_{T-1} W \cdots D_1 W, \\[0.6ex]"
            r" D_t = \operatorname{diag}\bigl(\varphi'(z_t)\bigr)" if steps == STEPS else
            rf"\frac{{\partial h_{steps}}}{{\partial h_0}} = "
            + r"\, ".join(f"D_{t} W" for t in range(steps, 0, -1)),
            words=f"dh[{steps}]/dh[0] = diag(phi'(z[{steps}])) W ... diag(phi'(z[1])) W",
            name="1 step" if steps == 1 else f"{steps} steps",
        )  # fmt: skip

    whole = AllOf(tuple(member(steps) for steps in range(1, STEPS + 1)))
    one, two, three = whole.members
    assert isinstance(one, ForShapes)
    assert isinstance(two, ForShapes)
    assert isinstance(three, ForShapes)

    def everywhere(what: Any, words: str) -> AllOf:
        changed = [
            part.but(functools.partial(what, steps=steps), words=words)
            for steps, part in enumerate((one, two, three), start=1)
        ]
        return AllOf(tuple(changed))

    def no_slopes(a: SimpleNamespace, steps: int) -> Any:
        made = a.W
        for _ in range(steps - 1):
            made = made @ a.W
        return made

    def last_slopes(a: SimpleNamespace, steps: int) -> Any:
        last = a.slope(_states(a, steps)[0][-1])[:, None] * a.W
        made = last
        for _ in range(steps - 1):
            made = made @ last
        return made

    mistakes = [
        Mistake("the slopes lost: powers of W", "漏掉导数：只剩 W 的幂",
                everywhere(no_slopes, "W^T")),
        Mistake("the earliest step on the left", "最早的一步写在最左边",
                with_member(whole, three.but(
                    lambda a: _product(a, STEPS, turned=True), words="D_1 W ... D_T W"))),
        Mistake("the slopes of the last step at every step", "每一步都用最后一步的导数",
                with_member(whole, two.but(lambda a: last_slopes(a, 2), words="(D_2 W)^2"))),
        Mistake("W transposed", "W 被转置",
                with_member(whole, one.but(
                    lambda a: a.slope(a.W @ a.h + a.c1)[:, None] * a.W.T, words="D_1 W^T"))),
        Mistake("the slopes behind the matrix", "导数放在矩阵右侧",
                with_member(whole, one.but(
                    lambda a: a.W * a.slope(a.W @ a.h + a.c1), words="W D_1"))),
        Mistake("added over the steps", "把各步相加",
                with_member(whole, two.but(
                    lambda a: sum(a.slope(u)[:, None] * a.W for u in _states(a, 2)[0]),
                    words="D_1 W + D_2 W"))),
    ]  # fmt: skip
    return Case(whole, (ShapeProof(), ShapeSample()), mistakes)


def _turn(angle: sp.Symbol) -> sp.Matrix:
    return sp.Matrix([[sp.cos(angle), -sp.sin(angle)], [sp.sin(angle), sp.cos(angle)]])


@claim(
    "rnn-vanish-sufficient",
    page=PAGE,
    grade=PROVED,
    titles={
        "en": "When the gradient through time must vanish",
        "zh": "随时间的梯度何时必然消失",
    },
    statement_text={
        "en": "Let γ be the largest slope of the activation and ‖W‖ the spectral norm of the "
        "recurrent matrix. One step makes no gradient longer than γ‖W‖ times itself. If γ‖W‖ is "
        "below 1, the gradient vanishes exponentially with the lag, whatever the inputs.",
        "zh": "设激活函数的最大导数为 γ，循环矩阵的谱范数为 ‖W‖。每一步至多把梯度的长度变为原来的 "
        "γ‖W‖ 倍。若 γ‖W‖ 小于 1，则不论输入如何，梯度都随时间间隔指数消失。",
    },
    assumptions={
        "en": "Proved for two units: every 2 × 2 matrix is a rotation times a diagonal matrix "
        "times a rotation, with s = ‖W‖ and s t₀ on the diagonal, and the slopes are γ t₁ and "
        "γ t₂, all tᵢ in [−1, 1]. For more units the same holds, since norms of products "
        "are at most products of norms. γ is 1/4 for the sigmoid and 1 for tanh.",
        "zh": "对两个单元证明：任意 2 × 2 矩阵都等于旋转 × 对角阵 × 旋转，对角元素为 s = ‖W‖ 与 s "
        "t₀；导数为 γt₁ 与 γt₂，各 tᵢ ∈ [−1, 1]。单元更多时同样成立，"
        "因为乘积的范数不超过范数的乘积。sigmoid 的 γ 为 1/4，tanh 的 γ 为 1。",
    },
    references=("pascanu2013",),
)
def rnn_vanish_sufficient() -> Case:
    gamma, s = sp.symbols("gamma s", positive=True)
    left, right, x, y = sp.symbols("phi theta x y", real=True)
    t0, t1, t2 = sp.symbols("t_0 t_1 t_2", real=True)
    r, q = sp.Symbol("r", positive=True), sp.Symbol("q", positive=True)
    inner = _turn(right) * sp.Matrix([x, y])
    stretched = _turn(left) * sp.Matrix([inner[0], t0 * inner[1]])
    after = gamma**2 * s**2 * (t1**2 * stretched[0] ** 2 + t2**2 * stretched[1] ** 2)
    before = gamma**2 * s**2 * (x**2 + y**2)
    shares = [(1 - t) * (1 + t) for t in (t0, t1, t2)]
    rest = (
        gamma**2
        * s**2
        * (
            shares[0] * inner[1] ** 2
            + shares[1] * stretched[0] ** 2
            + shares[2] * stretched[1] ** 2
        )
    )
    share = sp.Interval(-1, 1)
    statement = ForAll(
        {"one step": at_most(after, before), "shrinks": less(r * q, q)},
        {gamma: Positive, s: Positive, left: Reals, right: Reals, x: Reals, y: Reals,
         t0: share, t1: share, t2: share, r: sp.Interval.open(0, 1), q: Positive},
        display=(
            r"\lVert D_t W v \rVert \le \gamma\, \lVert W \rVert_2\, \lVert v \rVert,",
            r"\Bigl\lVert \frac{\partial h_T}{\partial h_{T-k}} \Bigr\rVert_2 \le"
            r" \bigl(\gamma\, \lVert W \rVert_2\bigr)^k",
            r"\gamma\, \lVert W \rVert_2 < 1 \implies \Bigl\lVert"
            r" \frac{\partial h_T}{\partial h_{T-k}} \Bigr\rVert_2 \to 0",
        ),
        words="|D W v| <= gamma |W| |v|; so |dh[T]/dh[T-k]| <= (gamma |W|)^k, which vanishes if "
        "gamma |W| < 1",
        scope="",
    )  # fmt: skip
    mistakes = [
        Mistake("the smaller singular value in place of the norm", "把较小的奇异值当成范数",
                statement.but(**{"one step": at_most(after, before * t0**2)})),
        Mistake("the slopes counted twice", "导数多算了一次",
                statement.but(**{"one step": at_most(after, before * gamma**2)})),
        Mistake("no step changes the length", "以为每一步长度都不变",
                statement.but(**{"one step": at_most(after, x**2 + y**2)})),
        Mistake("half the norm", "范数减半",
                statement.but(**{"one step": at_most(after, before / 4)})),
        Mistake("a factor above 1 that shrinks", "以为大于 1 的因子也会缩小",
                statement.but(shrinks=less(q / r, q))),
    ]  # fmt: skip
    evidence = [certificate(**{"one step": rest, "shrinks": q * (1 - r)}), points()]
    norm, lag = sp.Rational(4, 5), 100
    values = {
        "norm": Value(norm, digits=1, again=lambda: float(norm**lag) ** (1 / lag)),
        "lag": Value(lag, again=lambda: factors(norm, norm**lag)),
        "left": Value(norm**lag, digits=2, again=repeated(norm, lag)),
    }
    return Case(statement, evidence, mistakes, values)


@claim(
    "rnn-explode-necessary",
    page=PAGE,
    grade=PROVED,
    titles={
        "en": "A large norm is needed to explode, but does not suffice",
        "zh": "范数大是爆炸的必要条件，而非充分条件",
    },
    statement_text={
        "en": "If γ‖W‖ is at most 1, no gradient through time grows. The converse is false. For "
        "W = [[0, 8], [0, 0]] the norm is 8, yet over two steps the gradient is exactly zero, "
        "whatever the activation. And a single tanh unit with w = 2 rests at h ≈ 0.958, where one "
        "step multiplies the gradient by less than one fifth; at h = 0 the same unit doubles it.",
        "zh": "若 γ‖W‖ 不超过 1，随时间的梯度绝不增长；反之则不然。取 W = [[0, 8], [0, 0]]，范数为 "
        "8，但不论激活函数为何，两步的梯度恰为零。又如单个 tanh 单元，w = 2，它停在 h ≈ 0.958 "
        "处，每一步把梯度乘以不到五分之一；而在 h = 0 处，同一单元每步使梯度加倍。",
    },
    assumptions={
        "en": "No growth: one step after another, by the bound of the previous statement. The unit "
        "is h ← tanh(2h) without input; its resting points are enclosed, all three of them.",
        "zh": "“绝不增长”由上一条的上界逐步得出。单元为 h ← tanh(2h)，无输入；"
        "它的全部三个不动点都以区间包围。",
    },
    references=("pascanu2013",),
)
def rnn_explode_necessary() -> Case:
    d = sp.symbols("d_1:5", real=True)
    r, q = sp.Symbol("r", positive=True), sp.Symbol("q", positive=True)
    shift = sp.Matrix([[0, 8], [0, 0]])
    two_steps = sp.diag(d[2], d[3]) * shift * sp.diag(d[0], d[1]) * shift
    gone = equal_entries(two_steps, sp.zeros(2, 2), "two steps ")
    unit = tanh(2 * z) - z
    rest = max(estimates.zeros(unit))
    factor = (tanh(2 * z)).diff(z)
    # the slope of tanh is 1 - tanh^2, and tanh(2 h) is h where the unit rests
    at_rest = 2 * (1 - (rest - WITHIN) ** 2)
    rows = ForAll(
        {**gone, "no growth": at_most(r * q, q),
         "slope": equal(factor, 2 * (1 - tanh(2 * z) ** 2)),
         "at 0": equal(factor.subs(z, 0), 2), "at rest": less(at_rest, sp.Rational(1, 5))},
        {**dict.fromkeys(d, Reals), z: Reals, r: sp.Interval.Lopen(0, 1), q: Positive},
        display=(
            r"\gamma\, \lVert W \rVert_2 \le 1 \implies \Bigl\lVert"
            r" \frac{\partial h_T}{\partial h_{T-k}} \Bigr\rVert_2 \le 1,",
            r"h_{t+1} = \tanh 2h_t: \; \frac{\partial h_{t+1}}{\partial h_t}"
            r" = 2 \text{ at } h_t = 0,",
            r"\frac{\partial h_{t+1}}{\partial h_t} < \tfrac15 \text{ at rest};",
            r"W = \begin{bmatrix} 0 & 8 \\ 0 & 0 \end{bmatrix}: \; D_2 W D_1 W = 0,",
        ),
        words="r <= 1 implies r q <= q; D2 W D1 W = 0 for W = [[0, 8], [0, 0]]; tanh(2 h) has the "
        "slope 2 at 0 and below 1/5 where it rests",
        scope="",
    )  # fmt: skip
    resting = Located(
        {"resting points": Zeros(unit, (-rest, sp.S.Zero, rest))},
        display=(
            rf"h = \tanh 2h \iff h = 0 \text{{ or }} h \approx \pm {Value(rest, digits=4).latex}",
        ),
    )
    matrix = Printed.of("W", [["0", "8"], ["0", "0"]])
    table = OfMatrices(
        {"norm": Between(NORM, (matrix,), sp.Rational(79, 10), sp.Rational(81, 10))},
        display=(r"\lVert W \rVert_2 = 8",),
    )
    whole = AllOf((rows, table, resting))
    full = 8 * sp.ones(2, 2)
    kept = sp.diag(d[2], d[3]) * full * sp.diag(d[0], d[1]) * full
    mistakes = [
        Mistake("a matrix full of eights", "误用元素全为 8 的矩阵",
                with_member(whole, rows.but(
                    **equal_entries(kept, sp.zeros(2, 2), "two steps ")))),
        Mistake("growth although r is at most 1", "以为 r 不超过 1 也会增长",
                with_member(whole, rows.but(**{"no growth": at_most(q, r * q)}))),
        Mistake("the weight lost in the slope", "导数中漏掉权重",
                with_member(whole, rows.but(slope=equal(factor, 1 - tanh(2 * z) ** 2)))),
        Mistake("the slope of tanh alone at 0", "0 处只取 tanh 的导数",
                with_member(whole, rows.but(**{"at 0": equal(factor.subs(z, 0), 1)}))),
        Mistake("as steep at rest as at 0", "以为停住处与 0 处一样陡",
                with_member(whole, rows.but(**{"at rest": less(2, sp.Rational(1, 5))}))),
        Mistake("the radius taken for the norm", "把谱半径当成范数",
                with_member(whole, table.but(
                    norm={"low": sp.S.Zero, "high": sp.Rational(1, 10)}))),
        Mistake("rest at 0 alone", "以为只停在 0",
                with_member(whole, resting.but({"resting points": {"at": (sp.S.Zero,)}}))),
    ]  # fmt: skip
    evidence = [
        identity(*gone, "slope", "at 0"),
        certificate(**{"no growth": q * (1 - r)}),
        enclosure("at rest"),
        Spectra(),
        enclosures(),
    ]
    values = {"rest": Value(rest, digits=3), "at_rest": Value(at_rest, digits=2)}
    return Case(whole, evidence, mistakes, values)
