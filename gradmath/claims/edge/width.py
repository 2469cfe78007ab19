"""ReLU networks of finite width: gradients that are right on average and yet wander off."""

from __future__ import annotations

import functools
import itertools
import math
from typing import TYPE_CHECKING, Any

import sympy as sp

from gradmath.claims.again import repeated
from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.computed import AllOf
from gradmath.claims.edge.laws import normal_mean
from gradmath.claims.enclosed import on_whole_domain
from gradmath.claims.evidence import identity, points
from gradmath.claims.grades import MEASURED, PROVED
from gradmath.claims.relation import Relation, at_most, equal
from gradmath.claims.simulated import Mean, Simulated, Simulation
from gradmath.claims.statement import ForAll
from gradmath.claims.symbols import Positive
from gradmath.claims.values import Value

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PAGE = "edge"
SMALL = (1, 2, 3)  # widths for which the moments are counted out


def stretch_moment(n: int, power: int) -> sp.Expr:
    """E r^power of r = 2/n sum_i B_i g_i^2, over all patterns of active units B.

    B_i is 0 or 1 with equal chances, g_i is standard normal, all independent.
    """
    g = sp.symbols(f"g1:{n + 1}")
    total = []
    for pattern in itertools.product((0, 1), repeat=n):
        length = sp.Rational(2, n) * sp.Add(*(b * e**2 for b, e in zip(pattern, g, strict=True)))
        total.append(normal_mean(length**power, g) / 2**n)
    return sp.Add(*total)


@claim(
    "width-fluctuation",
    page=PAGE,
    grade=PROVED,
    titles={"en": "Right on average, and wandering", "zh": "平均正确，却四处游走"},
    statement_text={
        "en": "In a ReLU layer of width n with He's variance, a small change of the input keeps "
        "its mean squared length exactly, but the mean of the squared length's square grows by the "
        "factor 1 + 5/n a layer. Through many layers it grows by at most exp(5 Σ 1/n).",
        "zh": "在宽度为 n、采用 He 方差的 ReLU 层中，输入的微小改变，其长度平方的均值恰好不变，"
        "但长度平方的均方每层乘以 1 + 5/n。经过许多层，至多增长到 exp(5 Σ 1/n) 倍。",
    },
    assumptions={
        "en": "Normal weights of variance 2/n_in, no bias. For any direction and any input the "
        "squared length is multiplied by 2/n Σ B_i g_i², where a unit is active (B_i = 1) with "
        "chance 1/2, independently of the normal g_i, and independently in every layer. Counted "
        "out for n = 1, 2, 3; for every n from E g² = 1 and E g⁴ = 3.",
        "zh": "权重服从方差为 2/n_in 的正态分布，无偏置。对任何方向和任何输入，长度平方都乘以 "
        "2/n Σ B_i g_i²：单元以 1/2 的概率激活（B_i = 1），与正态变量 g_i 独立，各层之间也独立。"
        "对 n = 1、2、3 逐一列举；对一般的 n 由 E g² = 1 与 E g⁴ = 3 得出。",
    },
    references=("hanin2018",),
)
def width_fluctuation() -> Case:
    n = sp.Symbol("n", positive=True, integer=True)
    u = sp.Symbol("u", positive=True)
    parts: dict[str, Relation] = {}
    for width in SMALL:
        parts[f"mean, {width}"] = equal(stretch_moment(width, 1), 1)
        parts[f"square, {width}"] = equal(stretch_moment(width, 2), 1 + sp.Rational(5, width))
    half = sp.Rational(1, 2)
    same, pairs = n * half * 3, n * (n - 1) * half**2
    parts["square, every n"] = equal((2 / n) ** 2 * (same + pairs), 1 + 5 / n)
    counted = ForAll(
        parts,
        {n: sp.S.Naturals},
        display=(
            r"r = \frac{2}{n} \sum_{i=1}^{n} B_i\, g_i^2:",
            r"\mathbb{E}\, r = 1, \quad \mathbb{E}\, r^2 = 1 + \frac5n,",
            r"\mathbb{E} \left(\frac{\lVert J v \rVert^2}{\lVert v \rVert^2}\right)^{2}"
            r" = \prod_{k=1}^{L} \left(1 + \frac{5}{n_k}\right)",
        ),
        scope="",
        words="r = 2/n sum B_i g_i^2: E r = 1, E r^2 = 1 + 5/n, so that E (|Jv|^2/|v|^2)^2 is the "
        "product of 1 + 5/n_k over the layers",
    )
    bound = ForAll(
        {"product": at_most(1 + u, sp.exp(u))},
        {u: Positive},
        display=(r"1 + \tfrac5n \le e^{5/n}",),
        scope="",
        words="1 + u <= exp(u) for u = 5/n > 0",
    )
    statement = AllOf((counted, bound))

    def but(**changed: Relation) -> AllOf:
        return AllOf((counted.but(**changed), bound))

    def squares(numerator: int) -> dict[str, Relation]:
        wrong = {
            f"square, {width}": equal(
                parts[f"square, {width}"].left, 1 + sp.Rational(numerator, width)
            )
            for width in SMALL
        }
        return wrong | {"square, every n": equal(
            parts["square, every n"].left, 1 + numerator / n)}  # fmt: skip

    mistakes = [
        Mistake("every unit active: as for a linear layer", "所有单元都激活，如同线性层",
                but(**squares(2))),
        Mistake("no fluctuation at all", "毫无起伏", but(**squares(0))),
        Mistake("half of the length lost", "误以为长度损失一半",
                but(**{f"mean, {width}": equal(parts[f"mean, {width}"].left, half)
                       for width in SMALL})),
        Mistake("the product falls short of 1 + u", "误以为 exp(u) 不超过 1 + u",
                AllOf((counted, bound.but(product=at_most(sp.exp(u), 1 + u))))),
    ]  # fmt: skip
    evidence = [
        identity(*parts),
        points(*parts, count=10),
        on_whole_domain("product"),
    ]
    values = {
        "fifty": Value(
            (1 + sp.Rational(5, 50)) ** 50,
            digits=3,
            again=repeated(parts["square, every n"].right.subs(n, 50), 50),
        ),
        "thousand": Value(
            (1 + sp.Rational(5, 1000)) ** 50,
            digits=3,
            again=repeated(parts["square, every n"].right.subs(n, 1000), 50),
        ),
    }
    return Case(statement, evidence, mistakes, values)


#: (width, depth, networks, half-width for the mean, half-width for the variance), fixed before
NETWORKS = {"narrow": (10, 20, 4000, 0.25, 1.3), "wide": (40, 20, 1000, 0.2, 0.45)}
SEED = 11


@functools.cache
def _stretch(kind: str) -> NDArray[np.float64]:
    from gradmath.dynamics import cached
    from gradmath.dynamics.propagation import relu_stretch

    width, depth, draws, _, _ = NETWORKS[kind]
    return cached(relu_stretch)(width, depth, draws, SEED)


def active(width: int) -> list[tuple[sp.Rational, int]]:
    """How likely it is that k units of a layer are active, given that one is at least."""
    whole = 2**width - 1
    return [(sp.Rational(sp.binomial(width, k), whole), k) for k in range(1, width + 1)]


@functools.cache
def log_mean(width: int) -> sp.Expr:
    """E log r of one layer: log of a chi-squared number is digamma(k/2) + log 2 on average."""
    return sp.Add(*(p * sp.digamma(sp.Rational(k, 2)) for p, k in active(width))) + sp.log(
        sp.Rational(4, width)
    )


@functools.cache
def log_variance(width: int) -> sp.Expr:
    """Var log r: the mean trigamma(k/2), and the variance of digamma(k/2) over k."""
    digammas = [(p, sp.digamma(sp.Rational(k, 2))) for p, k in active(width)]
    first = sp.Add(*(p * d for p, d in digammas))
    second = sp.Add(*(p * d**2 for p, d in digammas))
    inner = sp.Add(*(p * sp.polygamma(1, sp.Rational(k, 2)) for p, k in active(width)))
    return inner + second - first**2


@functools.cache
def _again(width: int) -> tuple[float, float]:
    """Mean and variance of log r, by integrating its density: no digamma in sight."""
    from scipy.integrate import quad
    from scipy.special import gammaln

    moments = []
    for power in (1, 2):
        total = 0.0
        for k in range(1, width + 1):
            weight = math.comb(width, k) / (2**width - 1)
            scale = -k / 2 * math.log(2) - float(gammaln(k / 2))

            def density(t: float, k: int = k, scale: float = scale, power: int = power) -> float:
                """t^power times the density of t = log r for k active units."""
                x = t + math.log(width / 2)  # log of the chi-squared number
                return t**power * math.exp(scale + k / 2 * x - math.exp(x) / 2)

            total += weight * quad(density, -60, 8, points=[-4, 0, 2], limit=400,
                                   epsabs=1e-11)[0]  # fmt: skip
        moments.append(total)
    return moments[0], moments[1] - moments[0] ** 2


def _parts(kind: str) -> dict[str, Mean]:
    width, depth, _, half_mean, half_variance = NETWORKS[kind]
    centre = depth * float(log_mean(width))
    return {
        f"{kind}_mean": Mean(
            depth * log_mean(width),
            lambda: _stretch(kind),
            half_mean,
            again=lambda: depth * _again(width)[0],
        ),
        f"{kind}_variance": Mean(
            depth * log_variance(width),
            lambda: (_stretch(kind) - centre) ** 2,
            half_variance,
            again=lambda: depth * _again(width)[1],
        ),
    }


def _middle_size(logs: Any) -> float:
    """The size in the middle of all networks, of logarithms of squared sizes."""
    import numpy as np

    sizes = np.sqrt(np.exp(np.asarray(logs)))
    return float(np.partition(sizes, len(sizes) // 2)[len(sizes) // 2])


@claim(
    "width-matters",
    page=PAGE,
    grade=MEASURED,
    titles={"en": "Width matters", "zh": "宽度很重要"},
    statement_text={
        "en": "The logarithm of the squared length of a change, after L layers of width n, has "
        "mean and variance L times those of one layer. For wide layers the variance is about 5 L/n "
        "and the mean about minus half of that: the typical gradient shrinks while the average one "
        "stays, and networks differ from one another by factors.",
        "zh": "经过 L 层宽度为 n 的层之后，微小改变的长度平方的对数，其均值和方差都是单层的 L 倍。"
        "层较宽时，方差约为 5 L/n，均值约为其一半的相反数：平均梯度不变，典型的梯度却缩小，"
        "不同的网络之间相差若干倍。",
    },
    assumptions={
        "en": "ReLU networks with He's normal weights and no bias, without the rare ones in which "
        "a whole layer is dead. K, the number of active units, is binomial, given that it is not "
        "0; ψ is the digamma function. Drawn: "
        + "; ".join(
            f"{draws} networks of width {width} and depth {depth}"
            for width, depth, draws, _, _ in NETWORKS.values()
        )
        + f"; PCG64, seed {SEED}. Half-widths: "
        + "; ".join(f"{mean} and {variance}" for *_, mean, variance in NETWORKS.values())
        + " (mean, variance).",
        "zh": "采用 He 正态权重、无偏置的 ReLU 网络，不计整层死亡的罕见情形。K 为激活单元数，服从"
        "“不为 0”条件下的二项分布；ψ 为双伽马函数。抽取："
        + "；".join(
            f"{draws} 个宽 {width}、深 {depth} 的网络"
            for width, depth, draws, _, _ in NETWORKS.values()
        )
        + f"；PCG64，种子 {SEED}。半宽："
        + "；".join(f"{mean} 与 {variance}" for *_, mean, variance in NETWORKS.values())
        + "（均值、方差）。",
    },
    references=("hanin2018",),
)
def width_matters() -> Case:
    parts = {name: part for kind in NETWORKS for name, part in _parts(kind).items()}
    statement = Simulated(
        parts,
        formula=r"\begin{gathered}\mathbb{E} \log \lVert J v \rVert^2 = L \left("
        r"\mathbb{E}\, \psi(\tfrac K2) + \log \tfrac4n\right), \\[0.6ex]"
        r" \operatorname{Var} \log \lVert J v \rVert^2 = L \left(\mathbb{E}\, \psi'(\tfrac K2)"
        r" + \operatorname{Var} \psi(\tfrac K2)\right), \\[0.6ex]"
        r" \lVert v \rVert = 1\end{gathered}",
        words="E log |J v|^2 = L (E psi(K/2) + log(4/n)); Var log |J v|^2 = L (E psi'(K/2) + "
        "Var psi(K/2)), for L layers of width n, K active units",
    )
    depth = {kind: network[1] for kind, network in NETWORKS.items()}
    width = {kind: network[0] for kind, network in NETWORKS.items()}
    mistakes = [
        Mistake("the mean of the logarithm taken for the logarithm of the mean",
                "把对数的均值当成均值的对数",
                statement.but(narrow_mean=sp.S.Zero, wide_mean=sp.S.Zero)),
        Mistake("the width taken not to matter for the variance", "误以为方差与宽度无关",
                statement.but(wide_variance=depth["wide"] * log_variance(width["narrow"]))),
        Mistake("all units active, as in a linear network", "所有单元都激活，如同线性网络",
                statement.but(**{f"{kind}_variance": depth[kind] * sp.polygamma(
                    1, sp.Rational(width[kind], 2)) for kind in NETWORKS})),
        Mistake("half of the units active, always", "误以为总是恰好一半激活",
                statement.but(**{f"{kind}_variance": depth[kind] * sp.polygamma(
                    1, sp.Rational(width[kind], 4)) for kind in NETWORKS})),
    ]  # fmt: skip
    values: dict[str, Value] = {
        "depth": Value(
            depth["narrow"],
            again=lambda: round(values["narrow_mean"].value / _again(width["narrow"])[0]),
        )
    }
    for kind in NETWORKS:
        drawn = _stretch(kind)
        values[f"{kind}_width"] = Value(width[kind], again=len(list(active(width[kind]))))
        values[f"{kind}_mean"] = Value(float(depth[kind] * log_mean(width[kind])), digits=3)
        values[f"{kind}_variance"] = Value(float(depth[kind] * log_variance(width[kind])), digits=3)
        values[f"{kind}_typical"] = Value(
            float(math.exp(sorted(drawn)[len(drawn) // 2] / 2)),
            digits=2,
            again=_middle_size(drawn),
        )
        spread = float(sp.sqrt(depth[kind] * log_variance(width[kind])))
        values[f"{kind}_spread"] = Value(
            math.exp(spread / 2),
            digits=2,
            again=math.exp(math.sqrt(depth[kind] * _again(width[kind])[1]) / 2),
        )
    return Case(statement, [Simulation()], mistakes, values)
