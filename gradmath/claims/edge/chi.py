"""The number chi: what a wide layer does to gradients, and to the angle between two inputs."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import sympy as sp

from gradmath.catalogue import activations
from gradmath.catalogue.applied import applied
from gradmath.catalogue.gaussian import GaussianMean, Z
from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.edge.laws import normal_mean
from gradmath.claims.evidence import identity, points
from gradmath.claims.grades import MEASURED, PROVED
from gradmath.claims.relation import equal
from gradmath.claims.simulated import Mean, Simulated, Simulation
from gradmath.claims.statement import ForAll
from gradmath.claims.symbols import Positive, Reals
from gradmath.claims.values import Value

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PAGE = "edge"
DEGREE = 4  # the slope of the map of correlations is proved for polynomials up to this degree
w2, b2 = sp.symbols("sigma_w^2 sigma_b^2", positive=True)
q = sp.Symbol("q", positive=True)
rho = sp.Symbol("rho", real=True)
coefficients = sp.symbols(f"c:{DEGREE + 1}", real=True)


def polynomial(u: sp.Expr, order: int = 0) -> sp.Expr:
    """c0 + c1 u + ... or its derivative."""
    t = sp.Dummy("t")
    whole = sp.Add(*(c * t**k for k, c in enumerate(coefficients)))
    return sp.diff(whole, t, order).subs(t, u)


def correlated() -> sp.Expr:
    """E phi(sqrt(q) Z1) phi(sqrt(q) Z2) for normal numbers with correlation rho, as a polynomial.

    Z2 = rho Z1 + sqrt(1 - rho^2) Y with an independent Y, of which only even powers count.
    """
    x, y, root = sp.symbols("x y r")
    product = polynomial(sp.sqrt(q) * x) * polynomial(sp.sqrt(q) * (rho * x + root * y))
    found = sp.Poly(normal_mean(product, [x, y]), root)
    return sp.Add(*(c * (1 - rho**2) ** (n // 2) for (n,), c in found.terms()))


@claim(
    "chi-definition",
    page=PAGE,
    grade=PROVED,
    titles={"en": "χ: one number for a layer", "zh": "χ：用一个数概括一层"},
    statement_text={
        "en": "Let q be the variance of the pre-activations, and χ = σ_w² E φ′(√q Z)². Then χ is "
        "how fast two inputs that nearly agree move apart or together: it is the slope, at perfect "
        "correlation, of the map that takes the correlation of two inputs through a layer.",
        "zh": "设 q 为预激活值的方差，χ = σ_w² E φ′(√q Z)²。那么 χ 说明两个几乎相同的输入以多快的"
        "速度分开或靠拢：它就是“输入相关系数经过一层之后变成多少”这一映射在完全相关处的斜率。",
    },
    assumptions={
        "en": "Wide layers, normal weights of variance σ_w²/n and biases of variance σ_b². Both "
        "inputs have the same q, at which the variance rests. Proved for every polynomial φ of "
        "degree at most 4; smooth activations are limits of polynomials.",
        "zh": "层足够宽，权重服从方差为 σ_w²/n 的正态分布，偏置方差为 σ_b²。两个输入的 q 相同，"
        "且方差已稳定在 q。对次数不超过 4 的任意多项式 φ 给出证明；光滑激活函数是多项式的极限。",
    },
    references=("poole2016", "schoenholz2017"),
)
def chi_definition() -> Case:
    x = sp.Symbol("x")
    covariance = w2 * correlated() + b2
    slope = sp.diff(covariance, rho).subs(rho, 1) / q

    def chi(order: int, power: int, at: sp.Expr) -> sp.Expr:
        return w2 * normal_mean(polynomial(at, order) ** power, [x])

    at = sp.sqrt(q) * x
    domain = {w2: Positive, b2: Positive, q: Positive, rho: sp.Interval(-1, 1)}
    square = normal_mean(polynomial(at) ** 2, [x])
    statement = ForAll(
        {
            "slope at 1": equal(slope, chi(1, 2, at)),
            "agreement stays": equal(covariance.subs(rho, 1), w2 * square + b2),
        },
        {**domain, **dict.fromkeys(coefficients, Reals)},
        display=(
            r"\chi = \sigma_w^2\, \mathbb{E}\left[\varphi'(\sqrt{q}\,Z)^2\right]"
            r" = \rho_{\text{next}}'(1),",
            r"\rho_{\text{next}}(\rho) = \frac{\sigma_w^2\, \mathbb{E}\left["
            r"\varphi(\sqrt{q}\,Z_1)\, \varphi(\sqrt{q}\,Z_2)\right] + \sigma_b^2}{q}",
            r"Z_1, Z_2 \sim N(0, 1) \text{ with correlation } \rho",
        ),
        scope="",
        words="chi = sigma_w^2 E phi'(sqrt(q) Z)^2 = d/drho (sigma_w^2 E phi(sqrt(q) Z1) "
        "phi(sqrt(q) Z2) + sigma_b^2)/q at rho = 1, for phi a polynomial of degree at most 4",
    )
    mistakes = [
        Mistake("the slope not squared", "斜率漏掉平方",
                statement.but(**{"slope at 1": equal(slope, chi(1, 1, at))})),
        Mistake("the slope at Z, not at √q Z", "斜率取在 Z 而不是 √q Z 处",
                statement.but(**{"slope at 1": equal(slope, chi(1, 2, x))})),
        Mistake("the value for the slope", "把函数值当成斜率",
                statement.but(**{"slope at 1": equal(slope, chi(0, 2, at))})),
        Mistake("the standard deviation of the weights for their variance",
                "用权重的标准差代替方差",
                statement.but(**{"slope at 1": equal(slope, chi(1, 2, at) / sp.sqrt(w2))})),
        Mistake("the bias forgotten where the inputs agree", "两输入相同时漏掉偏置",
                statement.but(**{"agreement stays": equal(
                    covariance.subs(rho, 1), w2 * square)})),
    ]  # fmt: skip
    return Case(statement, [identity(), points(count=12)], mistakes)


WIDTH, DRAWS, SEED = 16, 12_000, 5
#: how wide the interval around each measured mean is, fixed before the run
HALF_WIDTHS = {"tanh": 0.008, "relu": 0.01, "selu": 0.016}


@functools.cache
def _layers(activation: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    from gradmath.dynamics import cached
    from gradmath.dynamics.propagation import one_layer

    drawn = cached(one_layer)(activation, width=WIDTH, draws=DRAWS, seed=SEED)
    return drawn.forward, drawn.backward


def slope_squared(activation: str) -> sp.Expr:
    """phi'(Z)^2."""
    return applied(activations[activation])(Z).diff(Z) ** 2


def forward_theory(activation: str) -> sp.Expr:
    """chi for q = 1 and sigma_w = 1: exact at every width."""
    return GaussianMean(slope_squared(activation))


def backward_theory(activation: str, width: int = WIDTH) -> sp.Expr:
    """The same on the way back: weights along the activations are not independent of the slope."""
    share, along = sp.Rational(1, width), GaussianMean(slope_squared(activation) * Z**2)
    return (1 - share) * forward_theory(activation) + share * along


def _again(activation: str, share: float) -> float:
    """The same by SciPy's quadrature, with slopes and constants written by hand."""
    import numpy as np
    from scipy.integrate import quad

    alpha, scale = 1.67326324235437728, 1.05070098735548049  # as Klambauer et al. print them
    right = {"tanh": lambda t: np.cosh(t) ** -2, "relu": lambda t: 1.0, "selu": lambda t: scale}
    left = {
        "tanh": lambda t: np.cosh(t) ** -2,
        "relu": lambda t: 0.0,
        "selu": lambda t: scale * alpha * np.exp(t),
    }

    def density(t: float) -> float:
        weight = np.exp(-(t**2) / 2) / np.sqrt(2 * np.pi)
        return float(weight * ((1 - share) + share * t**2))

    halves = (
        quad(lambda t: left[activation](t) ** 2 * density(t), -12, 0, epsabs=1e-12)[0],
        quad(lambda t: right[activation](t) ** 2 * density(t), 0, 12, epsabs=1e-12)[0],
    )
    return float(sum(halves))


def _part(activation: str, way: int) -> Mean:
    theory = (forward_theory, backward_theory)[way](activation)
    share = (0.0, 1 / WIDTH)[way]
    return Mean(
        theory,
        lambda: _layers(activation)[way],
        HALF_WIDTHS[activation],
        again=lambda: _again(activation, share),
    )


@claim(
    "chi-measured",
    page=PAGE,
    grade=MEASURED,
    titles={"en": "χ, measured in narrow layers", "zh": "在窄层中实测 χ"},
    statement_text={
        "en": "One random layer multiplies the mean square of a small change of its input, at "
        "right angles to the input, by exactly χ, however narrow the layer. On the way back a "
        "gradient's mean square is multiplied by χ up to a correction that falls like 1/width.",
        "zh": "对输入作与其垂直的微小改变，随机的一层把这一改变的均方恰好乘以 χ，无论该层多窄。"
        "反向传播时，梯度的均方乘以 χ，另有一个按 1/宽度 减小的修正。",
    },
    assumptions={
        "en": f"Square layers of width {WIDTH}, weights normal with variance 1/{WIDTH}, no bias, "
        f"pre-activations of variance 1; the signal on the way back has independent random signs. "
        f"{DRAWS} layers for each activation, PCG64 with the seed {SEED}. Half-widths: "
        f"{HALF_WIDTHS['tanh']} for tanh, {HALF_WIDTHS['relu']} for ReLU, {HALF_WIDTHS['selu']} "
        "for SELU.",
        "zh": f"宽度为 {WIDTH} 的方形层，权重服从方差为 1/{WIDTH} 的正态分布，无偏置，"
        f"预激活值方差为 1；反向信号各分量取独立的随机符号。每个激活函数抽取 {DRAWS} 层，PCG64，"
        f"种子 {SEED}。半宽：tanh {HALF_WIDTHS['tanh']}，ReLU {HALF_WIDTHS['relu']}，"
        f"SELU {HALF_WIDTHS['selu']}。",
    },
)
def chi_measured() -> Case:
    parts = {}
    for name in HALF_WIDTHS:
        parts[f"{name}_forward"], parts[f"{name}_backward"] = _part(name, 0), _part(name, 1)
    statement = Simulated(
        parts,
        formula=r"\begin{gathered}\mathbb{E}\,\lVert J v \rVert^2 = \chi \;\; (v \perp a),"
        r" \\[0.6ex] \mathbb{E}\,\lVert J^{\mathsf T} u \rVert^2 = \left(1 - \tfrac1n\right) \chi"
        r" + \tfrac1n\, \sigma_w^2\, \mathbb{E}\left[Z^2 \varphi'(\sqrt{q} Z)^2\right]"
        r" \\[0.6ex] \lVert u \rVert = \lVert v \rVert = 1\end{gathered}",
        words="E |J v|^2 = chi for v at right angles to a; E |J^T u|^2 = (1 - 1/n) chi + "
        "1/n sigma_w^2 E Z^2 phi'(sqrt(q) Z)^2",
    )
    mistakes = [
        Mistake("no correction for the width, for tanh", "tanh 漏掉宽度修正",
                statement.but(tanh_backward=forward_theory("tanh"))),
        Mistake("tanh's mean slope, not squared", "tanh 的斜率漏掉平方",
                statement.but(tanh_forward=GaussianMean(
                    applied(activations["tanh"])(Z).diff(Z)))),
        Mistake("ReLU loses nothing", "误以为 ReLU 毫无损失",
                statement.but(relu_forward=sp.S.One, relu_backward=sp.S.One)),
        Mistake("SELU keeps gradients as it keeps values", "误以为 SELU 像保持函数值那样保持梯度",
                statement.but(selu_forward=sp.S.One, selu_backward=sp.S.One)),
    ]  # fmt: skip
    values = {
        "width": Value(WIDTH),
        "tanh": Value(forward_theory("tanh"), digits=4),
        "tanh_measured": Value(float(_layers("tanh")[0].mean()), digits=4),
        "selu": Value(forward_theory("selu"), digits=4),
        "selu_measured": Value(float(_layers("selu")[0].mean()), digits=4),
    }
    return Case(statement, [Simulation()], mistakes, values)
