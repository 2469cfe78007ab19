"""Slopes that never amplify, and the closed forms of the sharpest bends."""

from __future__ import annotations

import sympy as sp

from gradmath import notation
from gradmath.catalogue import activations
from gradmath.catalogue.applied import applied
from gradmath.claims.again import slope_at
from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.enclosed import on_whole_domain
from gradmath.claims.evidence import identity
from gradmath.claims.grades import PROVED
from gradmath.claims.relation import at_least, at_most, equal
from gradmath.claims.statement import ForAll
from gradmath.claims.symbols import Reals, sigmoid, tanh, z
from gradmath.claims.values import Value

PAGE = "catalogue"
HAIR = sp.Rational(1, 10**12)

#: the activations that rise nowhere faster than the identity, and fall nowhere
GENTLE = (
    "sigmoid", "tanh", "relu", "leaky_relu", "elu", "celu", "softplus", "hard_sigmoid",
    "hard_tanh", "relu6", "softsign", "log_sigmoid",
)  # fmt: skip


@claim(
    "slopes-that-never-amplify",
    page=PAGE,
    grade=PROVED,
    titles={"en": "Slopes that never amplify", "zh": "从不放大的斜率"},
    statement_text={
        "en": "For these twelve activations the slope lies between 0 and 1 for every z, however "
        "large: a layer passes on at most what it receives.",
        "zh": "对这十二个激活函数，无论 z 多大，斜率总在 0 与 1 之间："
        "一层传回的信号不会多于它收到的。",
    },
    assumptions={
        "en": "z is any real number; parameters have their defaults. At a kink the slope is the "
        "one that we return.",
        "zh": "z 为任意实数；参数取默认值。在折点处，斜率取我们返回的值。",
    },
)
def slopes_that_never_amplify() -> Case:
    slopes = {name: applied(activations[name])(z).diff(z) for name in GENTLE}
    below = {f"{name}: at most 1": at_most(slope, 1) for name, slope in slopes.items()}
    above = {f"{name}: at least 0": at_least(slope, 0) for name, slope in slopes.items()}
    shown = [rf"0 \le {notation.latex(slope)} \le 1" for slope in slopes.values()]
    statement = ForAll(
        {**above, **below},
        {z: Reals},
        display=[r",\quad ".join(shown[n : n + 2]) for n in range(0, len(shown), 2)],
        words="for all z: 0 <= f'(z) <= 1 for f = " + ", ".join(GENTLE),
    )
    mistakes = [
        Mistake(
            "at most 1/4, as for the sigmoid",
            "误以为都像 sigmoid 那样至多 1/4",
            statement.but(**{n: at_most(r.left, sp.Rational(1, 4)) for n, r in below.items()
                             if not n.startswith(("sigmoid", "hard_sigmoid"))}),
        ),
        Mistake(
            "a hair less than what is reached or approached",
            "上界少了一丝",
            statement.but(**{n: at_most(r.left, _greatest(n) - HAIR) for n, r in below.items()}),
        ),
        Mistake(
            "never flat",
            "误以为处处不平坦",
            statement.but(**{n: at_least(r.left, HAIR if not n.startswith("leaky") else 1)
                             for n, r in above.items()}),
        ),
    ]  # fmt: skip
    return Case(statement, [on_whole_domain()], mistakes)


def _greatest(part: str) -> sp.Expr:
    """The greatest slope, for the mistake that states a little less."""
    named = {"sigmoid": sp.Rational(1, 4), "hard_sigmoid": sp.Rational(1, 6)}
    return named.get(part.split(":")[0], sp.S.One)


def _steepest_bend() -> float:
    """Where the sigmoid's third derivative is 0 on the right, by Brent's method on the series."""
    from scipy.optimize import brentq

    def third(at: float) -> float:
        return float(slope_at(sigmoid(z), z, {z: sp.Rational(at)}, 3))

    return float(brentq(third, 1.0, 2.0, xtol=1e-13))


@claim(
    "sharpest-bends",
    page=PAGE,
    grade=PROVED,
    titles={"en": "The sharpest bends of sigmoid and tanh", "zh": "sigmoid 与 tanh 的最大弯曲"},
    statement_text={
        "en": "The second derivative of the sigmoid lies between −√3/18 and √3/18, that of tanh "
        "between −4√3/9 and 4√3/9, and these bounds are reached.",
        "zh": "sigmoid 的二阶导数介于 −√3/18 与 √3/18 之间，tanh 的介于 −4√3/9 与 4√3/9 之间，"
        "这些界都能取到。",
    },
    assumptions={
        "en": "z is any real number. The bounds are reached at z = ∓log(2 + √3) for the sigmoid "
        "and at half of that for tanh.",
        "zh": "z 为任意实数。sigmoid 在 z = ∓log(2 + √3) 处取到，tanh 在其一半处取到。",
    },
)
def sharpest_bends() -> Case:
    place = sp.log(2 + sp.sqrt(3))
    bends = {
        "sigmoid": (sigmoid, sp.sqrt(3) / 18, place),
        "tanh": (tanh, 4 * sp.sqrt(3) / 9, place / 2),
    }
    parts = {}
    for name, (f, bound, at) in bends.items():
        bend = f(z).diff(z, 2)
        parts[f"{name}: at most"] = at_most(bend, bound)
        parts[f"{name}: at least"] = at_least(bend, -bound)
        parts[f"{name}: top"] = equal(bend.subs(z, -at), bound)
        parts[f"{name}: bottom"] = equal(bend.subs(z, at), -bound)
    bounds = [name for name in parts if "at " in name]
    reached = [name for name in parts if "at " not in name]
    statement = ForAll(
        parts,
        {z: Reals},
        display=(
            r"|\sigma''(z)| \le \tfrac{\sqrt3}{18}, \qquad"
            r" \sigma''\left(\mp\log(2 + \sqrt3)\right) = \pm\tfrac{\sqrt3}{18}",
            r"|\tanh''(z)| \le \tfrac{4\sqrt3}{9}, \qquad"
            r" \tanh''\left(\mp\tfrac12\log(2 + \sqrt3)\right) = \pm\tfrac{4\sqrt3}{9}",
        ),
        words="for all z: |sigmoid''(z)| <= sqrt(3)/18 and |tanh''(z)| <= 4 sqrt(3)/9, with "
        "equality at z = -+log(2 + sqrt(3)) and at half of it",
    )
    near = sp.Rational(round(float(place) * 10**9), 10**9)
    of_sigmoid, of_tanh = (f(z).diff(z, 2) for f in (sigmoid, tanh))
    top, tanh_top = sp.sqrt(3) / 18, 4 * sp.sqrt(3) / 9
    mistakes = [
        Mistake(
            "a hair less than the sigmoid's bound",
            "sigmoid 的上界少了一丝",
            statement.but(**{"sigmoid: at most": at_most(of_sigmoid, top - HAIR)}),
            {z: -near},
        ),
        Mistake(
            "a hair more than the sigmoid's lower bound",
            "sigmoid 的下界多了一丝",
            statement.but(**{"sigmoid: at least": at_least(of_sigmoid, HAIR - top)}),
            {z: near},
        ),
        Mistake(
            "the sigmoid's bounds for tanh, which is four times as steep",
            "把 sigmoid 的界用于 tanh",
            statement.but(**{
                "tanh: at most": at_most(of_tanh, top), "tanh: at least": at_least(of_tanh, -top),
            }),
        ),
        Mistake(
            "reached at ∓log 2",
            "误以为在 ∓log 2 处取到",
            statement.but(**{
                "sigmoid: top": equal(of_sigmoid.subs(z, -sp.log(2)), top),
                "sigmoid: bottom": equal(of_sigmoid.subs(z, sp.log(2)), -top),
            }),
        ),
        Mistake(
            "tanh bends most where the sigmoid does",
            "误以为 tanh 与 sigmoid 在同一处弯曲最大",
            statement.but(**{
                "tanh: top": equal(of_tanh.subs(z, -place), tanh_top),
                "tanh: bottom": equal(of_tanh.subs(z, place), -tanh_top),
            }),
        ),
    ]  # fmt: skip
    touching = [sign * part for part in (place, place / 2) for sign in (1, -1)]
    evidence = [on_whole_domain(*bounds, touching=touching), identity(*reached)]
    values = {
        "sigmoid": Value(top, digits=6),
        "tanh": Value(tanh_top, digits=6),
        "place": Value(place, digits=6, again=_steepest_bend),
    }
    return Case(statement, evidence, mistakes, values)
