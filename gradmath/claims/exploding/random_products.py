"""Products of fresh random matrices: how fast they grow, and in how few directions."""

from __future__ import annotations

import functools
import math
import statistics
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import sympy as sp

from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.computed import AllOf, Computed, Quantity
from gradmath.claims.evidence import enclosure, identity
from gradmath.claims.exploding.printed import P, largest_printed
from gradmath.claims.exploding.stacks import PAGE, with_member
from gradmath.claims.grades import MEASURED
from gradmath.claims.measured import Runs
from gradmath.claims.relation import equal, less
from gradmath.claims.simulated import Mean, Simulated, Simulation
from gradmath.claims.statement import ForAll
from gradmath.claims.values import Value

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

SIZE = 4  # of the source's matrix
FACTORS, DRAWS, SEED = 100, 4000, 1
TEN, MANY, SHARE_SEED = 10, 40_000, 2
SHARE = (0.88, 0.90)  # where the share of products that reach the printed size must lie


@functools.cache
def diagonals(size: int, factors: int, draws: int, seed: int) -> Array:
    """ln |R_ii| of products of fresh normal matrices; see `dynamics.products`."""
    from gradmath.dynamics import products

    return products.log_diagonals(products.fresh(size, factors, draws, seed=seed))


@functools.cache
def log_chi(freedom: int) -> float:
    """E ln sqrt(X) for a chi-squared X, by quadrature over ln X: no digamma in it."""
    import mpmath

    with mpmath.workdps(20):
        k = mpmath.mpf(freedom) / 2
        weight = 1 / (mpmath.gamma(k) * 2**k)

        def integrand(t: Any) -> Any:
            return t / 2 * weight * mpmath.exp(k * t - mpmath.exp(t) / 2)

        total = mpmath.quad(integrand, [-120, -60, -30, -15, -5, 0, 3, 6, 9])
        return float(total)


def exponent(place: int, size: int = SIZE) -> sp.Expr:
    """The Lyapunov exponent at a place, 1 being the top one; standard normal entries."""
    from gradmath.dynamics import products

    return products.exponents(size)[place - 1]


@claim(
    "fresh-normals-explode",
    page=PAGE,
    grade=MEASURED,
    titles={
        "en": "Ten fresh normal matrices do what the source shows",
        "zh": "十个各自独立的正态矩阵正好产生原文的现象",
    },
    statement_text={
        "en": "Multiply ten fresh 4 × 4 matrices with standard normal entries. About nine products "
        "in ten have an entry as large as the largest one the source prints. The mean logarithm of "
        "the size of an entry, and of the length of a column, are what theory says.",
        "zh": "把十个各自独立、元素服从标准正态分布的 4 × 4 矩阵相乘，约九成乘积含有不小于原文所印"
        "最大元素的元素。元素绝对值与列长度的对数的均值，都与理论相符。",
    },
    assumptions={
        "en": "40 000 products, PCG64 with seed 2. A column has the length of a product of ten "
        "independent chi numbers with 4 degrees of freedom; for one entry the last factor has 1. "
        "For the share there is no closed form: it must lie in an interval stated before the run, "
        "and separate code must count the same.",
        "zh": "共 40 000 个乘积，PCG64，种子 2。列的长度等于十个自由度为 4 的独立 χ 变量之积；"
        "单个元素则最后一个因子的自由度为 1。占比没有封闭公式：它须落在运行前写明的区间内，"
        "且须与另写的代码数出的结果相同。",
    },
)
def fresh_normals_explode() -> Case:
    entry = (TEN - 1) * exponent(1) + exponent(SIZE)
    column = TEN * exponent(1)
    means = Simulated(
        {
            "entry": Mean(entry, lambda: _logs()[0], 0.03, lambda: 9 * log_chi(4) + log_chi(1)),
            "column": Mean(column, lambda: _logs()[1], 0.03, lambda: 10 * log_chi(4)),
        },
        formula=r"X = G_{10} \cdots G_1: \\"
        r" \mathbb{E} \ln |X_{11}| = 9 \lambda_1 + \lambda_4, \\"
        r" \mathbb{E} \ln \lVert X_{\cdot 1} \rVert = 10\, \lambda_1",
        words="E ln |X[1,1]| = 9 lambda_1 + lambda_4 and E ln |column 1| = 10 lambda_1 for the "
        "product X of ten fresh normal 4 x 4 matrices",
    )
    reach = float(largest_printed())
    share = Computed(
        {"share": Quantity(_share, _share_again, *SHARE)},
        formula=rf"{SHARE[0]:g} \le \Pr\bigl[\max_{{ij}} |X_{{ij}}| \ge {reach:g}\bigr]"
        rf" \le {SHARE[1]:g}",
        words=f"share of products with an entry of size {reach:g} in {list(SHARE)}",
    )
    whole = AllOf((means, share))

    def theory(**wrong: sp.Expr) -> AllOf:
        return with_member(whole, means.but(**wrong))

    def counted(low: float, high: float) -> AllOf:
        return with_member(whole, share.but({"share": (low, high)}))

    mistakes = [
        Mistake("the logarithm of the mean square", "用均方的对数代替对数的均值",
                theory(column=TEN * sp.log(SIZE) / 2)),
        Mistake("ten factors of one degree of freedom", "十个因子都取自由度 1",
                theory(entry=TEN * exponent(SIZE))),
        Mistake("an entry as large as its column", "以为元素与整列一样大", theory(entry=column)),
        Mistake("nine factors", "只乘了九个因子", theory(column=(TEN - 1) * exponent(1))),
        Mistake("such products are rare", "以为这样的乘积很少见", counted(0.0, 0.05)),
        Mistake("every product reaches it", "以为每个乘积都能达到", counted(0.999, 1.0)),
        Mistake("half of them do", "以为只有一半", counted(0.45, 0.55)),
    ]  # fmt: skip
    values = {
        "share": Value(_share(), digits=2),
        "median": Value(_median(), digits=2, again=_median_again),
        "printed": Value(
            largest_printed(), digits=5, again=lambda: max(-min(P.matrix), max(P.matrix))
        ),
    }
    return Case(whole, [Simulation(), Runs()], mistakes, values)


@functools.cache
def _ten() -> Array:
    """The products of ten, shape (draws, 4, 4)."""
    from gradmath.dynamics import products

    return products.product_of(products.fresh(SIZE, TEN, MANY, seed=SHARE_SEED))


def _logs() -> tuple[Array, Array]:
    import numpy as np

    return np.log(np.abs(_ten()[:, 0, 0])), np.log(np.linalg.norm(_ten()[:, :, 0], axis=1))


def _largest() -> Array:
    return abs(_ten()).max(axis=(1, 2))


def _share() -> float:
    return float((_largest() >= float(largest_printed())).mean())


def _median() -> float:
    import numpy as np

    return float(np.median(_largest()))


def _median_again() -> float:
    """The same by sorting."""
    return statistics.median(map(float, _largest()))


def _share_again() -> float:
    """The same count from the same draws by other code: sums of products, column by column."""
    import numpy as np

    drawn = np.random.Generator(np.random.PCG64(SHARE_SEED)).standard_normal(
        (TEN, MANY, SIZE, SIZE)
    )
    reached = np.zeros(MANY, dtype=bool)
    for column in range(SIZE):
        vector = np.zeros((MANY, SIZE))
        vector[:, column] = 1.0
        for factor in drawn:
            vector = (factor * vector[:, None, :]).sum(axis=2)
        reached |= (np.abs(vector) >= float(largest_printed())).any(axis=1)
    return int(reached.sum()) / MANY


@claim(
    "lyapunov-top",
    page=PAGE,
    grade=MEASURED,
    titles={
        "en": "Products of fresh matrices grow at a definite rate",
        "zh": "独立随机矩阵之积以确定的速率增长",
    },
    statement_text={
        "en": "Multiply a vector by fresh N × N matrices with independent normal entries of "
        "mean 0 and standard deviation s. The mean logarithm of its length grows by "
        "λ₁ = (ln(2 s²) + ψ(N/2))/2 a factor, ψ being the digamma function. For N = 4 and s = 1 "
        "that is (ln 2 + 1 − γ)/2, with Euler's constant γ. At s = 1/√N, where the mean square of "
        "the length is kept, λ₁ is negative.",
        "zh": "用各自独立的 N × N 矩阵（元素独立，服从均值 0、标准差 s 的正态分布）依次乘一个向量，"
        "其长度的对数每乘一个矩阵平均增加 λ₁ = (ln(2s²) + ψ(N/2))/2，ψ 为双伽玛函数。"
        "N = 4、s = 1 时即 (ln 2 + 1 − γ)/2，γ 为欧拉常数。"
        "取 s = 1/√N 时长度的均方保持不变，而 λ₁ 为负。",
    },
    assumptions={
        "en": "Normal entries; exact for every number of factors, as each turns a vector of any "
        "direction into one whose length is multiplied by s times a chi number of N degrees of "
        "freedom. Measured with s = 1 on products of 100 factors, 4000 of them for N = 2 and for "
        "N = 4, 1000 for N = 8, PCG64 with seed 1. The sign at s = 1/√N is enclosed for "
        "the same N.",
        "zh": "元素服从正态分布。对任意因子个数都精确成立：不论向量指向何方，"
        "每个因子都把它的长度乘以 s 与一个自由度为 N 的 χ 变量之积。对 N = 2、4（各 4000 "
        "个乘积）与 N = 8（1000 个），s = 1，每个乘积 100 个因子，实测；PCG64，种子 1。"
        "s = 1/√N 处的符号对同样这些 N 以区间包围判定。",
    },
    references=("forrester2015",),
)
def lyapunov_top() -> Case:
    def mean(size: int) -> Mean:
        draws, half_width = sizes[size]
        return Mean(
            exponent(1, size),
            lambda: diagonals(size, FACTORS, draws, SEED)[:, 0] / FACTORS,
            half_width,
            lambda: log_chi(size),
        )

    sizes = {2: (DRAWS, 0.006), 4: (DRAWS, 0.003), 8: (1000, 0.003)}  # draws, half-width

    means = Simulated(
        {f"N{size}": mean(size) for size in sizes},
        formula=r"\frac1n\, \mathbb{E} \ln \frac{\lVert G_n \cdots G_1 v \rVert}{\lVert v \rVert}"
        r" = \lambda_1, \\"
        r" \lambda_1 = \tfrac12 \Bigl(\ln (2 s^2) + \psi\bigl(\tfrac N2\bigr)\Bigr)",
        words="E ln |G_n ... G_1 v|/|v| = n lambda_1, lambda_1 = (ln(2 s^2) + psi(N/2))/2",
    )
    kept = {f"shrinks, N = {size}": exponent(1, size) - sp.log(size) / 2 for size in sizes}
    closed = ForAll(
        {"N = 4": equal(exponent(1), (sp.log(2) + 1 - sp.EulerGamma) / 2),
         **{name: less(rate, 0) for name, rate in kept.items()}},
        display=(r"N = 4,\, s = 1: \; \lambda_1 = \tfrac12 (\ln 2 + 1 - \gamma),",
                 r"s = \tfrac{1}{\sqrt N}: \; \lambda_1 < 0"),
        words="for N = 4, s = 1: lambda_1 = (ln 2 + 1 - gamma)/2; for s = 1/sqrt(N): lambda_1 < 0",
    )  # fmt: skip
    whole = AllOf((means, closed))

    def theory(what: Callable[[int], sp.Expr]) -> AllOf:
        return with_member(whole, means.but(**{f"N{size}": what(size) for size in sizes}))

    mistakes = [
        Mistake("the root of the mean square length", "用均方长度的平方根",
                theory(lambda size: sp.log(size) / 2)),
        Mistake("the half in front lost", "漏掉前面的 1/2",
                theory(lambda size: 2 * exponent(1, size))),
        Mistake("psi(N) in place of psi(N/2)", "ψ(N/2) 误作 ψ(N)",
                theory(lambda size: (sp.log(2) + sp.digamma(size)) / 2)),
        Mistake("ln(N/4) in place of psi(N/2)", "ψ(N/2) 误作 ln(N/4)",
                theory(lambda size: (sp.log(2) + sp.log(sp.Integer(size) / 4)) / 2)),
        Mistake("no growth at all", "以为完全不增长", theory(lambda size: sp.S.Zero)),
        Mistake("a typical length that grows where the mean square is kept",
                "以为均方不变时典型长度会增长",
                with_member(whole, closed.but(**{
                    name: less(-rate, 0) for name, rate in kept.items()}))),
        Mistake("the sign of Euler's constant", "欧拉常数的符号弄反",
                with_member(whole, closed.but(**{"N = 4": equal(
                    exponent(1), (sp.log(2) + 1 + sp.EulerGamma) / 2)}))),
    ]  # fmt: skip
    evidence = [Simulation(), identity("N = 4"), enclosure(*kept)]
    return Case(whole, evidence, mistakes, _top_values())


def _top_values() -> dict[str, Value]:
    from gradmath.dynamics import products

    top, ten = exponent(1), sp.log(10)
    logs = diagonals(SIZE, FACTORS, DRAWS, SEED)[:, 0] / float(ten)
    return {
        "rate": Value(top, digits=7),
        "factor": Value(sp.exp(top), digits=4, again=lambda: math.exp(log_chi(SIZE))),
        "decades": Value(
            FACTORS * top / ten, digits=4, again=lambda: FACTORS * log_chi(SIZE) / math.log(10)
        ),
        "measured": Value(float(logs.mean()), digits=4, again=lambda: statistics.fmean(logs)),
        "spread": Value(float(logs.std()), digits=2, again=lambda: statistics.pstdev(logs)),
        "critical": Value(
            products.critical_scale(SIZE), digits=3, again=lambda: math.exp(-log_chi(SIZE))
        ),
        "kept_square": Value(
            1 / sp.sqrt(sp.Integer(SIZE)), digits=3, again=lambda: math.sqrt(1 / SIZE)
        ),
        "at_half": Value(
            sp.exp(top - sp.log(2)), digits=3, again=lambda: math.exp(log_chi(SIZE)) / 2
        ),
        **{
            f"to_{name}": Value(
                int(sp.floor(size / top)), again=functools.partial(_factors_within, name)
            )
            for name, size in _LARGEST.items()
        },
    }  # fmt: skip


#: ln of the largest finite number of each format
_LARGEST = {
    "half": sp.log(65504),
    "single": sp.log(2**128 - 2**104),
    "double": sp.log(2**1024 - 2**971),
}


def _factors_within(name: str) -> int:
    """How many factors of the typical size stay below the largest number, counted one by one."""
    count, grown = 0, 0.0
    while grown + log_chi(SIZE) <= float(_LARGEST[name]):
        count, grown = count + 1, grown + log_chi(SIZE)
    return count
