"""How long a step of descent may be: the curvature of the loss, bounded for every weight."""

from __future__ import annotations

import functools
from collections.abc import Callable
from math import comb

import sympy as sp

from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.evidence import certificate, identity, points
from gradmath.claims.grades import PROVED
from gradmath.claims.one_neuron.descent import PAGE, entry
from gradmath.claims.relation import at_least, at_most, equal, less, unequal
from gradmath.claims.statement import ForAll
from gradmath.claims.symbols import Reals, b, sigmoid, w, x, y, z
from gradmath.claims.taylor import TaylorDescent
from gradmath.claims.values import Value
from gradmath.errors import DeclarationError

_s = sp.Symbol("s", real=True)


@functools.cache
def curvature_at_target_0() -> sp.Expr:
    """The second derivative by z of (sigmoid(z) - 0)^2, as a polynomial in s = sigmoid(z)."""
    rate = _s * (1 - _s)  # ds/dz, proved by the claim on the sigmoid's slope
    first = sp.diff(_s**2, _s) * rate
    return sp.expand(sp.diff(first, _s) * rate)


@functools.cache
def summit() -> tuple[sp.Expr, sp.Expr]:
    """Where that polynomial is largest on [0, 1], and its value there, both exact."""
    return _extreme(max)


def _extreme(pick: Callable[..., sp.Expr]) -> tuple[sp.Expr, sp.Expr]:
    curve = curvature_at_target_0()
    inner = [r for r in sp.roots(sp.diff(curve, _s), _s) if r.is_real and 0 < r < 1]
    at = pick(inner, key=lambda root: curve.subs(_s, root))
    return at, sp.radsimp(sp.expand(curve.subs(_s, at)))


def _bernstein(polynomial: sp.Poly, s: sp.Expr, rest: sp.Expr) -> sp.Expr:
    """A polynomial that is positive on [0, 1] as a sum of positive multiples of s^k rest^(n-k).

    `rest` stands for 1 - s.  The degree is raised until every coefficient is positive.
    """
    coefficients = polynomial.all_coeffs()[::-1]
    for degree in range(len(coefficients) - 1, 40):
        raised = [
            sp.Add(*(sp.Rational(comb(k, i), comb(degree, i)) * c
                     for i, c in enumerate(coefficients[: k + 1])))
            for k in range(degree + 1)
        ]  # fmt: skip
        if all(number > 0 for number in raised):
            return sp.Add(
                *(
                    comb(degree, k) * sp.radsimp(c) * s**k * rest ** (degree - k)
                    for k, c in enumerate(raised)
                )
            )
    raise DeclarationError("polynomial", got=str(polynomial), allowed="positive on [0, 1]")


def _above(polynomial: sp.Expr, at: sp.Expr, s: sp.Expr, rest: sp.Expr) -> sp.Expr:
    """A polynomial with a double zero as (s - at)^2 times one that is positive on [0, 1]."""
    square = sp.Poly((_s - at) ** 2, _s, extension=True)
    quotient, remainder = sp.div(sp.Poly(polynomial, _s, extension=True), square)
    if not remainder.is_zero:
        raise DeclarationError("at", got=str(at), allowed="a double zero of the polynomial")
    return (s - at) ** 2 * _bernstein(quotient, s, rest)


def _below_summit(s: sp.Expr, rest: sp.Expr) -> sp.Expr:
    """c - polynomial(s), manifestly non-negative."""
    at, top = summit()
    return _above(top - curvature_at_target_0(), at, s, rest)


def _above_depth(s: sp.Expr, rest: sp.Expr) -> sp.Expr:
    """polynomial(s) + c, manifestly positive: its least value is above -c."""
    at, bottom = _extreme(min)
    return _above(curvature_at_target_0() - bottom, at, s, rest) + (bottom + summit()[1])


def data_smoothness() -> sp.Expr:
    """beta for the data of the chapter's figure: c times the largest eigenvalue of the mean of
    (x_i, 1)(x_i, 1)^T, exact, since the inputs are exact binary fractions.
    """
    from gradmath.dynamics import binary, centre_ink

    data = binary("0 against 1")
    inputs = [sp.Rational(*float(v).as_integer_ratio()) for v in centre_ink(data.x)[:, 0]]
    first = sp.Add(*inputs) / len(inputs)
    second = sp.Add(*(v**2 for v in inputs)) / len(inputs)
    half_gap = (second - 1) / 2
    return summit()[1] * ((second + 1) / 2 + sp.sqrt(half_gap**2 + first**2))


def _worst_again() -> float:
    """Where the curvature is largest, by a search that knows no derivative."""
    from scipy.optimize import minimize_scalar

    curve = sp.lambdify(_s, curvature_at_target_0(), "math")
    found = minimize_scalar(lambda s: -curve(s), bounds=(0.2, 0.6), options={"xatol": 1e-9})
    near = sp.nsolve(sp.diff(curvature_at_target_0(), _s), _s, float(found.x))
    return float(near)


def _smoothness_again() -> float:
    """beta in doubles: the eigenvalue by NumPy, the curvature's bound at the place found above."""
    import numpy as np

    from gradmath.dynamics import binary, centre_ink

    x = centre_ink(binary("0 against 1").x)[:, 0]
    rows = np.column_stack([x, np.ones_like(x)])
    top = float(np.linalg.eigvalsh(rows.T @ rows / len(x))[-1])
    s = _worst_again()
    return top * 2 * s**2 * (1 - s) * (2 - 3 * s) if s else top


@claim(
    "descent-small-step",
    page=PAGE,
    grade=PROVED,
    titles={"en": "A small step lowers the loss", "zh": "步长足够小，损失必降"},
    statement_text={
        "en": "If the target lies in [0, 1], the curvature of one entry along its pre-activation "
        "never exceeds c in size; the curvature of the loss never exceeds "
        "β = c (x² + 1). From every point where the gradient is not 0, a step η with "
        "0 < η < 2/β lowers the loss.",
        "zh": "若目标位于 [0, 1]，则单个损失元素沿预激活值方向的曲率绝对值不超过 c，"
        "损失的曲率不超过 β = c (x² + 1)。只要当前梯度不为 0，满足 0 < η < 2/β "
        "的一步必使损失下降。",
    },
    assumptions={
        "en": "Proved for one sample, with η = 2t/β and 0 < t < 1, by Taylor's theorem. For n "
        "samples the Hessian is the mean of the samples' Hessians, so the same holds with "
        "β = c times the largest eigenvalue of the mean of (xᵢ, 1)(xᵢ, 1)ᵀ.",
        "zh": "对单个样本，取 η = 2t/β（0 < t < 1），由泰勒定理证明。n 个样本的 Hessian 是各样本 "
        "Hessian 的平均，故同样成立，此时 β 等于 c 乘以 (xᵢ, 1)(xᵢ, 1)ᵀ 平均值的最大特征值。",
    },
    references=("nesterov2018",),
)
def descent_small_step() -> Case:
    t = sp.Symbol("t", positive=True)
    at, c = summit()
    bend = ((sigmoid(z) - y) ** 2).diff(z, 2)
    loss, line = entry(w, b, x, y), w * x + b
    rate = ((sigmoid(z) - y) ** 2).diff(z).xreplace({z: line})
    beta = c * (x**2 + 1)

    def after(step: sp.Expr) -> sp.Expr:
        """The loss after one update with this step."""
        return entry(w - step * loss.diff(w), b - step * loss.diff(b), x, y)

    bent = bend.xreplace({z: line})
    statement = ForAll(
        {
            "curvature": at_most(bend, c),
            "curvature below": at_least(bend, -c),
            "Hessian w w": equal(loss.diff(w, 2), bent * x**2),
            "Hessian w b": equal(loss.diff(w, b), bent * x),
            "Hessian b b": equal(loss.diff(b, 2), bent),
            "falls": less(after(2 * t / beta), loss),
        },
        {
            z: Reals, w: Reals, b: Reals, x: Reals,
            y: sp.Interval(0, 1), t: sp.Interval.open(0, 1),
        },
        given=(unequal(sigmoid(line), y),),
        display=_display(),
        scope=r"0 \le y \le 1,\; \nabla l \ne 0",
        words="|d2l/dz2| <= c; the Hessian of l is d2l/dz2 [[x^2, x], [x, 1]]; "
        "l falls by a step eta against its gradient, 0 < eta < 2/beta, beta = c (x^2 + 1)",
    )  # fmt: skip
    one_plus = 1 + sp.exp(-z)
    s, rest = 1 / one_plus, sp.exp(-z) / one_plus
    residual = sp.Symbol("r", real=True, nonzero=True)
    evidence = [
        certificate(
            curvature=(1 - y) * _below_summit(s, rest) + y * _below_summit(rest, s),
            **{"curvature below": (1 - y) * _above_depth(s, rest) + y * _above_depth(rest, s)},
        ),
        identity("Hessian w w", "Hessian w b", "Hessian b b"),
        TaylorDescent(
            part="falls",
            by=t,
            outer=(sigmoid(z) - y) ** 2,
            inner=z,
            bounded="curvature",
            certificate=2 / c * rate**2 * t * (1 - t),
            nonzero={sigmoid(line) - y: residual},
        ),
        points("curvature", "curvature below", "falls"),
    ]
    gauss_newton = 2 * sigmoid(z).diff(z) ** 2
    mistakes = [
        Mistake("the curvature at the minimum taken for the largest",
                "把极小点处的曲率当作最大曲率",
                statement.but(curvature=at_most(bend, sp.Rational(1, 8)))),
        Mistake("no negative curvature", "以为没有负曲率",
                statement.but(**{"curvature below": at_least(bend, 0)})),
        Mistake("the second derivative of the sigmoid lost", "漏掉 sigmoid 的二阶导数",
                statement.but(**{"Hessian w w": equal(
                    loss.diff(w, 2), gauss_newton.xreplace({z: line}) * x**2)})),
        Mistake("the input squared in the mixed entry", "混合偏导数中误把输入平方",
                statement.but(**{"Hessian w b": equal(loss.diff(w, b), bent * x**2)})),
        Mistake("the input kept in the bias' own entry", "偏置的二阶导数误带输入",
                statement.but(**{"Hessian b b": equal(loss.diff(b, 2), bent * x)})),
        Mistake("a step below 4/beta", "步长放宽到 4/β 以下",
                statement.but(falls=less(after(4 * t / beta), loss)),
                at={w: 0, b: sp.Rational(1, 100), x: 0, y: sp.Rational(1, 2),
                    t: sp.Rational(9, 10), z: 0}),
        Mistake("the input left out of beta", "β 中漏掉输入",
                statement.but(falls=less(after(2 * t / c), loss)),
                at={w: 0, b: sp.Rational(1, 100), x: 3, y: sp.Rational(1, 2),
                    t: sp.Rational(9, 10), z: 0}),
        Mistake("a step uphill", "朝上坡方向走",
                statement.but(falls=less(after(-2 * t / beta), loss))),
    ]  # fmt: skip
    of_data = data_smoothness()
    values = {
        "c": Value(c, digits=4),
        "c_exact": Value(c),
        "worst_activation": Value(at, digits=4, again=_worst_again),
        "beta": Value(of_data, digits=4, again=_smoothness_again),
        "limit": Value(2 / of_data, digits=3, again=lambda: 2 / _smoothness_again()),
    }
    return Case(statement, evidence, mistakes, values)


def _display() -> list[str]:
    from gradmath import notation

    c = notation.latex(summit()[1])
    hessian = r"\begin{bmatrix} x^2 & x \\ x & 1 \end{bmatrix}"
    return [
        rf"\left|\frac{{\partial^2 l}}{{\partial z^2}}\right| \le c = {c},",
        rf"\nabla^2 l = \frac{{\partial^2 l}}{{\partial z^2}} {hessian},",
        r"0 < \eta < \frac{2}{\beta} \implies l(\theta - \eta \nabla l) < l(\theta),",
        r"\beta = c\,(x^2 + 1)",
    ]
